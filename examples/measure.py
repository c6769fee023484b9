"""Print the figures of docs/results.md that `tridigit benchmark` does not print, one line each.

    python examples/measure.py MNIST_NPZ NAME...

NAME is mnist, crops, accept, start, speed or memory; with files that environment variables name, public (TRIPLE_MNIST),
usps (USPS: x_test (n, 16, 16) uint8 and y_test), traces (TRACES: as docs/training.md says) or development (DEVELOPMENT:
one or more with encoded images end to end in `data`, `offsets` and `numbers`). Needs `pip install '.[dev]'`.
"""

import os
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import psutil

from classifier.cascade import Cascade
from classifier.data.mnist import load_mnist
from classifier.data.triple_mnist import make_triples
from classifier.data.writers import load_traces
from classifier.runtime import WEIGHTS, Runtime
from classifier.train.card import share
from pipeline import NumberReader
from pipeline.readers import SHIPPED, WAYS
from pipeline.synth.conditions import compose
from pipeline.synth.glyphs import draw_strokes
from pipeline.synth.no_number import no_numbers
from segmenter import mnist_crop

MNIST = load_mnist(sys.argv[1])
READ = ["tridigit", "read"]
FRESH = (
    "triple_mnist", "spaced", "touching", "overlapping_10", "overlapping_25", "in_printed_boxes", "on_lit_paper",
)  # fmt: skip


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


def usps():
    """Digits of other writers: scans of American envelopes, of which no network was trained on these."""
    with np.load(os.environ["USPS"]) as arrays:
        x, y = arrays["x_test"], arrays["y_test"]
    large = [np.pad(cv2.resize(image, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC), 6) for image in x]
    print("USPS test, digit accuracy:", share(digits_read(large) == y))


def traces():
    """Digits of 14 writers on a tablet, of whom no network saw any, drawn with a pen of a tenth of their height."""
    drawn = [
        (draw_strokes(strokes, 48, 4.8), digit)
        for digit, found in load_traces(os.environ["TRACES"], "test").items()
        for strokes in found
    ]
    inks, labels = zip(*drawn, strict=True)
    print("pen traces of the test writers, digit accuracy:", share(digits_read(inks) == np.array(labels)))


def digits_read(inks):
    """What the digit network of the package, with the one asked second, makes of single digits of any size."""
    network = Cascade.of_package(SHIPPED["classifier"], threads=2)
    return network.predict_proba(np.stack([mnist_crop(ink) for ink in inks])).argmax(axis=1)


def development():
    """Exact match on sets of images that no network was trained on."""
    for path in os.environ["DEVELOPMENT"].split(os.pathsep):
        with np.load(path, allow_pickle=False) as arrays:
            data, ends, numbers = arrays["data"], arrays["offsets"], arrays["numbers"]
        images = [data[a:b].tobytes() for a, b in pairwise(ends)]
        for reader in WAYS:
            found = NumberReader.pretrained(reader=reader, threads=2).predict(images)
            print(f"{Path(path).stem}, {reader}: exact match {share(found == numbers)}")


def accept():
    """What is accepted of 20,000 fields of test digits, and of 1,000 images that show no three-digit number."""
    reader = NumberReader.pretrained(threads=2)
    n, right = -(-20_000 // len(FRESH)), []
    for k, condition in enumerate(FRESH):
        images, numbers, _ = compose(MNIST.x_test, MNIST.y_test, n, condition=condition, seed=1000 + k)
        readings = zip(reader.read_many(images), numbers, strict=True)
        theirs = [reading.number == number for reading, number in readings if reading.status == "accept"]
        print(f"{condition}: accepted {len(theirs) / n:.1%} of {n:,}, wrong among them {len(theirs) - sum(theirs)}")
        right += theirs
    print(f"accepted {share(right)} right, {len(right) / (n * len(FRESH)):.1%} of {n * len(FRESH):,} accepted")
    silent = [reading.status == "accept" for reading in reader.read_many(no_numbers(MNIST.x_test, 1000, seed=1))]
    print(f"accepted of 1,000 images without a three-digit number: {sum(silent)}")


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
    measures = {f.__name__: f for f in (mnist, crops, public, usps, traces, development, accept, start, speed, memory)}
    for name in sys.argv[2:]:
        measures[name]()
