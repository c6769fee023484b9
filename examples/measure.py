"""Print the figures of the README, one line each.

    python examples/measure.py MNIST_NPZ [mnist] [crops] [triple] [conditions] [start] [speed] [memory]

Without names, all of them. Needs `pip install '.[dev]'`.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
import psutil

from classifier.datasets import load_mnist
from classifier.runtime import WEIGHTS, Runtime
from pipeline import NumberReader
from pipeline.conditions import CONDITIONS, compose
from segmenter import mnist_crop

MNIST = load_mnist(sys.argv[1])
READ = ["tridigit", "read"]


def share(right):
    """'99.60% (1,992 of 2,000)'."""
    return f"{np.mean(right):.2%} ({int(np.sum(right)):,} of {len(right):,})"


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


def exact_match(condition, n=2000):
    images, numbers, _ = compose(MNIST.x_test, MNIST.y_test, n, condition=condition, seed=2026)
    readings = list(NumberReader.pretrained(threads=2).read_many(images))
    right = np.array([reading.number == number for reading, number in zip(readings, numbers, strict=True)])
    accepted = np.array([reading.status == "accept" for reading in readings])
    wrong = int((accepted & ~right).sum())
    print(f"{condition}, exact match: {share(right)}; accepted {accepted.mean():.1%}, {wrong} of them wrong")


def triple():
    exact_match("triple_mnist")


def conditions():
    for condition in [name for name in CONDITIONS if name != "triple_mnist"]:
        exact_match(condition)


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
    measures = {f.__name__: f for f in (mnist, crops, triple, conditions, start, speed, memory)}
    for name in sys.argv[2:] or measures:
        measures[name]()
