"""The evidence of both readers -> probabilities of every digit at every position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.decision.evidence import Evidence

# Under every probability, so that no reader alone can rule a digit out.
FLOOR = 1e-4
# The segmented reader's certainty under which its cuts are doubtful.
DOUBTFUL = 0.5


@dataclass(frozen=True)
class Weights:
    """Exponents of the readers' probabilities (logarithmic opinion pool: Genest & Zidek, 1986).

    A pair, of the segmented and the whole-image reader, for fields on which the segmented one had nothing to cut, one
    for those that it cut, and one for those of which its cuts are doubtful.
    """

    clean: tuple[float, float] = (0.67, 0.46)
    cut: tuple[float, float] = (0.6, 0.9)
    doubtful: tuple[float, float] = (0.3, 1.0)


def fuse(
    segmented: Sequence[Evidence] | None, whole: Sequence[Evidence] | None, weights: Weights
) -> NDArray[np.float64]:
    """Probabilities (n, 3, 10) of the readers together, rows summing to 1; of one reader its own."""
    if segmented is None or whole is None:
        alone = np.stack([view.probabilities for view in (segmented or whole or ())]).astype(float)
        return np.asarray(alone / alone.sum(axis=2, keepdims=True))
    certainty = np.array([view.certainty for view in segmented])[:, None]
    pairs = np.where(certainty == 1, weights.clean, np.where(certainty < DOUBTFUL, weights.doubtful, weights.cut))
    views = np.stack([[view.probabilities for view in reader] for reader in (segmented, whole)], axis=1)
    logs = (pairs[:, :, None, None] * np.log(views + FLOOR)).sum(axis=1)
    pooled = np.exp(logs - logs.max(axis=2, keepdims=True))
    return np.asarray(pooled / pooled.sum(axis=2, keepdims=True))
