"""Triple MNIST, the public way and without the leak: which digits and which numbers each split may use.

The public generator is https://github.com/shaohua0116/MultiDigitMNIST. It pools MNIST's training and
test digits before it splits by number, so that most digits of its test images occur in training, too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.data.mnist import Mnist

SIDE, SIZE = 84, 28
SPLITS = ("train", "val", "test")
PROTOCOLS = ("leak-free", "pooled")
SEED = 123  # the public generator's


@dataclass(frozen=True)
class Triples:
    """One split of Triple MNIST.

    Attributes
    ----------
    images : (n, 84, 84) uint8
        Ink bright on 0; digits in columns 0, 28 and 56.
    numbers : (n,) str
        Three digits each.
    indices : (n, 3) int
        Each digit's index in MNIST: 0-59,999 training, 60,000-69,999 test.
    """

    images: NDArray[np.uint8]
    numbers: NDArray[np.str_]
    indices: NDArray[np.intp]


def split_numbers(seed: int = SEED) -> dict[str, list[str]]:
    """The 1,000 numbers: 640 for training, 160 for validation, 200 for test; by default the public split."""
    numbers = [f"{i:03d}" for i in range(1000)]
    np.random.RandomState(seed).shuffle(numbers)
    return {"train": numbers[:640], "val": numbers[640:800], "test": numbers[800:]}


def make_triples(mnist: Mnist, protocol: str, *, per_number: int = 100, seed: int = SEED) -> dict[str, Triples]:
    """Compose the three splits of Triple MNIST.

    Parameters
    ----------
    mnist : Mnist
    protocol : {'leak-free', 'pooled'}
        ``pooled`` draws the digits of every split from all 70,000. With the default ``per_number`` and
        ``seed`` these are the public images, pixel for pixel (of which one is missing in the files
        that go around). ``leak-free`` draws them from MNIST's training digits, its validation part,
        and its test digits.
    per_number : int
        Images of each number.
    seed : int
        Fixes the split of the numbers and every image.
    """
    if protocol not in PROTOCOLS:
        raise ValueError(f"`protocol` should be one of {PROTOCOLS}. Received: {protocol!r}.")
    if per_number < 1:
        raise ValueError(f"`per_number` should be at least 1. Received: {per_number}.")
    x, y = all_digits(mnist)
    train, val = len(mnist.x_train), len(mnist.x_train) + len(mnist.x_val)
    pools = {"train": slice(0, train), "val": slice(train, val), "test": slice(val, len(x))}
    if protocol == "pooled":
        pools = dict.fromkeys(SPLITS, slice(0, len(x)))
    rng = np.random.RandomState(seed)
    return {
        split: _draw(x, y, pools[split], np.repeat(numbers, per_number), rng)
        for split, numbers in split_numbers(seed).items()
    }


def _draw(
    x: NDArray[np.uint8], y: NDArray[np.uint8], pool: slice, numbers: NDArray[np.str_], rng: np.random.RandomState
) -> Triples:
    """Images of ``numbers``, drawn in the order of the public generator: three digits, then their three rows."""
    of_digit = [pool.start + np.flatnonzero(y[pool] == digit) for digit in range(10)]
    images = np.zeros((len(numbers), SIDE, SIDE), np.uint8)
    indices = np.empty((len(numbers), 3), np.intp)
    for k, number in enumerate(numbers):
        indices[k] = [rng.choice(of_digit[int(digit)]) for digit in number]
        tops = rng.randint(SIDE - SIZE, size=3)
        for j, (index, top) in enumerate(zip(indices[k], tops, strict=True)):
            images[k, top : top + SIZE, SIZE * j : SIZE * (j + 1)] = x[index]
    return Triples(images, numbers, indices)


def all_digits(mnist: Mnist) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """MNIST's 70,000 digits and labels: training, validation, test."""
    return (
        np.concatenate([mnist.x_train, mnist.x_val, mnist.x_test]),
        np.concatenate([mnist.y_train, mnist.y_val, mnist.y_test]),
    )


@dataclass(frozen=True)
class Overlap:
    """How much of a test split a network has seen in training.

    Attributes
    ----------
    digits, digits_seen : int
        Different digit images in the test split; those of them in the training split, too.
    images, images_seen : int
        Test images; those with at least one digit image that the training split has, too.
    images_all_seen : int
        Those of which all three are.
    """

    digits: int
    digits_seen: int
    images: int
    images_seen: int
    images_all_seen: int


def count_overlap(train: Triples, test: Triples) -> Overlap:
    """Count the digit images that a test split shares with the training split."""
    seen = np.isin(test.indices, train.indices)
    digits = np.unique(test.indices)
    return Overlap(
        len(digits),
        int(np.isin(digits, train.indices).sum()),
        len(seen),
        int(seen.any(axis=1).sum()),
        int(seen.all(axis=1).sum()),
    )
