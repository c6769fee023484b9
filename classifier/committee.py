"""Several networks for one task -> one: the others are asked where the first doubts."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class Network(Protocol):
    """The runtime, or a fitted estimator of this package."""

    def predict_proba(self, images: NDArray[np.uint8]) -> NDArray[np.float32]: ...


class Committee:
    """Networks of which the first answers alone unless it doubts; then the mean of all counts.

    Networks trained in different ways seldom fail on the same image, and few images are in doubt, so that a
    committee costs little more than its first member (cascades of ensembles: Wang et al., "Wisdom of committees",
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
            raise ValueError("A committee should have at least one network. Received: none.")
        self.networks, self.doubted_below = networks, doubted_below

    def __repr__(self) -> str:
        return f"Committee({', '.join(map(repr, self.networks))}, doubted_below={self.doubted_below})"

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
