"""Compose the sample fields of examples/images from MNIST's validation digits.

    python examples/make_samples.py [MNIST_NPZ]

Each file is named by its condition and its number; labels.csv lists them all.
"""

import csv
import sys
from pathlib import Path

import cv2

from classifier.data.mnist import load_mnist
from pipeline.synth.conditions import compose

SHOWN = ("triple_mnist", "spaced", "touching", "on_lit_paper", "in_printed_boxes")
EACH = 6
folder = Path(__file__).parent / "images"
mnist = load_mnist(sys.argv[1] if len(sys.argv) > 1 else None)
rows = []
for seed, condition in enumerate(SHOWN):
    images, numbers, _ = compose(mnist.x_val, mnist.y_val, EACH, condition=condition, seed=seed)
    for image, number in zip(images, numbers, strict=True):
        name = f"{condition}-{number}.png"
        cv2.imwrite(str(folder / name), image)
        rows.append((f"images/{name}", number))
with (folder.parent / "labels.csv").open("w", newline="") as file:
    csv.writer(file).writerows([("path", "number"), *sorted(rows)])
