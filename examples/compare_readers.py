"""Compare the two readers on labelled images of your own.

    python examples/compare_readers.py [FOLDER_OR_TABLE]

FOLDER has one folder for each number (427/a.png); TABLE is a CSV file with the columns path and number. Without
either, the sample fields. `tridigit benchmark --data` does the same and writes a report.
"""

import sys
from pathlib import Path

import numpy as np

from pipeline import NumberReader
from pipeline.batch.labelled import load_labelled
from pipeline.benchmark import metrics

SAMPLES = Path(__file__).parent / "labels.csv"
files = load_labelled(sys.argv[1] if len(sys.argv) > 1 else SAMPLES)
for split, labelled in files.items():
    for path, why in labelled.skipped:
        print(f"skipped {path}: {why}")
    numbers = {}
    for name in ("segmented", "whole"):
        readings = list(NumberReader.pretrained(reader=name).read_many(labelled.paths))
        numbers[name] = np.array([reading.number for reading in readings])
        accepted = np.array([reading.status == "accept" for reading in readings])
        wrong = int((accepted & (numbers[name] != labelled.numbers)).sum())
        print(
            f"{split}, {name}: exact match {metrics.exact_match(labelled.numbers, numbers[name])}, digit accuracy "
            f"{metrics.digit_accuracy(labelled.numbers, numbers[name])}, accepted {accepted.mean():.1%}, {wrong} wrong"
        )
    segmented, whole = (found == labelled.numbers for found in numbers.values())
    only = f"only segmented {(segmented & ~whole).sum()}, only whole {(whole & ~segmented).sum()}"
    print(f"{split}: both right {(segmented & whole).sum()}, {only}, neither {(~segmented & ~whole).sum()}")
