"""Labelled images -> a profile: how the readers are weighed, what their confidence means, what `accept` promises."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from pipeline.decision.confidence import Confidence, confidence_features
from pipeline.decision.decide import Opinions, is_sure, judge, may_be_accepted, numbers_of, together, weigh
from pipeline.decision.fusion import Exponents, fuse
from pipeline.decision.profile import Acceptance, Profile
from pipeline.readers import ASKED, WAYS, Weights, key_of

if TYPE_CHECKING:
    from pipeline.reader import NumberReader

# Fewer images than this refine a profile, since they cannot make one.
ENOUGH = 2000
# What a profile that is refined weighs in the fit of the exponents and in that of the confidence, in images.
PRIOR, PRIOR_CONFIDENCE = 200, 10
# Inverse strength of the regularisation of the confidence.
C = 10.0
BATCH = 64


def opinions_on(images: Iterable[Any], reader: NumberReader) -> Opinions:
    """What all networks of a fused reader say of images that are read one batch at a time."""
    stream, parts = iter(images), list[Opinions]()
    while batch := list(islice(stream, BATCH)):
        parts.append(reader.opinions([reader.segment(image) for image in batch], ask_all=True)[0])
    return Opinions.join(parts)


def calibrate(
    opinions: Opinions,
    numbers: NDArray[np.str_],
    *,
    made_from: str,
    networks: Weights | None = None,
    start: Profile | None = None,
) -> Profile:
    """Fit exponents and confidence on every second labelled image; measure on the others what a confidence promises.

    Parameters
    ----------
    opinions : Opinions
        Of all sources on every image; see :func:`opinions_on`.
    numbers : (n,) str
        The true numbers; '' where an image shows none.
    made_from : str
        The images, in words.
    networks : mapping, optional
        Names of the weights of the networks, by which readers with others are refused; see
        :attr:`pipeline.NumberReader.network_names`.
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
    exponents = fit_exponents(opinions.take(shown), numbers[shown], start=refined.exponents if refined else None)
    confidence = {
        key_of(sources): fit_confidence(
            opinions.take(fitted_on, only=sources),
            numbers[fitted_on],
            exponents,
            start=start.confidence[key_of(sources)] if start else None,
            enough=refined is None,
        )
        for sources in ASKED
    }
    fitted, acceptance = Profile(made_from, exponents, confidence, {}), {}
    for reader in WAYS:
        asked = asked_by(reader, opinions)
        probabilities, sure = judge(asked, fitted)
        right = numbers_of(probabilities) == numbers
        measured = ~fitted_on & may_be_accepted(asked, probabilities)
        acceptance[reader] = Acceptance.measured(sure[measured], right[measured], of=int((~fitted_on).sum()))
    return Profile(made_from, exponents, confidence, acceptance, networks or {})


def fit_exponents(opinions: Opinions, numbers: NDArray[np.str_], *, start: Exponents | None = None) -> Exponents:
    """Exponents of the opinion pool, 0 or more, under which the true numbers are most probable."""
    evidence = together(opinions.of_each())
    truth = np.array([[int(c) for c in number] for number in numbers])[:, :, None]
    first = (start or Exponents()).table(evidence)
    pull = PRIOR / len(numbers) if start else 0.0

    def loss(flat: NDArray[np.float64]) -> float:
        p = fuse(evidence, Exponents.from_table(flat.reshape(first.shape), evidence))
        surprise = -np.log(np.take_along_axis(p, truth, axis=2) + 1e-12).sum(axis=1).mean()
        return float(surprise + pull * np.square(flat - first.ravel()).sum())

    best = minimize(loss, first.ravel(), method="L-BFGS-B", bounds=[(0.0, None)] * first.size).x
    return Exponents.from_table(best.reshape(first.shape), evidence)


def fit_confidence(
    opinions: Opinions,
    numbers: NDArray[np.str_],
    exponents: Exponents,
    *,
    start: Confidence | None = None,
    enough: bool = False,
) -> Confidence:
    """Logistic regression of whether the number is right.

    Of a start only slope and intercept are fitted, unless there are ``enough`` images, right ones and wrong ones.
    """
    evidence = together(opinions.of_each())
    probabilities = weigh(evidence, exponents)
    right = numbers_of(probabilities) == numbers
    features = confidence_features(probabilities, evidence, np.array([bool(why) for why in opinions.left_out]))
    one_sided = right.all() or not right.any()
    if start is not None and (one_sided or not enough):
        return _rescaled(start, features, right)
    if one_sided:
        raise ValueError(f"Some readings should be right and some wrong. Received: {right.sum()} of {len(right)}.")
    return Confidence(*fit_logistic(features, right))


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


def _rescaled(start: Confidence, features: NDArray[np.float64], right: NDArray[np.bool_]) -> Confidence:
    """Platt's scaling (1999) of a start, as if some images more had turned out as it expects."""
    expected, n = start(features), len(right)
    more = PRIOR_CONFIDENCE / n
    weight = np.concatenate([np.ones(n), more * expected, more * (1 - expected)])
    outcome = np.concatenate([right, np.full(n, True), np.full(n, False)])
    intercept, (slope,) = fit_logistic(np.tile(start.logit(features), 3)[:, None], outcome, weight)
    slope = max(slope, 0.0)
    return Confidence(intercept + slope * start.intercept, tuple(slope * c for c in start.coefficients))


def asked_by(reader: str, opinions: Opinions) -> Opinions:
    """What a reader would have asked for, of the evidence of all."""
    sources = WAYS[reader]
    if len(sources) == 1:
        return opinions.take(np.full(len(opinions.left_out), True), only=sources)
    two = zip(opinions.by_source["segmented"], opinions.by_source["field"], strict=True)
    sure = [a is not None and b is not None and is_sure(a, b) for a, b in two]
    by_source = {
        source: [
            None if alone and source == "whole" else one
            for one, alone in zip(opinions.by_source[source], sure, strict=True)
        ]
        for source in sources
    }
    return Opinions(by_source, opinions.left_out)
