"""The evidence of several sources -> probabilities of every digit at every position."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pipeline.decision.evidence import Evidence

# Under every probability, so that no source alone can rule a digit out.
FLOOR = 1e-4
# The segmented reader's certainty under which its cuts are doubtful.
DOUBTFUL = 0.5
KINDS = ("clean", "cut", "doubtful")


@dataclass(frozen=True)
class Exponents:
    """Exponents of the sources' probabilities (logarithmic opinion pool: Genest & Zidek, 1986).

    Source -> exponent, for fields on which the segmented reader had nothing to cut, for those that it cut, and for
    those of which its cuts are doubtful.
    """

    clean: Mapping[str, float] = field(default_factory=lambda: {"segmented": 0.5, "field": 0.7, "whole": 0.3})
    cut: Mapping[str, float] = field(default_factory=lambda: {"segmented": 0.4, "field": 0.7, "whole": 0.6})
    doubtful: Mapping[str, float] = field(default_factory=lambda: {"segmented": 0.1, "field": 0.8, "whole": 0.6})

    def table(self, sources: Iterable[str]) -> NDArray[np.float64]:
        """(3, k) of these sources; a row for each of :data:`KINDS`."""
        names = list(sources)
        return np.array([[getattr(self, kind)[name] for name in names] for kind in KINDS], float)

    @classmethod
    def from_table(cls, table: NDArray[np.float64], sources: Iterable[str]) -> Exponents:
        names = list(sources)
        return cls(*(dict(zip(names, row, strict=True)) for row in table.tolist()))


def fuse(evidence: Mapping[str, Sequence[Evidence]], exponents: Exponents) -> NDArray[np.float64]:
    """Pool the evidence of two or more sources.

    Parameters
    ----------
    evidence : mapping
        Source -> evidence of n images.

    Returns
    -------
    (n, 3, 10) float64
        Rows sum to 1.
    """
    return pool(log_probabilities(evidence), exponents.table(evidence)[kinds_of(evidence)])


def log_probabilities(evidence: Mapping[str, Sequence[Evidence]]) -> NDArray[np.float64]:
    """What each of k sources says of n images, (n, k, 3, 10)."""
    said = np.stack([[one.probabilities for one in of_source] for of_source in evidence.values()], axis=1)
    return np.asarray(np.log(said + FLOOR), float)


def pool(logs: NDArray[np.float64], exponents: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logarithmic probabilities (n, k, 3, 10) and exponents (n, k) -> (n, 3, 10), rows summing to 1."""
    weighed = np.einsum("nk,nkpd->npd", exponents, logs)
    pooled = np.exp(weighed - weighed.max(axis=2, keepdims=True))
    return np.asarray(pooled / pooled.sum(axis=2, keepdims=True))


def kinds_of(evidence: Mapping[str, Sequence[Evidence]]) -> NDArray[np.intp]:
    """(n,) index into :data:`KINDS`; what nobody segmented counts as clean."""
    segmented = evidence.get("segmented") or next(iter(evidence.values()))
    certainty = np.array([one.certainty for one in segmented])
    return np.where(certainty == 1, 0, np.where(certainty < DOUBTFUL, 2, 1))
