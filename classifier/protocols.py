"""Triple MNIST, the public way and without the leak: which digits and which numbers each split may use."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike

import numpy as np
from numpy.typing import NDArray

from classifier.datasets import Mnist, load_arrays

SIDE, SIZE = 84, 28
SPLITS = ("train", "val", "test")
PROTOCOLS = ("leak-free", "pooled")


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


def split_numbers() -> dict[str, list[str]]:
    """The 1,000 numbers in the public generator's split: 640 for training, 160 for validation, 200 for test.

    See https://github.com/shaohua0116/MultiDigitMNIST, random seed 123.
    """
    numbers = [f"{i:03d}" for i in range(1000)]
    np.random.RandomState(123).shuffle(numbers)
    return {"train": numbers[:640], "val": numbers[640:800], "test": numbers[800:]}


def make_triples(mnist: Mnist, protocol: str, *, per_number: int, seed: int = 0) -> dict[str, Triples]:
    """Compose the three splits of Triple MNIST.

    Parameters
    ----------
    mnist : Mnist
    protocol : {'leak-free', 'pooled'}
        ``pooled`` draws the digits of every split from all 70,000, as the public generator does.
        ``leak-free`` draws them from MNIST's training digits, its validation part, and its test digits.
    per_number : int
        Images of each number.
    seed : int
        Fixes every image.
    """
    if protocol not in PROTOCOLS:
        raise ValueError(f"`protocol` should be one of {PROTOCOLS}. Received: {protocol!r}.")
    pools = {
        "train": np.arange(len(mnist.x_train)),
        "val": len(mnist.x_train) + np.arange(len(mnist.x_val)),
        "test": len(mnist.x_train) + len(mnist.x_val) + np.arange(len(mnist.x_test)),
    }
    if protocol == "pooled":
        pools = dict.fromkeys(SPLITS, np.concatenate(list(pools.values())))
    rng = np.random.default_rng(seed)
    return {split: _draw(mnist, pools[split], numbers, per_number, rng) for split, numbers in split_numbers().items()}


def _draw(
    mnist: Mnist, pool: NDArray[np.intp], numbers: list[str], per_number: int, rng: np.random.Generator
) -> Triples:
    x, y = all_digits(mnist)
    labels = np.array([list(map(int, number)) for number in np.repeat(numbers, per_number)]).reshape(-1, 3)
    indices = np.empty(labels.shape, np.intp)
    for digit in range(10):
        wanted = labels == digit
        indices[wanted] = rng.choice(pool[y[pool] == digit], int(wanted.sum()))
    images = np.zeros((len(labels), SIDE, SIDE), np.uint8)
    tops = rng.integers(0, SIDE - SIZE, labels.shape)  # the public generator leaves the last row out, too
    for image, digits, rows in zip(images, x[indices], tops, strict=True):
        for k, (digit, row) in enumerate(zip(digits, rows, strict=True)):
            image[row : row + SIZE, SIZE * k : SIZE * (k + 1)] = digit
    return Triples(images, np.repeat(numbers, per_number), indices)


def all_digits(mnist: Mnist) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """MNIST's 70,000 digits and labels, training, validation, test."""
    return (
        np.concatenate([mnist.x_train, mnist.x_val, mnist.x_test]),
        np.concatenate([mnist.y_train, mnist.y_val, mnist.y_test]),
    )


def load_triples(path: str | PathLike[str]) -> dict[str, Triples]:
    """Load Triple MNIST from an ``.npz`` with x, y and mnist_index of train, val and test.

    Raises
    ------
    OSError, ValueError
        If the file cannot be read or lacks an array.
    """
    arrays = load_arrays(path, [f"{kind}_{split}" for split in SPLITS for kind in ("x", "y", "mnist_index")])
    return {
        split: Triples(
            arrays[f"x_{split}"],
            np.array(["".join(map(str, row)) for row in arrays[f"y_{split}"].tolist()], dtype="<U3"),
            arrays[f"mnist_index_{split}"].astype(np.intp),
        )
        for split in SPLITS
    }


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
