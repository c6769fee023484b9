"""The evidence of both readers -> probabilities of every digit at every position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.evidence import Evidence

# Under every probability, so that no reader alone can rule a digit out.
FLOOR = 1e-4


@dataclass(frozen=True)
class Weights:
    """Exponents of the readers' probabilities (logarithmic opinion pool: Genest & Zidek, 1986).

    A pair for fields on which the segmented reader had nothing to cut, and a pair for those on
    which it had; ``certainty`` is the exponent of its certainty, by which its probabilities are drawn towards
    uniform ones.
    """

    clean: tuple[float, float] = (0.67, 0.46)
    cut: tuple[float, float] = (0.57, 0.94)
    certainty: float = 0.64


def fuse(
    segmented: Sequence[Evidence] | None, whole: Sequence[Evidence] | None, weights: Weights
) -> NDArray[np.float64]:
    """Probabilities (n, 3, 10) of the readers together, rows summing to 1; of one reader its own."""
    if segmented is None or whole is None:
        alone = np.stack([view.probabilities for view in (segmented or whole or ())]).astype(float)
        return np.asarray(alone / alone.sum(axis=2, keepdims=True))
    certainty = np.array([view.certainty for view in segmented])[:, None, None]
    clean, trust = certainty == 1.0, certainty**weights.certainty
    drawn = trust * np.stack([view.probabilities for view in segmented]) + (1 - trust) / 10
    a, b = (np.where(clean, of_clean, of_cut) for of_clean, of_cut in zip(weights.clean, weights.cut, strict=True))
    logs = a * np.log(drawn + FLOOR) + b * np.log(np.stack([view.probabilities for view in whole]) + FLOOR)
    pooled = np.exp(logs - logs.max(axis=2, keepdims=True))
    return np.asarray(pooled / pooled.sum(axis=2, keepdims=True))
