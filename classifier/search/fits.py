"""Finished fits of a search: kept on disk one by one, summed up by candidate, written as a table."""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from numpy.typing import NDArray

from classifier.search.space import Params

IDENTITY, FINISHED = "search.json", "fits.jsonl"


@dataclass(frozen=True)
class Fit:
    """One candidate trained without one fold and scored on it.

    Attributes
    ----------
    score : float
        NaN where the fit failed; ``error`` says why.
    seconds : float
        Of training and scoring.
    macs : int or None
        Multiplications and additions of its network for one image, where it has one.
    """

    params: Params
    fold: int
    score: float
    seconds: float
    macs: int | None = None
    error: str = ""

    @property
    def key(self) -> str:
        return fit_key(self.params, self.fold)


def fit_key(params: Params, fold: int) -> str:
    """What a fit is known by."""
    return json.dumps([params, fold], sort_keys=True)


@dataclass(frozen=True, eq=False)
class Trial:
    """A candidate setting of the parameters with its fits on all folds."""

    params: Params
    fits: tuple[Fit, ...]

    @property
    def scores(self) -> NDArray[np.float64]:
        return np.array([fit.score for fit in self.fits])

    @property
    def mean(self) -> float:
        return float(self.scores.mean())

    @property
    def std(self) -> float:
        return float(self.scores.std())

    @property
    def seconds(self) -> float:
        """Mean time of a fit."""
        return float(np.mean([fit.seconds for fit in self.fits]))

    @property
    def macs(self) -> int | None:
        return self.fits[0].macs


def ranked(candidates: Sequence[Trial]) -> list[Trial]:
    """Best mean first, failed ones last; of equals the earlier one first."""
    return sorted(candidates, key=lambda candidate: -np.nan_to_num(candidate.mean, nan=-np.inf))


def identity(estimator: Any, X: Sequence[Any] | NDArray, y: NDArray, folds: Sequence[Any]) -> dict[str, Any]:
    """What makes a search this one: of files, images and networks alike, the contents."""
    images = X if isinstance(X, np.ndarray) else [_content(x) for x in X]
    hashes = {name: joblib.hash(what) for name, what in (("images", images), ("labels", y), ("folds", folds))}
    return {"estimator": _facts(estimator)} | hashes


def _facts(estimator: Any) -> dict[str, str]:
    """Parameters of an estimator by name, in words that are the same in every run; of a network's file the contents."""
    params = {name: getattr(value, "__name__", repr(value)) for name, value in estimator.get_params().items()}
    files = {
        f"{name} {k}": _content(getattr(network, "path", None))
        for name, value in estimator.get_params().items()
        for k, network in enumerate(getattr(value, "networks", (value,)))
    }
    return {"class": type(estimator).__name__} | params | {f"{n} file": str(f) for n, f in files.items() if f}


def _content(image: Any) -> Any:
    """A digest of a file, since another may come to stand under its name; anything else as it is."""
    if isinstance(image, (str, PathLike)) and Path(image).is_file():
        return hashlib.sha256(Path(image).read_bytes()).hexdigest()
    return image


class FitStore:
    """A folder that keeps the finished fits of one search.

    Parameters
    ----------
    folder : path
    identity : mapping
        What makes the search this one, as JSON values.

    Raises
    ------
    ValueError
        If the folder has the fits of another search.
    """

    def __init__(self, folder: str | PathLike[str], identity: Mapping[str, Any]):
        self.folder = Path(folder)
        path = self.folder / IDENTITY
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(identity, indent=1) + "\n")
        try:
            other = dict(json.loads(path.read_text()))
        except (ValueError, TypeError):
            other = {}
        if differ := sorted(name for name in identity if identity[name] != other.get(name)):
            raise ValueError(
                f"{self.folder} has the results of another search; they differ in: {', '.join(differ)}. Choose another "
                "folder, or remove it."
            )
        # What failed for a reason that has gone is tried again by the next search, but not again and again by this one.
        self._failed_before = {key for key, fit in self._kept().items() if fit.error}

    def keep(self, fit: Fit) -> None:
        """Add a fit; it is on the disk when this returns."""
        self._failed_before.discard(fit.key)
        with (self.folder / FINISHED).open("a", encoding="utf-8") as file:
            # A line of its own even after one that was cut short.
            file.write("\n" + json.dumps(asdict(fit)))
            file.flush()
            os.fsync(file.fileno())

    def finished(self) -> dict[str, Fit]:
        """All kept fits by their key, but those that failed before this store was opened."""
        return {key: fit for key, fit in self._kept().items() if key not in self._failed_before}

    def _kept(self) -> dict[str, Fit]:
        path, found = self.folder / FINISHED, {}
        text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        for line in text.splitlines():
            try:
                fit = Fit(**json.loads(line))
            except (ValueError, TypeError):  # empty, or cut short when the search was killed
                continue
            if isinstance(fit.score, float) and isinstance(fit.seconds, float):
                found[fit.key] = fit
        return found


def write_table(candidates: Sequence[Trial], path: str | PathLike[str]) -> None:
    """Write ``cv_results.csv``, best first: columns of scikit-learn's ``cv_results_``, seconds a fit, MACs."""
    names = sorted({name for candidate in candidates for name in candidate.params})
    folds = range(len(candidates[0].fits))
    head = [f"param_{name}" for name in names] + [f"split{k}_test_score" for k in folds]
    with Path(path).open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow([*head, "mean_test_score", "std_test_score", "rank_test_score", "mean_seconds", "macs"])
        means = [candidate.mean for candidate in candidates]
        for candidate in candidates:
            rank = 1 + next(k for k, mean in enumerate(means) if mean == candidate.mean or np.isnan(mean))
            values = [candidate.params.get(name, "") for name in names]
            scores = [f"{score:.6f}" for score in (*candidate.scores, candidate.mean, candidate.std)]
            table.writerow([*values, *scores, rank, f"{candidate.seconds:.2f}", candidate.macs or ""])
