"""MNIST and Triple MNIST -> the digits and canvases that a training learns from and is measured on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from classifier.data.mnist import Mnist
from classifier.data.triple_mnist import Triples, all_digits
from classifier.labels import NumberEncoder
from classifier.train.canvases import Composer


def composed(x: NDArray, y: NDArray, numbers: list[str], n: int) -> tuple[NDArray[np.uint8], NDArray[np.str_]]:
    """Canvases of these numbers, the digits as they are."""
    canvases, targets = Composer(x, y, numbers=numbers, strength=0).compose(n, np.random.default_rng(0))
    return canvases.astype(np.uint8), NumberEncoder().inverse_transform(targets)


def joined(a: Sequence[NDArray], b: Sequence[NDArray]) -> tuple[NDArray, NDArray]:
    """Images and labels of both."""
    return np.concatenate([a[0], b[0]]), np.concatenate([a[1], b[1]])


def digits_of(triples: Triples, mnist: Mnist) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The different digits that occur in these images."""
    x, y = all_digits(mnist)
    used = np.unique(triples.indices)
    return x[used], y[used]


def every(triples: Triples, n: int) -> tuple[NDArray[np.uint8], NDArray[np.str_]]:
    """About ``n`` of these images, of all numbers."""
    step = max(1, len(triples.images) // n)
    return triples.images[::step], triples.numbers[::step]
