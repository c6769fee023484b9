"""Tables of labels: columns by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classifier.labels import as_labels


def right_answers(
    predicted: Mapping[str, NDArray[np.str_]], Y: Mapping[str, ArrayLike]
) -> tuple[dict[str, NDArray[np.bool_]], dict[str, NDArray[np.bool_]]]:
    """Group -> where the answer is right, and where there is a label, each (n,) bool."""
    columns = as_columns(Y, len(next(iter(predicted.values()))))
    labels = {group: as_labels(columns[group]) for group in predicted}
    right = {group: predicted[group] == labels[group] for group in predicted}
    return right, {group: labels[group] != "" for group in predicted}


def every_right(right: Mapping[str, NDArray[np.bool_]], labelled: Mapping[str, NDArray[np.bool_]]) -> NDArray[np.bool_]:
    """Where all groups are right that there is a label of, (n,) bool."""
    return np.asarray(np.all([right[group] | ~labelled[group] for group in right], axis=0))


def right_by_group(
    predicted: Mapping[str, NDArray[np.str_]], Y: Mapping[str, ArrayLike]
) -> dict[str, NDArray[np.bool_]]:
    """Group -> which of its labelled images are right; of several groups, 'every group', too."""
    right, labelled = right_answers(predicted, Y)
    found = {group: right[group][labelled[group]] for group in right}
    return found | ({"every group": every_right(right, labelled)} if len(right) > 1 else {})


def as_columns(Y: Any, n: int) -> dict[str, NDArray]:
    """A DataFrame or mapping as arrays (n,) by name."""
    if not hasattr(Y, "keys"):
        raise TypeError(f"Labels should be a DataFrame or a mapping of columns. Received: {type(Y).__name__}.")
    columns = {str(name): np.asarray(Y[name]) for name in Y}
    if wrong := {name: column.shape for name, column in columns.items() if column.shape != (n,)}:
        raise ValueError(f"There should be one label for each of the {n} images. Received: {wrong}.")
    return columns


def rows_of(columns: Mapping[str, NDArray], indices: NDArray[np.integer]) -> dict[str, NDArray]:
    """The same columns for a part of the images."""
    return {name: column[indices] for name, column in columns.items()}


def smoothed(targets: Mapping[str, NDArray[np.float32]], share: float) -> dict[str, NDArray[np.float32]]:
    """Targets (n, labels), a share of each spread over all labels; Keras's own would give unlabelled rows some, too."""
    return {
        group: (1 - share) * rows + share / rows.shape[1] * rows.sum(axis=1, keepdims=True)
        for group, rows in targets.items()
    }
