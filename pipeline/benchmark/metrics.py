"""Truth and answers -> the figures of a benchmark, each with its name and its interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binomtest
from sklearn.metrics import brier_score_loss, confusion_matrix, precision_recall_fscore_support

from classifier.number_format import FORMAT

BINS = 15  # of the calibration error, as many as Guo et al. take
# In place of the digits of a number that was not read.
NONE = 10


@dataclass(frozen=True)
class Share:
    """``right`` of ``n``, with the 95% Wilson score interval (Wilson, 1927)."""

    right: int
    n: int

    @property
    def value(self) -> float:
        return self.right / self.n

    @property
    def interval(self) -> tuple[float, float]:
        found = binomtest(self.right, self.n).proportion_ci(method="wilson")
        return float(found.low), float(found.high)

    def __str__(self) -> str:
        """'99.05% (98.53–99.39)'."""
        low, high = self.interval
        return f"{self.value:.2%} ({low * 100:.2f}–{high * 100:.2f})"

    def as_dict(self) -> dict[str, Any]:
        low, high = self.interval
        return {"value": self.value, "right": self.right, "n": self.n, "low": low, "high": high}


def exact_match(truth: ArrayLike, numbers: ArrayLike) -> Share:
    """Share of the images whose whole number is right."""
    right = np.asarray(truth) == np.asarray(numbers)
    return Share(int(right.sum()), len(right))


def digit_accuracy(truth: ArrayLike, numbers: ArrayLike) -> Share:
    """Share of the single digits that are right; an image that was not read has three wrong ones.

    The digits of one image are not independent, so its interval is a little too narrow.
    """
    right = digits_of(truth) == digits_of(numbers)
    return Share(int(right.sum()), right.size)


def digits_of(numbers: ArrayLike) -> NDArray[np.int_]:
    """(n,) numbers -> (n, 3) digits; 10 where a number is ''."""
    rows = [
        [int(c) for c in number] if number else [NONE] * FORMAT.positions for number in np.asarray(numbers).tolist()
    ]
    return np.array(rows, int).reshape(-1, FORMAT.positions)


def confusion(truth: ArrayLike, numbers: ArrayLike) -> NDArray[np.int_]:
    """(10, 11) counts of single digits: rows are the truth, the last column is "not read"."""
    found = confusion_matrix(digits_of(truth).ravel(), digits_of(numbers).ravel(), labels=range(NONE + 1))
    return np.asarray(found[:NONE])


def precision_recall_f1(truth: ArrayLike, numbers: ArrayLike) -> dict[str, dict[str, float]]:
    """Precision, recall and F1 over the digits that occur: macro, micro, and macro at each position.

    What was not read lowers recall and leaves precision alone: digits never read have none.
    """
    true, found = digits_of(truth), digits_of(numbers)
    scores = {"macro": _scores(true, found, "macro"), "micro": _scores(true, found, "micro")}
    return scores | {f"position {k + 1}": _scores(true[:, k], found[:, k], "macro") for k in range(FORMAT.positions)}


def _scores(true: NDArray[np.int_], found: NDArray[np.int_], average: str) -> dict[str, float]:
    labels = np.setdiff1d(np.union1d(true, found), [NONE])
    scores = precision_recall_fscore_support(
        true.ravel(), found.ravel(), labels=labels, average=average, zero_division=np.nan
    )
    # Nothing was read at all: there is no precision to speak of.
    return {
        name: float(np.nan_to_num(score)) for name, score in zip(("precision", "recall", "f1"), scores[:3], strict=True)
    }


def risk_coverage(confidence: ArrayLike, right: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Risk-coverage curve: how often the answers are wrong if only the most confident are taken.

    Geifman & El-Yaniv, "Selective classification for deep neural networks", 2017.

    Parameters
    ----------
    confidence : (n,) float
        Of each answer.
    right : (n,) bool
        Whether it is right.

    Returns
    -------
    coverage, risk : (k,) float
        Share of the answers taken, and share of these that is wrong: a point for each confidence that occurs, from
        the most to the least confident. Answers of one confidence are taken together.

    Examples
    --------
    >>> coverage, risk = risk_coverage([0.9, 0.8, 0.8, 0.3], [True, True, False, False])
    >>> coverage.tolist(), risk.round(2).tolist()
    ([0.25, 0.75, 1.0], [0.0, 0.33, 0.5])
    """
    confidence, right = np.asarray(confidence, float), np.asarray(right, bool)
    order = np.argsort(-confidence)
    taken = 1 + np.flatnonzero(np.diff(confidence[order], append=-np.inf))
    wrong = np.cumsum(~right[order])[taken - 1]
    return taken / len(order), wrong / taken


def area_under_risk_coverage(confidence: ArrayLike, right: ArrayLike) -> float:
    """Mean risk over all coverages, in [0, 1]; 0 if all is right.

    Geifman, Uziel & El-Yaniv, "Bias-reduced uncertainty estimation for deep neural classifiers", 2019.
    """
    coverage, risk = risk_coverage(confidence, right)
    return float((np.diff(coverage, prepend=0) * risk).sum())


def expected_calibration_error(confidence: ArrayLike, right: ArrayLike, bins: int = BINS) -> float:
    """Mean distance between confidence and share of right answers, over bins of the same width, in [0, 1].

    Guo, Pleiss, Sun & Weinberger, "On calibration of modern neural networks", 2017. Every bin counts by its answers;
    chance alone keeps it above 0.
    """
    confidence, right = np.asarray(confidence, float), np.asarray(right, bool)
    found = np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], confidence)  # a bin includes its upper end
    excess = np.bincount(found, weights=confidence - right, minlength=bins)
    return float(np.abs(excess).sum() / len(confidence))


def brier_score(confidence: ArrayLike, right: ArrayLike) -> float:
    """Mean squared distance between confidence and 1 for a right answer, 0 for a wrong one (Brier, 1950)."""
    return float(brier_score_loss(np.asarray(right, bool), np.asarray(confidence, float)))
