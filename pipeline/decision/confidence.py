"""Evidence -> the few numbers that confidence is judged by -> the probability that the number is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.decision.evidence import Evidence
from pipeline.readers import SOURCES

NAMES = ("all", *SOURCES, "certainty", "count", "plain", "agree", "other_count", "left_out")
# Whether a feature may only raise the confidence, or only lower it: what speaks against a number in itself must not
# speak for it because of the company that it keeps in the images that were fitted on.
SIGNS = tuple(-1 if name in ("other_count", "left_out") else 1 for name in NAMES)
# Nothing is more certain than this.
LEAST_PROBABILITY = 1e-4


@dataclass(frozen=True)
class Confidence:
    """Logistic regression from evidence to the probability that the whole number is right.

    ``coefficients`` belong to the features of :func:`confidence_features`, in their order.
    """

    intercept: float
    coefficients: tuple[float, ...]

    def logit(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, k) features -> (n,) log-odds."""
        return np.asarray(features @ np.array(self.coefficients) + self.intercept)

    def __call__(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, k) features -> (n,) probabilities."""
        return np.asarray(1 / (1 + np.exp(-(features @ np.array(self.coefficients) + self.intercept))))


def confidence_features(
    probabilities: NDArray[np.float64], evidence: Mapping[str, Sequence[Evidence]], left_out: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """(n, k) features of a batch, in the order of :data:`NAMES`.

    Logits of the probability that all sources together and each of them give the number; the logarithms
    of the segmented reader's certainty, of the field reader's, and of the probability that it sees no other writing;
    whether all give the same number, whether the segmented reader sees another count,
    whether there may be more than the number. A source that was not asked says nothing: its features are 0.
    """
    n, best = len(probabilities), probabilities.argmax(axis=2)[:, :, None]
    columns = [_logit(probabilities.max(axis=2).prod(axis=1))]
    for source in SOURCES:
        if source in evidence:
            own = np.stack([one.probabilities for one in evidence[source]])
            columns.append(_logit(np.take_along_axis(own, best, axis=2)[:, :, 0].prod(axis=1)))
        else:
            columns.append(np.zeros(n))
    segmented = evidence.get("segmented")
    certainty = np.array([one.certainty for one in segmented]) if segmented else np.ones(n)
    agree = [len({one.number for one in of_image}) == 1 for of_image in zip(*evidence.values(), strict=True)]
    fields = evidence.get("field", ())
    count = np.array([one.certainty for one in fields]) if fields else np.ones(n)
    plain = np.array([one.plain for one in fields]) if fields else np.ones(n)
    logs = [np.log(p + LEAST_PROBABILITY) for p in (certainty, count, plain)]
    return np.column_stack([*columns, *logs, np.array(agree), certainty == 0, left_out]).astype(float)


def _logit(p: NDArray[np.float64]) -> NDArray[np.float64]:
    p = np.clip(p, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY)
    return np.asarray(np.log(p / (1 - p)))
