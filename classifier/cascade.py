"""A network that doubts -> a surer answer: other networks, or shifted views of its image, are asked as well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

# Product of the three highest probabilities below which a canvas is read again, and the shift in pixels.
DOUBTED_BELOW = 0.95
SHIFT = 3
VIEWS = ((0, -SHIFT), (0, SHIFT), (-SHIFT, 0), (SHIFT, 0))
Predict = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


class Network(Protocol):
    """The runtime, or a fitted estimator of this package."""

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

    def predict_proba(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Probabilities of a batch of images, of the shape that the networks give, (n, …, 10) float32."""
        first, *others = self.networks
        probabilities = np.array(first.predict_proba(images))
        doubted = _certainty(probabilities) < self.doubted_below
        if others and doubted.any():
            answers: list[Any] = [network.predict_proba(images[doubted]) for network in others]
            probabilities[doubted] = np.mean([probabilities[doubted], *answers], axis=0)
        return probabilities


def _certainty(probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n,) probability of the most probable answer, its positions taken as independent."""
    best = probabilities.max(axis=-1)
    return np.asarray(best.prod(axis=tuple(range(1, best.ndim))))


def predict_with_views(predict_proba: Predict, canvases: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Probabilities of canvases; where they are low, the mean over the canvas and four shifts of it.

    A network that reduces its image early answers a little differently for every shift, most of all
    where digits touch (test-time augmentation: Krizhevsky, Sutskever & Hinton, "ImageNet
    classification with deep convolutional neural networks", 2012, section 4.1).

    Parameters
    ----------
    predict_proba : callable
        Canvases -> probabilities (n, 3, 10).
    canvases : (n, 84, 84) uint8
        See :func:`segmenter.fit_canvas`.

    Returns
    -------
    (n, 3, 10) float32
    """
    probabilities = np.array(predict_proba(canvases))
    doubted = probabilities.max(axis=2).prod(axis=1) < DOUBTED_BELOW
    if doubted.any():
        views = [predict_proba(_shifted(canvases[doubted], *view)) for view in VIEWS]
        probabilities[doubted] = np.mean([probabilities[doubted], *views], axis=0)
    return probabilities


def _shifted(canvases: NDArray[np.uint8], down: int, right: int) -> NDArray[np.uint8]:
    """Canvases moved by so many pixels; what leaves them is lost."""
    _, height, width = canvases.shape
    padded = np.pad(canvases, ((0, 0), (SHIFT, SHIFT), (SHIFT, SHIFT)))
    return padded[:, SHIFT - down :, SHIFT - right :][:, :height, :width]
