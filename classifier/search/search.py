"""Candidates x folds -> scores: every fit from fresh weights, on this machine or on a cluster."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import groupby
from os import PathLike
from typing import Any

import joblib
import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone
from tqdm import tqdm

from classifier.search.executors import workers
from classifier.search.fits import Fit, FitStore, Trial, fit_key, identity, ranked
from classifier.search.folds import make_folds
from classifier.search.space import Params, check_names

Images = Sequence[Any] | NDArray
# Times that what a cluster has lost is sent to it again.
RESTARTS = 5


@dataclass(frozen=True)
class Preparation:
    """What is made of the images once for all candidates that agree in some parameters.

    Attributes
    ----------
    prefix : str
        Of those parameters, such as ``segmenter__``.
    make : callable
        ``params -> X``.
    """

    prefix: str
    make: Callable[[Params], Images]

    def key(self, params: Params) -> str:
        return fit_key({name: value for name, value in params.items() if name.startswith(self.prefix)}, 0)


class Search:
    """Scores candidates by cross-validation.

    Parameters
    ----------
    estimator : estimator
        Cloned for every fit, so that each starts from fresh weights.
    X : sequence of n images
    y : (n,) labels
    folder : path
        Keeps every finished fit; a search on the same images and folds goes on from there.
    folds : int
        How many.
    stratified : bool
        Give every fold its share of each label; not for labels that most images have to themselves.
    groups : (n,) array, optional
        For instance the writer of each image; no group is in two folds.
    jobs : int
        Fits at a time. Each has one thread, so that scores depend neither on cores nor on jobs.
    scheduler : str, optional
        Address of a Dask scheduler, ``tcp://…``, whose workers fit instead.
    preparation : Preparation, optional
        Estimators are fitted on what it makes of the images.
    setup : callable, optional
        Gives a context in which every fit is run in the worker.
    seed : int
        Of the folds.
    verbose : bool
        Show progress: fits done, best so far, time left.

    Raises
    ------
    ValueError
        If there are more folds than images of the smallest class (or groups), one class only, or the
        folder has the results of another search.
    """

    def __init__(
        self,
        estimator: Any,
        X: Images,
        y: ArrayLike,
        *,
        folder: str | PathLike[str],
        folds: int = 3,
        stratified: bool = True,
        groups: ArrayLike | None = None,
        jobs: int = 1,
        scheduler: str | None = None,
        preparation: Preparation | None = None,
        setup: Callable[[], AbstractContextManager[Any]] = nullcontext,
        seed: int = 0,
        verbose: bool = False,
    ):
        self.estimator, self.X, self.y, self.preparation = estimator, X, np.asarray(y), preparation
        self.jobs, self.scheduler, self.setup, self.verbose = jobs, scheduler, setup, verbose
        self.folds = make_folds(self.y, folds, stratified=stratified, groups=groups, seed=seed)
        self.store = FitStore(folder, identity(estimator, X, self.y, self.folds))

    def scores(self, candidates: Sequence[Params]) -> list[Trial]:
        """Score candidates, in their order; fits that are finished are not repeated.

        Raises
        ------
        ValueError
            If the estimator lacks a parameter, or every fit failed.
        OSError
            If the scheduler does not answer.
        """
        check_names(self.estimator, dict.fromkeys(name for params in candidates for name in params))
        finished, n = self.store.finished(), len(candidates) * len(self.folds)
        begun = n - len(self.unfinished(candidates))
        with tqdm(total=n, initial=begun, unit="fit", disable=not self.verbose) as bar:
            best = -math.inf
            for fit in self._fits(candidates):
                self.store.keep(fit)
                finished[fit.key] = fit
                if (done := self._candidate(fit.params, finished)) and done.mean > best:
                    best = done.mean
                    bar.set_postfix(best=f"{best:.4f}", refresh=False)
                bar.update()
        found = [found for params in candidates if (found := self._candidate(params, finished))]
        if found and all(math.isnan(candidate.mean) for candidate in found):
            raise ValueError(f"Every candidate failed. The first: {found[0].fits[0].error}")
        return found

    def unfinished(self, candidates: Sequence[Params]) -> list[tuple[Params, int]]:
        """Parameters and fold of every fit that is still to be made."""
        finished = self.store.finished()
        folds = range(len(self.folds))
        return [(params, k) for params in candidates for k in folds if fit_key(params, k) not in finished]

    def _candidate(self, params: Params, finished: dict[str, Fit]) -> Trial | None:
        """A candidate all of whose fits are finished."""
        fits = [finished.get(fit_key(params, k)) for k in range(len(self.folds))]
        known = tuple(fit for fit in fits if fit)
        return Trial(params, known) if len(known) == len(fits) else None

    def _fits(self, candidates: Sequence[Params]) -> Iterator[Fit]:
        """The fits that are still to be made, as they finish."""
        if self.preparation is None:
            yield from self._fits_on(self.X, candidates)
            return
        key = self.preparation.key
        for _, group in groupby(sorted(candidates, key=key), key=key):
            if not (tasks := self.unfinished(alike := list(group))):
                continue
            try:
                X = self.preparation.make(alike[0])
            except Exception as failure:  # these candidates must not end the search
                yield from (Fit(params, k, math.nan, 0.0, error=_told(failure)) for params, k in tasks)
            else:
                yield from self._fits_on(X, alike)

    def _fits_on(self, X: Images, candidates: Sequence[Params]) -> Iterator[Fit]:
        for _ in range(1 + RESTARTS):
            if not (tasks := self.unfinished(candidates)):
                return
            try:
                with workers(self.jobs, self.scheduler) as parallel:
                    yield from parallel(
                        joblib.delayed(fit_one)(self.estimator, params, k, X, self.y, *self.folds[k], self.setup)
                        for params, k in tasks
                    )
            except (CancelledError, BrokenProcessPool):  # a worker died, perhaps with fits not yet handed over
                continue
        if self.unfinished(candidates):
            raise OSError(f"Workers died {1 + RESTARTS} times, perhaps for want of memory; finished fits are kept.")


def halving(
    search: Search, candidates: Sequence[Params], *, epochs: int, name: str = "epochs", factor: int = 3
) -> list[Trial]:
    """Successive halving: all candidates for a few epochs, the best third of them for three times as many, and so on.

    Jamieson & Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization", 2016.
    The first candidate comes through every round, so that the best one has been compared with it.

    Parameters
    ----------
    epochs : int
        Of the last round.
    name : str
        Of the parameter that holds them; for a reader ``classifier__epochs``.

    Returns
    -------
    list of Trial
        Best first, of the last round first; the parameter ``name`` tells how far each came.
    """
    rounds = 1 + math.floor(math.log(max(1, len(candidates)), factor) + 1e-9)
    left, out = list(candidates), list[Trial]()
    for k in range(rounds):
        budget = max(1, round(epochs / factor ** (rounds - 1 - k)))
        scored = search.scores([params | {name: budget} for params in left])
        best = ranked(scored)
        if k == rounds - 1:
            break
        stay = best[: math.ceil(len(best) / factor)]
        kept = [scored[0], *(candidate for candidate in stay if candidate is not scored[0])]
        left = [candidate.params for candidate in kept]
        out = [*(candidate for candidate in best if candidate not in kept), *out]
    return [*best, *out]


def fit_one(
    estimator: Any,
    params: Params,
    fold: int,
    X: Images,
    y: NDArray,
    train: NDArray[np.intp],
    test: NDArray[np.intp],
    setup: Callable[[], AbstractContextManager[Any]] = nullcontext,
) -> Fit:
    """Train a clone on ``train`` and score it on ``test``; a candidate that fails has the score NaN."""
    began = time.monotonic()
    score, macs, error = math.nan, None, ""
    try:
        with setup():
            model = clone(estimator).set_params(**params)
            model.fit(_take(X, train), y[train])
            score = float(model.score(_take(X, test), y[test]))
        macs = _macs(model)
    except Exception as failure:  # one candidate must not end the search
        error = _told(failure)
    return Fit(params, fold, score, time.monotonic() - began, macs, error)


def _macs(model: Any) -> int | None:
    if not hasattr(model, "model_"):
        return None
    from classifier.networks import count_macs  # brings Keras, which such a model has loaded

    return count_macs(model.model_)


def _take(X: Images, indices: NDArray[np.intp]) -> Images:
    return X[indices] if isinstance(X, np.ndarray) else [X[i] for i in indices.tolist()]


def _told(failure: Exception) -> str:
    return f"{type(failure).__name__}: {failure}"
