"""Print the README's figures that `tridigit benchmark` does not print, one line each.

    python examples/measure.py MNIST_NPZ NAME...

NAME is mnist, crops, start, speed, memory, or public (the file that TRIPLE_MNIST names). Needs `pip install '.[dev]'`.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
import psutil

from classifier.card import share
from classifier.datasets import load_mnist
from classifier.protocols import make_triples
from classifier.runtime import WEIGHTS, Runtime
from pipeline.conditions import compose
from segmenter import mnist_crop

MNIST = load_mnist(sys.argv[1])
READ = ["tridigit", "read"]


def mnist():
    network = Runtime(WEIGHTS / "cnn_digit_classifier.onnx", threads=2)
    print("MNIST test, digit accuracy:", share(network.predict_proba(MNIST.x_test).argmax(axis=1) == MNIST.y_test))


def crops():
    network = Runtime(WEIGHTS / "cnn_digit_classifier.onnx", threads=2)
    rng = np.random.default_rng(0)
    again = np.empty_like(MNIST.x_test)
    for k, digit in enumerate(MNIST.x_test):
        page = np.zeros((60, 60), np.uint8)
        top, left = rng.integers(0, 33, 2)
        page[top : top + 28, left : left + 28] = digit
        again[k] = mnist_crop(page)
    kept = network.predict_proba(again).argmax(axis=1) == network.predict_proba(MNIST.x_test).argmax(axis=1)
    difference = np.abs(again.astype(int) - MNIST.x_test).mean()
    print(f"re-padded MNIST test digits: label kept {share(kept)}, mean absolute difference {difference:.3f} of 255")


def public():
    """Are the composed pooled images the public ones? Their file has x and mnist_index of train, val and test."""
    path = os.environ["TRIPLE_MNIST"]
    composed = make_triples(MNIST, "pooled")
    with np.load(path) as arrays:
        for split, triples in composed.items():
            at = {tuple(row): k for k, row in enumerate(triples.indices.tolist())}
            found = [at.get(tuple(row), -1) for row in arrays[f"mnist_index_{split}"].tolist()]
            images = arrays[f"x_{split}"]
            same = [k >= 0 and np.array_equal(triples.images[k], x) for k, x in zip(found, images, strict=True)]
            print(f"public Triple MNIST, {split}: {share(same)} of the images composed again pixel for pixel")


def write_fields(folder, n):
    images, numbers, _ = compose(MNIST.x_val, MNIST.y_val, n, condition="triple_mnist", seed=1)
    for k, (image, number) in enumerate(zip(images, numbers, strict=True)):
        cv2.imwrite(f"{folder}/{k:05d}-{number}.png", image)


def run(folder):
    """Wall time of the command in seconds and the greatest memory of all its processes together, in MB."""
    started = time.perf_counter()
    process = psutil.Popen([*READ, str(folder), "-o", str(Path(folder) / "out.csv")])
    peak = 0
    while process.poll() is None:
        try:
            family = [process, *process.children(recursive=True)]
            peak = max(peak, sum(p.memory_full_info().pss for p in family))
        except psutil.Error:
            pass  # a process ended between the two calls
        time.sleep(0.05)
    return time.perf_counter() - started, peak / 1e6


def start():
    with tempfile.TemporaryDirectory() as folder:
        write_fields(folder, 1)
        seconds = []
        for _ in range(5):
            began = time.perf_counter()
            subprocess.run([*READ, folder], stdout=subprocess.DEVNULL, check=True)
            seconds.append(time.perf_counter() - began)
        print(f"one field, cold start to answer: median {np.median(seconds):.2f} s of {len(seconds)}")


def speed():
    with tempfile.TemporaryDirectory() as folder:
        write_fields(folder, 10_000)
        for _ in range(3):
            seconds, memory = run(folder)
            print(f"10,000 PNG fields of 84x84: {10_000 / seconds:,.0f} images/s, peak memory {memory:.0f} MB")


def memory():
    with tempfile.TemporaryDirectory() as folder:
        write_fields(folder, 50_000)
        seconds, peak = run(folder)
        print(f"50,000 PNG fields of 84x84: {50_000 / seconds:,.0f} images/s, peak memory {peak:.0f} MB")


if __name__ == "__main__":
    measures = {f.__name__: f for f in (mnist, crops, public, start, speed, memory)}
    for name in sys.argv[2:]:
        measures[name]()
