"""Read labelled fields of a table and list what needs a look.

    python examples/read_folder.py [LABELS]

LABELS is a CSV file with the columns path (from the file's folder) and number.
"""

import csv
import sys
import time
from collections import Counter
from pathlib import Path

from pipeline import NumberReader

labels = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "labels.csv"

with labels.open(newline="", encoding="utf-8-sig") as file:
    truth = {row["path"]: row["number"] for row in csv.DictReader(file)}

reader = NumberReader.pretrained()
began = time.perf_counter()
outcome: Counter[tuple[str, str]] = Counter()
for name, reading in zip(truth, reader.read_many(labels.parent / name for name in truth), strict=True):
    right = reading.number == truth[name]
    outcome[reading.status, "right" if right else "wrong"] += 1
    if not right:
        print(f"{name}: read {reading.number or '-'} ({reading.status}: {reading.reason})")
for (status, verdict), count in sorted(outcome.items()):
    print(f"{status:10} {verdict:5} {count}")
print(f"{len(truth)} files read in {time.perf_counter() - began:.1f} s", file=sys.stderr)
