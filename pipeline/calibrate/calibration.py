"""Labelled images -> a profile: how the readers are weighed, what their confidence means, what `accept` promises."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from pipeline.decision.confidence import features
from pipeline.decision.decide import Views, is_sure, judge, may_be_accepted, numbers_of
from pipeline.decision.fusion import Weights, fuse
from pipeline.decision.profile import Acceptance, Confidence, Profile

if TYPE_CHECKING:
    from pipeline.reader import NumberReader

READERS = ("segmented", "whole", "fused")
# Fewer images than this refine a profile, since they cannot make one.
ENOUGH = 2000
# What a profile that is refined weighs in the fit of the weights and in that of the confidence, in images.
PRIOR, PRIOR_CONFIDENCE = 200, 10
# Inverse strength of the regularisation of the confidence.
C = 10.0
BATCH = 64


def look_at(reader: NumberReader, images: Iterable[Any]) -> Views:
    """What both networks of a fused reader see of images that are read one batch at a time."""
    stream, seen = iter(images), list[Views]()
    while batch := list(islice(stream, BATCH)):
        seen.append(reader.views([reader.segment(image) for image in batch], ask_all=True)[0])
    return Views.join(seen)


def calibrate(views: Views, numbers: NDArray[np.str_], *, made_from: str, start: Profile | None = None) -> Profile:
    """Fit weights and confidence on every second labelled image; measure on the others what a confidence promises.

    Parameters
    ----------
    views : Views
        Of both readers on every image; see :func:`look_at`.
    numbers : (n,) str
        The true numbers; '' where an image shows none.
    made_from : str
        The images, in words.
    start : Profile, optional
        What fewer than :data:`ENOUGH` images refine; of more, those of which a reader misreads none.

    Raises
    ------
    ValueError
        If there is no start and all images, or none, are read right.
    """
    fitted_on = np.arange(len(numbers)) % 2 == 0
    refined = start if len(numbers) < ENOUGH else None
    shown = fitted_on & (numbers != "")
    weights = fit_weights(views.take(shown), numbers[shown], start=refined.weights if refined else None)
    seen = {reader: seen_by(reader, views) for reader in READERS}
    every = {reader: views.take(np.full(len(numbers), True), only=reader) for reader in READERS}
    confidence = {
        reader: fit_confidence(
            every[reader].take(fitted_on),
            numbers[fitted_on],
            weights,
            start=start.confidence[reader] if start else None,
            enough=refined is None,
        )
        for reader in READERS
    }
    fitted, acceptance = Profile(made_from, weights, confidence, {}), {}
    for reader in READERS:
        probabilities, sure = judge(seen[reader], fitted)
        right = numbers_of(probabilities) == numbers
        measured = ~fitted_on & may_be_accepted(seen[reader], probabilities)
        acceptance[reader] = Acceptance.measured(sure[measured], right[measured], of=int((~fitted_on).sum()))
    return Profile(made_from, weights, confidence, acceptance)


def fit_weights(views: Views, numbers: NDArray[np.str_], *, start: Weights | None = None) -> Weights:
    """Exponents of the opinion pool, 0 or more, under which the true numbers are most probable."""
    segmented, whole = views.together()
    truth = np.array([[int(c) for c in number] for number in numbers])[:, :, None]
    first = np.array(astuple(start or Weights())).ravel()
    pull = PRIOR / len(numbers) if start else 0.0

    def loss(exponents: NDArray[np.float64]) -> float:
        p = fuse(segmented, whole, _weights(exponents))
        surprise = -np.log(np.take_along_axis(p, truth, axis=2) + 1e-12).sum(axis=1).mean()
        return float(surprise + pull * np.square(exponents - first).sum())

    return _weights(minimize(loss, first, method="L-BFGS-B", bounds=[(0.0, None)] * len(first)).x)


def _weights(exponents: NDArray[np.float64]) -> Weights:
    a, b, c, d, e, f = exponents.tolist()
    return Weights((a, b), (c, d), (e, f))


def fit_confidence(
    views: Views,
    numbers: NDArray[np.str_],
    weights: Weights,
    *,
    start: Confidence | None = None,
    enough: bool = False,
) -> Confidence:
    """Logistic regression of whether the number is right.

    Of a start only slope and intercept are fitted, unless there are ``enough`` images, right ones and wrong ones.
    """
    segmented, whole = views.together()
    probabilities = fuse(segmented, whole, weights)
    right = numbers_of(probabilities) == numbers
    evidence = features(probabilities, segmented, whole, views.left_out)
    one_sided = right.all() or not right.any()
    if start is not None and (one_sided or not enough):
        return _rescaled(start, evidence, right)
    if one_sided:
        raise ValueError(f"Some readings should be right and some wrong. Received: {right.sum()} of {len(right)}.")
    return Confidence(*fit_logistic(evidence, right))


def fit_logistic(
    x: NDArray[np.float64], outcome: NDArray[np.bool_], weight: NDArray[np.float64] | None = None
) -> tuple[float, tuple[float, ...]]:
    """Intercept and coefficients of a logistic regression, as scikit-learn's with the same ``C``.

    Written out, so that ``tridigit calibrate`` needs nothing that reading does not need.

    Parameters
    ----------
    x : (n, k) float
    outcome : (n,) bool
    weight : (n,) float, optional
        How many images a row stands for.
    """
    weight = np.ones(len(x)) if weight is None else weight
    sign = np.where(outcome, 1.0, -1.0)

    def loss(beta: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = sign * (beta[0] + x @ beta[1:])
        pull = -weight * sign * expit(-margin)
        value = weight @ np.logaddexp(0, -margin) + beta[1:] @ beta[1:] / (2 * C)
        slope = np.concatenate([[pull.sum()], x.T @ pull + beta[1:] / C])
        return value / weight.sum(), slope / weight.sum()

    options = {"maxiter": 5000, "gtol": 1e-8, "ftol": 1e-14}
    intercept, *coefficients = minimize(
        loss, np.zeros(x.shape[1] + 1), jac=True, method="L-BFGS-B", options=options
    ).x.tolist()
    return intercept, tuple(coefficients)


def _rescaled(start: Confidence, evidence: NDArray[np.float64], right: NDArray[np.bool_]) -> Confidence:
    """Platt's scaling (1999) of a start, as if some images more had turned out as it expects."""
    expected, n = start(evidence), len(right)
    more = PRIOR_CONFIDENCE / n
    weight = np.concatenate([np.ones(n), more * expected, more * (1 - expected)])
    outcome = np.concatenate([right, np.full(n, True), np.full(n, False)])
    intercept, (slope,) = fit_logistic(np.tile(start.logit(evidence), 3)[:, None], outcome, weight)
    slope = max(slope, 0.0)
    return Confidence(intercept + slope * start.intercept, tuple(slope * c for c in start.coefficients))


def seen_by(reader: str, views: Views) -> Views:
    """What a reader would have asked for, of the evidence of both."""
    if reader != "fused":
        return views.take(np.full(len(views), True), only=reader)
    whole = [None if a is not None and is_sure(a) else b for a, b in zip(views.segmented, views.whole, strict=True)]
    return Views(views.segmented, whole, views.left_out)
