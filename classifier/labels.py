"""Labels as users have them <-> targets as networks learn them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin


class DigitEncoder(TransformerMixin, BaseEstimator):
    """Digits 0-9 <-> one-hot rows of 10, whichever digits are present.

    scikeras guesses the classes from the values it sees; a fold without a nine would lose a unit.
    """

    def fit(self, y: ArrayLike) -> DigitEncoder:
        self.classes_ = np.arange(10)
        return self

    def transform(self, y: ArrayLike) -> NDArray[np.float32]:
        return np.eye(10, dtype=np.float32)[np.asarray(y)]

    def inverse_transform(self, y: NDArray, return_proba: bool = False) -> NDArray:
        return y if return_proba else y.argmax(axis=-1)

    def get_metadata(self) -> dict[str, Any]:
        return {"classes_": self.classes_, "n_classes_": 10, "n_outputs_": 1, "n_outputs_expected_": 1}


def check_digits(X: ArrayLike, y: ArrayLike | None) -> tuple[NDArray, NDArray]:
    """Crops as an array (n, 28, 28), labels as (n,) int; ValueError with the rule otherwise."""
    X = np.asarray(X)
    if X.ndim != 3 or X.shape[1:] != (28, 28):
        raise ValueError(f"Crops should have the shape (n, 28, 28). Received: {X.shape}.")
    if X.dtype.kind == "f" and 0 < X.max(initial=0) <= 1:
        raise ValueError(f"Crops should have values 0-255; the network scales them itself. Received: 0-{X.max():g}.")
    if y is None:
        return X, np.empty(0, int)
    y = np.asarray(y)
    if y.shape != (len(X),):
        raise ValueError(f"There should be one label for each of the {len(X)} crops. Received: shape {y.shape}.")
    if not np.isin(y, np.arange(10)).all():
        strange = sorted(map(str, set(np.unique(y).tolist()) - set(range(10))))
        raise ValueError(f"Labels should be digits 0-9. Received: {', '.join(strange[:5])}.")
    return X, y.astype(int)
