"""Labels as users have them <-> targets as networks learn them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import check_array

from classifier.ctc import NOTHING, OTHER
from classifier.number_format import FORMAT

# Most symbols of a field: digits and other writing.
LONGEST = 9
# What a pixel of a field may show.
PIXEL_KINDS = ("paper", "digit", "other writing", "mark", "surroundings")


class LabelTransformer(TransformerMixin, BaseEstimator):
    """Base of transformers of labels, as scikit-learn's LabelBinarizer is one: no table of features goes in."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.target_tags.one_d_labels = True
        return tags


class DigitEncoder(LabelTransformer):
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


class NumberEncoder(LabelTransformer):
    """Numbers of three digits <-> 30 columns, column ``10 * position + digit``.

    Binarising the set of digits would lose order and repeats: '112' is not {1, 2}.

    Examples
    --------
    >>> encoder = NumberEncoder().fit([])
    >>> encoder.transform(["112"]).nonzero()[1]
    array([ 1, 11, 22])
    >>> encoder.inverse_transform(encoder.transform(["007", "112"]))
    array(['007', '112'], dtype='<U3')
    """

    def fit(self, y: ArrayLike, _: None = None) -> NumberEncoder:
        """Nothing to learn: the classes are '000' to '999'."""
        self.classes_ = np.array(FORMAT.numbers())
        return self

    def transform(self, y: ArrayLike) -> NDArray[np.float32]:
        """(n,) strings of three digits, or (n, 3) int -> (n, 30) float32, three ones a row."""
        return np.eye(10, dtype=np.float32)[self.digits(y)].reshape(-1, 10 * FORMAT.positions)

    def inverse_transform(self, y: NDArray) -> NDArray[np.str_]:
        """(n, 30) or (n, 3, 10) of any values -> (n,) strings of the largest at each position."""
        best = np.asarray(y).reshape(-1, FORMAT.positions, 10).argmax(axis=-1)
        return np.array(["".join(map(str, row)) for row in best.tolist()], dtype=FORMAT.dtype)

    @staticmethod
    def digits(y: ArrayLike) -> NDArray[np.intp]:
        """The digits of each number, (n, 3) int.

        Raises
        ------
        ValueError
            If a label is not a string of three digits, or a row not three of 0-9.
        """
        y = np.asarray(y)
        if y.ndim == 2 and y.shape[1] == FORMAT.positions and y.dtype.kind in "iu" and np.isin(y, range(10)).all():
            return y.astype(np.intp)
        if y.ndim != 1 or (len(y) and y.dtype.kind not in "UO"):
            raise ValueError(
                f"Numbers should be strings of {FORMAT.words}, shape (n,), or their digits, shape "
                f"(n, {FORMAT.positions}). Received: {y.dtype} of shape {y.shape}."
            )
        strange = [label for label in y.tolist() if not (isinstance(label, str) and FORMAT.matches(label))]
        if strange:
            raise ValueError(f"Numbers should be strings of {FORMAT.words}. Received: {strange[:5]}.")
        return np.array([list(map(int, label)) for label in y.tolist()], np.intp).reshape(-1, FORMAT.positions)

    def get_metadata(self) -> dict[str, Any]:
        return {
            "classes_": self.classes_,
            "n_classes_": len(FORMAT.numbers()),
            "n_outputs_": 1,
            "n_outputs_expected_": 1,
        }


class SequenceEncoder(LabelTransformer):
    """What a field shows from left to right <-> its symbols, filled up to nine.

    Examples
    --------
    >>> encoder = SequenceEncoder().fit([])
    >>> encoder.transform(["427", "x80"])
    array([[ 4,  2,  7, 11, 11, 11, 11, 11, 11],
           [10,  8,  0, 11, 11, 11, 11, 11, 11]], dtype=int32)
    >>> encoder.inverse_transform(encoder.transform(["427", "x80"]))
    array(['427', 'x80'], dtype='<U9')
    """

    def fit(self, y: ArrayLike, _: None = None) -> SequenceEncoder:
        """Nothing to learn: a symbol is one of ten digits, or other writing."""
        self.classes_ = np.array(list("0123456789x"))
        return self

    def transform(self, y: ArrayLike) -> NDArray[np.int32]:
        """(n,) strings -> (n, 9) int; see :mod:`classifier.ctc`."""
        found = np.full((len(np.asarray(y)), LONGEST), NOTHING, np.int32)
        for row, sequence in zip(found, np.asarray(y).tolist(), strict=True):
            row[: len(sequence)] = [OTHER if symbol == "x" else int(symbol) for symbol in sequence]
        return found

    def inverse_transform(self, y: NDArray) -> NDArray[np.str_]:
        """(n, 9) int -> (n,) strings."""
        symbols = [*"0123456789x", ""]
        return np.array(["".join(symbols[k] for k in row) for row in np.asarray(y).tolist()], dtype=f"<U{LONGEST}")

    def get_metadata(self) -> dict[str, Any]:
        return {"classes_": self.classes_, "n_classes_": 11, "n_outputs_": 1, "n_outputs_expected_": 1}


class GroupEncoder(LabelTransformer):
    """Columns of labels <-> a one-hot row for each group; an unlabelled cell is a row of zeros, which costs no loss.

    Parameters
    ----------
    groups : iterable of str, optional
        Columns to learn. Default: all.

    Examples
    --------
    >>> encoder = GroupEncoder().fit({"shape": ["disc", "ring", ""], "angle": [90, 0, 0]})
    >>> encoder.transform({"shape": ["ring", ""], "angle": [0, 90]})["shape"]
    array([[0., 1.],
           [0., 0.]], dtype=float32)
    """

    def __init__(self, groups: Iterable[str] | None = None):
        self.groups = groups

    def fit(self, Y: Mapping[str, ArrayLike], _: None = None) -> GroupEncoder:
        """Learn the labels of each group, sorted.

        Raises
        ------
        ValueError
            If a column is missing, has fewer than two labels, or labels that differ only in case or blanks.
        """
        wanted = list(Y) if self.groups is None else list(self.groups)
        if missing := [group for group in wanted if group not in Y]:
            raise ValueError(f"Groups should be columns, which are {[*Y]}. Received: {missing}.")
        self.classes_ = {group: _labels_of(group, as_labels(Y[group])) for group in wanted}
        return self

    def transform(self, Y: Mapping[str, ArrayLike]) -> dict[str, NDArray[np.float32]]:
        """Columns of (n,) -> group -> (n, labels) float32; ValueError for a label that was not in training."""
        return {group: self._one_hot(group, as_labels(Y[group])) for group in self.classes_}

    def _one_hot(self, group: str, labels: NDArray[np.str_]) -> NDArray[np.float32]:
        known = self.classes_[group]
        if strange := sorted({*labels.tolist()} - {*known.tolist(), ""}):
            raise ValueError(f"Labels of {group!r} should be among those in training. Received: {strange[:5]}.")
        return (labels[:, None] == known).astype(np.float32)

    def inverse_transform(self, Y: Mapping[str, NDArray]) -> dict[str, NDArray[np.str_]]:
        """Group -> (n, labels) of any values -> the label of the largest, (n,) str."""
        return {group: known[Y[group].argmax(axis=1)] for group, known in self.classes_.items()}


def as_labels(column: ArrayLike) -> NDArray[np.str_]:
    """Labels as strings, (n,) str; '' where there is none: None, NaN or blanks."""
    values = [*np.asarray(column, dtype=object).ravel()]
    return np.array(["" if v is None or v != v or not str(v).strip() else str(v) for v in values], dtype=np.str_)


def _labels_of(group: str, labels: NDArray[np.str_]) -> NDArray[np.str_]:
    known = np.unique(labels[labels != ""])
    if len(known) < 2:
        raise ValueError(f"Group {group!r} should have two labels at least. Received: {known.tolist()}.")
    folded: dict[str, list[str]] = {}
    for label in known.tolist():
        folded.setdefault("".join(label.split()).casefold(), []).append(label)
    if alike := [labels for labels in folded.values() if len(labels) > 1]:
        raise ValueError(f"Labels of {group!r} should differ in more than case or blanks. Received: {alike[:3]}.")
    return known


class PixelEncoder(LabelTransformer):
    """Kinds of pixels as they are: indices of :data:`PIXEL_KINDS`."""

    def fit(self, y: ArrayLike) -> PixelEncoder:
        """Nothing to learn."""
        self.classes_ = np.arange(len(PIXEL_KINDS))
        return self

    def transform(self, y: ArrayLike) -> NDArray:
        return np.asarray(y)

    def inverse_transform(self, y: NDArray, return_proba: bool = False) -> NDArray:
        return y if return_proba else y.argmax(axis=-1)


def check_digits(X: ArrayLike, y: ArrayLike) -> tuple[NDArray, NDArray]:
    """Crops as an array (n, 28, 28), labels as (n,) int; ValueError with the rule otherwise."""
    y, X = _known(y), check_images(X, 28, "Crops", least=1)
    if y.shape != (len(X),):
        raise ValueError(f"There should be one label for each of the {len(X)} crops. Received: shape {y.shape}.")
    if not np.isin(y, np.arange(10)).all():
        strange = sorted(map(str, set(np.unique(y).tolist()) - set(range(10))))
        raise ValueError(f"Labels should be digits 0-9. Received: {', '.join(strange[:5])}.")
    return X, y.astype(int)


def check_numbers(X: ArrayLike, y: ArrayLike) -> tuple[NDArray, NDArray[np.str_]]:
    """Canvases as an array (n, 84, 84), numbers as (n,) strings of three digits; ValueError with the rule otherwise."""
    y, X = _known(y), check_images(X, 84, "Canvases", least=1)
    digits = NumberEncoder.digits(y)
    if len(digits) != len(X):
        raise ValueError(f"There should be one number for each of the {len(X)} canvases. Received: {len(digits)}.")
    return X, np.array(["".join(map(str, row)) for row in digits.tolist()], dtype=FORMAT.dtype)


def check_fields(X: ArrayLike, y: ArrayLike | None = None) -> tuple[NDArray, NDArray[np.str_]]:
    """Fields as an array (n, 64, 128) and sequences as (n,) strings, empty without ``y``; ValueError with the rule."""
    X = check_images(X, (64, 128), "Fields", least=0 if y is None else 1)
    sequences = np.full(len(X), "") if y is None else np.asarray(y)
    if sequences.shape != (len(X),) or sequences.dtype.kind not in "UO":
        raise ValueError(
            f"There should be a string for each of the {len(X)} fields. Received: {sequences.dtype} of shape "
            f"{sequences.shape}."
        )
    strange = [s for s in sequences.tolist() if not (isinstance(s, str) and re.fullmatch("[0-9x]{0,9}", s))]
    if strange:
        raise ValueError(f"Sequences should have up to nine symbols, 0-9 and x. Received: {strange[:5]}.")
    return X, sequences.astype(f"<U{LONGEST}")


def check_pixels(X: ArrayLike, y: ArrayLike) -> tuple[NDArray, NDArray]:
    """Fields as an array (n, 64, 128), the kinds of their pixels likewise; ValueError with the rule otherwise."""
    X, y = check_images(X, (64, 128), "Fields", least=1), np.asarray(y)
    if y.shape != X.shape or y.dtype.kind not in "iu":
        raise ValueError(f"There should be an int for each pixel of {X.shape}. Received: {y.dtype} of {y.shape}.")
    if y.min() < 0 or y.max() >= len(PIXEL_KINDS):
        raise ValueError(f"Kinds should be 0-{len(PIXEL_KINDS) - 1}. Received: {y.min()} to {y.max()}.")
    return X, y


def check_images(images: ArrayLike, side: int | tuple[int, int], name: str, *, least: int = 0) -> NDArray:
    """``least`` or more images as an array (n, height, width) of values 0-255; ValueError with the rule otherwise."""
    X: NDArray = check_array(images, allow_nd=True, ensure_2d=False, ensure_min_samples=least, ensure_min_features=0)
    height, width = (side, side) if isinstance(side, int) else side
    if X.ndim != 3 or X.shape[1:] != (height, width):
        raise ValueError(f"{name} should have the shape (n, {height}, {width}). Received: {X.shape}.")
    low, high = X.min(initial=0), X.max(initial=0)
    if low < 0 or high > 255:
        raise ValueError(f"{name} should have values 0-255. Received: {low:g} to {high:g}.")
    if X.dtype.kind == "f" and 0 < high <= 1:
        raise ValueError(f"{name} should have values 0-255; the network scales them itself. Received: 0-{high:g}.")
    return X


def _known(y: ArrayLike | None) -> NDArray:
    if y is None:
        raise ValueError("A classifier requires y to be passed, but the target y is None.")
    return np.asarray(y)
