"""Read a folder of fields and compare with its labels.

    python examples/read_folder.py [FOLDER] [LABELS]

LABELS is a CSV file with the columns path and number.
"""

import csv
import sys
from collections import Counter
from pathlib import Path

from pipeline import NumberReader

here = Path(__file__).parent
folder = Path(sys.argv[1]) if len(sys.argv) > 1 else here / "images"
labels = Path(sys.argv[2]) if len(sys.argv) > 2 else here / "labels.csv"

with labels.open(newline="") as file:
    truth = {row["path"]: row["number"] for row in csv.DictReader(file)}

reader = NumberReader.pretrained()
outcome: Counter[tuple[str, str]] = Counter()
for name, reading in zip(truth, reader.read_many(folder / name for name in truth), strict=True):
    right = reading.number == truth[name]
    outcome[reading.status, "right" if right else "wrong"] += 1
    if not right:
        print(f"{name}: read {reading.number or '-'} ({reading.status}: {reading.reason})")
for (status, verdict), count in sorted(outcome.items()):
    print(f"{status:10} {verdict:5} {count}")
