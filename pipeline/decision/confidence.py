"""Evidence -> the few numbers that confidence is judged by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.decision.evidence import Evidence

NAMES = ("all", "segmented", "whole", "certainty", "agree", "other_count", "left_out")
# Nothing is more certain than this.
LEAST_PROBABILITY = 1e-4


def confidence_features(
    probabilities: NDArray[np.float64],
    segmented: Sequence[Evidence] | None,
    whole: Sequence[Evidence] | None,
    left_out: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """(n, 7) features of a batch, in the order of :data:`NAMES`.

    Logits of the probability that all readers together, the segmented one and the whole-image one give the
    number; the logarithm of the segmented reader's certainty; whether both give the same number, whether the
    segmented reader sees another count, whether ink beside the number was left out. A reader that was not asked
    says nothing: its features are 0.
    """
    n, best = len(probabilities), probabilities.argmax(axis=2)[:, :, None]
    columns = [_logit(probabilities.max(axis=2).prod(axis=1))]
    for views in (segmented, whole):
        if views is None:
            columns.append(np.zeros(n))
        else:
            own = np.stack([view.probabilities for view in views])
            columns.append(_logit(np.take_along_axis(own, best, axis=2)[:, :, 0].prod(axis=1)))
    certainty = np.array([view.certainty for view in segmented]) if segmented else np.ones(n)
    agree = np.ones(n)
    if segmented and whole:
        agree = np.array([float(a.number == b.number) for a, b in zip(segmented, whole, strict=True)])
    return np.column_stack([*columns, np.log(certainty + LEAST_PROBABILITY), agree, certainty == 0, left_out]).astype(
        float
    )


def _logit(p: NDArray[np.float64]) -> NDArray[np.float64]:
    p = np.clip(p, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY)
    return np.asarray(np.log(p / (1 - p)))
