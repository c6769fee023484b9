"""What a reader answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product

import numpy as np
from numpy.typing import NDArray

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Digit:
    """One digit of a reading.

    Attributes
    ----------
    value : int
        0-9.
    probability : float
        The classifier's probability of ``value``.
    box : (left, top, right, bottom) or None
        Pixels of the original image, right and bottom exclusive. None if the reader looked at the
        whole image.
    candidate : int or None
        Which candidate of the segmentation it is.
    """

    value: int
    probability: float
    box: Box | None = None
    candidate: int | None = None


@dataclass(frozen=True, eq=False)
class Reading:
    """A number and how sure the reader is of it.

    Attributes
    ----------
    number : str
        Three digits, leading zeros kept; '' if the image is unreadable.
    status : {'accept', 'review', 'unreadable'}
        Whether the number can be taken, needs a look, or was not found.
    reason : str
        Why it is not accepted; '' if it is.
    confidence : float
        In [0, 1]; how far to trust the whole number.
    digits : tuple of Digit
        Left to right; empty if the image is unreadable.
    probabilities : (3, 10) float32
        Probabilities of every digit at every position; (0, 10) if the image is unreadable.
    by_reader : mapping
        The number that each reader gave.
    """

    number: str
    status: str
    reason: str
    confidence: float
    digits: tuple[Digit, ...] = ()
    probabilities: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 10), np.float32), repr=False)
    by_reader: Mapping[str, str] = field(default_factory=dict)

    def alternatives(self, k: int = 3) -> list[tuple[str, float]]:
        """The ``k`` most probable numbers on the same cut with their confidence, the best first."""
        if not self.digits:
            return []
        likely = np.argsort(-self.probabilities, axis=1)[:, : k + 1]
        certainty = self.confidence / float(np.prod(self.probabilities.max(axis=1)))
        numbers = [
            (
                "".join(map(str, values)),
                certainty * float(np.prod(self.probabilities[range(len(values)), list(values)])),
            )
            for values in product(*likely)
        ]
        return sorted(numbers, key=lambda pair: -pair[1])[:k]
