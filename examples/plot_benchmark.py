"""Plot the accuracy by condition of a benchmark.

python examples/plot_benchmark.py RESULTS_JSON PICTURE [READER...]
"""

import json
import sys
from pathlib import Path

from pipeline.benchmark import figures

if len(sys.argv) < 3:
    sys.exit(__doc__)
source, picture, *readers = sys.argv[1:]
results = json.loads(Path(source).read_text())["results"]
shown = [r for r in results if r["kind"] != "protocol" and (not readers or r["reader"] in readers)]
figures.accuracy_by_kind(shown).savefig(picture, dpi=110)
