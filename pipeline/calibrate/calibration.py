"""Labelled images -> a profile: how the readers are weighed, what their confidence means, what `accept` promises."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from pipeline.batch.workers import Workers, one_opencv_thread
from pipeline.decision.confidence import SIGNS, Confidence, confidence_features
from pipeline.decision.decide import Opinions, judge, may_be_accepted, need_no_third, numbers_of, together, weigh
from pipeline.decision.fusion import Exponents, kinds_of, log_probabilities, pool
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


def opinions_on(images: Iterable[Any], reader: NumberReader, *, workers: int = 1) -> Opinions:
    """What all networks of a fused reader say of images that are read one batch at a time, in one process or several.

    Raises
    ------
    RuntimeError
        If a process died; its images would be missing.
    """
    stream = iter(images)
    batches = iter(lambda: list(islice(stream, BATCH)), [])
    if workers == 1:
        return Opinions.join([_opinions(reader, batch) for batch in batches])
    processes = Workers(_opinions_of_each, reader, _died, count=workers)
    return Opinions.join(list(processes.run([batch] for batch in batches)))


def _opinions(reader: NumberReader, batch: list[Any]) -> Opinions:
    return reader.opinions([reader.segment(image) for image in batch], ask_all=True)[0]


def _opinions_of_each(reader: NumberReader, batches: list[list[Any]]) -> list[Opinions]:
    with one_opencv_thread():
        return [_opinions(reader, batch) for batch in batches]


def _died(batch: list[Any]) -> Opinions:
    raise RuntimeError(f"A process that read {len(batch)} of the images died twice.")


def calibrate(
    opinions: Opinions,
    numbers: NDArray[np.str_],
    *,
    made_from: str,
    networks: Weights | None = None,
    start: Profile | None = None,
    kinds: NDArray[np.str_] | None = None,
) -> Profile:
    """Fit exponents and confidence on every second labelled image; measure on the others what a confidence promises.

    With ``kinds``, what is measured of each kind is judged by a confidence that was fitted on all others: what is
    promised then holds for kinds that nothing was fitted on.

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
    kinds : (n,) str, optional
        Of the images.

    Raises
    ------
    ValueError
        If there is no start and all images, or none, are read right.
    """
    fitted_on = np.arange(len(numbers)) % 2 == 0
    refined = start if len(numbers) < ENOUGH else None
    shown = fitted_on & (numbers != "")
    exponents = fit_exponents(opinions.take(shown), numbers[shown], start=refined.exponents if refined else None)

    every = np.full(len(numbers), True)
    evidence = {key_of(s): _features(opinions.take(every, only=s), numbers, exponents) for s in ASKED}

    def fitted_without(kind: str | None) -> Profile:
        chosen = fitted_on if kind is None or kinds is None else fitted_on & (kinds != kind)
        confidence = {
            key: _fitted(features[chosen], right[chosen], start.confidence[key] if start else None, refined is None)
            for key, (features, right) in evidence.items()
        }
        return Profile(made_from, exponents, confidence, {}, networks or {})

    profiles = {kind: fitted_without(kind) for kind in ([None] if kinds is None else np.unique(kinds).tolist())}
    acceptance = {reader: _measured(reader, opinions, numbers, ~fitted_on, kinds, profiles) for reader in WAYS}
    return replace(profiles.get(None) or fitted_without(None), acceptance=acceptance)


def _measured(
    reader: str,
    opinions: Opinions,
    numbers: NDArray[np.str_],
    measured_on: NDArray[np.bool_],
    kinds: NDArray[np.str_] | None,
    profiles: Mapping[str | None, Profile],
) -> Acceptance:
    """What the confidence of a reader promises, each kind judged by the profile that was fitted without it."""
    asked, sure, right = asked_by(reader, opinions), [], []
    for kind, profile in profiles.items():
        chosen = measured_on if kinds is None else measured_on & (kinds == kind)
        of_kind = asked.take(chosen)
        probabilities, confidence = judge(of_kind, profile)
        may = may_be_accepted(of_kind, probabilities)
        sure.append(confidence[may])
        right.append((numbers_of(probabilities) == numbers[chosen])[may])
    return Acceptance.measured(np.concatenate(sure), np.concatenate(right), of=int(measured_on.sum()))


def fit_exponents(opinions: Opinions, numbers: NDArray[np.str_], *, start: Exponents | None = None) -> Exponents:
    """Exponents of the opinion pool, 0 or more, under which the true numbers are most probable."""
    evidence = together(opinions.of_each())
    logs, kinds = log_probabilities(evidence), kinds_of(evidence)
    truth = np.array([[int(c) for c in number] for number in numbers])[:, :, None]
    first = (start or Exponents()).table(evidence)
    pull = PRIOR / len(numbers) if start else 0.0

    def loss(flat: NDArray[np.float64]) -> float:
        p = pool(logs, flat.reshape(first.shape)[kinds])
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
    return _fitted(*_features(opinions, numbers, exponents), start, enough)


def _features(
    opinions: Opinions, numbers: NDArray[np.str_], exponents: Exponents
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """What the confidence in each image's number is judged by, (n, k), and whether the number is right, (n,)."""
    evidence = together(opinions.of_each())
    probabilities = weigh(evidence, exponents)
    features = confidence_features(probabilities, evidence, np.array([bool(why) for why in opinions.left_out]))
    return features, numbers_of(probabilities) == numbers


def _fitted(
    features: NDArray[np.float64], right: NDArray[np.bool_], start: Confidence | None, enough: bool
) -> Confidence:
    one_sided = right.all() or not right.any()
    if start is not None and (one_sided or not enough):
        return _rescaled(start, features, right)
    if one_sided:
        raise ValueError(f"Some readings should be right and some wrong. Received: {right.sum()} of {len(right)}.")
    return Confidence(*fit_logistic(features, right, signs=SIGNS))


def fit_logistic(
    x: NDArray[np.float64],
    outcome: NDArray[np.bool_],
    weight: NDArray[np.float64] | None = None,
    *,
    signs: Sequence[int] | None = None,
) -> tuple[float, tuple[float, ...]]:
    """Intercept and coefficients of a logistic regression, as scikit-learn's with the same ``C``.

    Written out, so that ``tridigit calibrate`` needs nothing that reading does not need.

    Parameters
    ----------
    x : (n, k) float
    outcome : (n,) bool
    weight : (n,) float, optional
        How many images a row stands for.
    signs : (k,) of 1 and -1, optional
        Of the coefficients; one that would have the other sign is 0.
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
    bounds = [(None, None), *((0, None) if sign > 0 else (None, 0) for sign in signs)] if signs else None
    found = minimize(loss, np.zeros(x.shape[1] + 1), jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    intercept, *coefficients = found.x.tolist()
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
    by_source = {source: list(opinions.by_source[source]) for source in sources}
    for k in need_no_third(by_source):
        by_source["whole"][k] = None
    return Opinions(by_source, opinions.left_out)
