"""Labels -> shuffled folds of a cross-validation, each as (train, test)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold


def make_folds(
    y: NDArray, n: int, *, stratified: bool = True, groups: ArrayLike | None = None, seed: int = 0
) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Shuffled folds as (train, test) indices; see :class:`Search` for parameters and errors."""
    labels, counts = np.unique(y, return_counts=True)
    units, what = (len(y), "images") if groups is None else (len(np.unique(np.asarray(groups))), "groups")
    if n < 2 or units < n:
        raise ValueError(f"There should be at least 2 folds, and {what} for each. Received: {n} folds, {units} {what}.")
    if stratified and len(labels) < 2:
        raise ValueError(f"Cross-validation needs images of at least two classes. Received: {labels.tolist()}.")
    if stratified and counts.min() < n:
        few = labels[counts.argmin()]
        raise ValueError(
            f"Every class should have an image for each fold. Received: {counts.min()} of {few}, {n} folds."
        )
    kinds = {(True, False): StratifiedKFold, (True, True): StratifiedGroupKFold, (False, False): KFold}
    splitter = kinds.get((stratified, groups is not None), GroupKFold)(n, shuffle=True, random_state=seed)
    return list(splitter.split(np.zeros(len(y)), y, groups))
