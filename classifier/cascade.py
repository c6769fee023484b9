"""A network that doubts -> a surer answer: other networks, or shifts of its canvas, are asked as well."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from classifier.runtime import Runtime

# Product of the three highest probabilities below which a canvas is read again, and the shift in pixels.
SHIFTED_BELOW = 0.95
SHIFT = 3
SHIFTS = ((0, -SHIFT), (0, SHIFT), (-SHIFT, 0), (SHIFT, 0))
Predict = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


class Network(Protocol):
    """Anything that gives probabilities: the runtime, a cascade, or a fitted estimator of this package."""

    def predict_proba(self, images: NDArray[np.uint8]) -> NDArray[np.float32]: ...


class Cascade:
    """Networks of which the first answers alone unless it doubts; then the mean of all counts.

    Networks trained in different ways seldom fail on the same image, and few images are in doubt, so that a
    cascade costs little more than its first member (cascades of ensembles: Wang et al., "Wisdom of committees",
    2022).

    Parameters
    ----------
    *networks : objects with ``predict_proba``
        For the same images, with probabilities of the same shape.
    doubted_below : float
        Product of the highest probabilities at each position below which the others are asked.
    """

    def __init__(self, *networks: Network, doubted_below: float = 0.9):
        if not networks:
            raise ValueError("A cascade should have at least one network. Received: none.")
        self.networks, self.doubted_below = networks, doubted_below

    def __repr__(self) -> str:
        return f"Cascade({', '.join(map(repr, self.networks))}, doubted_below={self.doubted_below})"

    @classmethod
    def of_package(cls, names: Sequence[str], *, threads: int = 1) -> Cascade:
        """Networks that come with the package, by the names of their weights."""
        return cls(*(Runtime.of_package(name, threads=threads) for name in names))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the weights; empty if those of a network are not the package's."""
        names = [getattr(network, "names", ()) for network in self.networks]
        return tuple(name for of_one in names for name in of_one) if all(names) else ()

    def predict_proba(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Probabilities of a batch of images, of the shape that the networks give, (n, …, 10) float32."""
        first, *others = (network.predict_proba for network in self.networks)
        return _asked_again(first, others, images, below=self.doubted_below)


def predict_shifted(network: Network, canvases: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Probabilities of canvases; where they are low, the mean over the canvas and four shifts of it.

    A network that reduces its image early answers a little differently for every shift, most of all
    where digits touch (test-time augmentation: Krizhevsky, Sutskever & Hinton, "ImageNet
    classification with deep convolutional neural networks", 2012, section 4.1).

    Parameters
    ----------
    network : object with ``predict_proba``
        Canvases -> probabilities (n, 3, 10).
    canvases : (n, 84, 84) uint8
        See :func:`segmenter.fit_canvas`.

    Returns
    -------
    (n, 3, 10) float32
    """
    shifts: list[Predict] = [partial(_predict_one_shift, network, shift) for shift in SHIFTS]
    return _asked_again(network.predict_proba, shifts, canvases, below=SHIFTED_BELOW)


def _asked_again(
    first: Predict, others: Sequence[Predict], images: NDArray[np.uint8], *, below: float
) -> NDArray[np.float32]:
    """The first answer; the mean of it and the others where its certainty, of all positions together, is lower."""
    probabilities = np.array(first(images))
    best = probabilities.max(axis=-1)
    doubted = best.prod(axis=tuple(range(1, best.ndim))) < below
    if others and doubted.any():
        answers: list[Any] = [predict(images[doubted]) for predict in others]
        probabilities[doubted] = np.mean([probabilities[doubted], *answers], axis=0)
    return probabilities


def _predict_one_shift(network: Network, shift: tuple[int, int], canvases: NDArray[np.uint8]) -> NDArray[np.float32]:
    return network.predict_proba(_shifted(canvases, *shift))


def _shifted(canvases: NDArray[np.uint8], down: int, right: int) -> NDArray[np.uint8]:
    """Canvases moved by so many pixels; what leaves them is lost."""
    _, height, width = canvases.shape
    padded = np.pad(canvases, ((0, 0), (SHIFT, SHIFT), (SHIFT, SHIFT)))
    return padded[:, SHIFT - down :, SHIFT - right :][:, :height, :width]
