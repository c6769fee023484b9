"""The last layers of the networks: features -> probabilities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
from keras import layers, ops

from classifier.ctc import N_SYMBOLS
from classifier.labels import PIXEL_KINDS
from classifier.number_format import FORMAT

N_KINDS = len(PIXEL_KINDS)


def columns(x: Any) -> Any:
    """Each column's features -> the probabilities of its symbols; see :mod:`classifier.ctc`."""
    return layers.Activation("softmax", dtype="float32", name="columns")(layers.Dense(N_SYMBOLS)(x))


def kinds(x: Any) -> Any:
    """Features at half resolution -> what each pixel of the whole shows; see :data:`classifier.labels.PIXEL_KINDS`."""
    _, rows, columns, _ = x.shape
    x = layers.Reshape((rows, columns, 2, 2, N_KINDS))(layers.Conv2D(4 * N_KINDS, 1)(x))
    x = layers.Reshape((2 * rows, 2 * columns, N_KINDS))(layers.Permute((1, 3, 2, 4, 5))(x))
    return layers.Activation("softmax", dtype="float32", name="kinds")(x)


def positions(x: Any, activation: str) -> Any:
    """30 units as 3 positions of 10 digits."""
    if activation not in ("sigmoid", "softmax"):
        raise ValueError(f"`activation` should be 'sigmoid' or 'softmax'. Received: {activation!r}.")
    x = layers.Reshape((FORMAT.positions, 10))(layers.Dense(10 * FORMAT.positions)(x))
    return layers.Activation(activation, dtype="float32", name="number")(x)


def split_positions(model: keras.Model) -> keras.Model:
    """A trained network of 30 units as one of three label groups, 'position 0' to 'position 2', on the same features.

    Each head has ten of the units, so the probabilities are the same.

    Parameters
    ----------
    model : keras.Model
        One whose last layers are :func:`positions` with a softmax.
    """
    units = next(layer for layer in reversed(model.layers) if isinstance(layer, layers.Dense))
    split = by_group(model.input, units.input, {f"position {k}": 10 for k in range(FORMAT.positions)}, dropout=0)
    kernel, bias = units.get_weights()
    for k in range(FORMAT.positions):
        of_position = slice(10 * k, 10 * k + 10)
        split.get_layer(f"group_{k}").set_weights([kernel[:, of_position], bias[of_position]])
    return split


def by_group(inputs: Any, features: Any, n_labels: Mapping[str, int], *, dropout: float = 0.2) -> keras.Model:
    """A head for each label group on the same features.

    Parameters
    ----------
    inputs, features : keras.KerasTensor
        Of a backbone; feature maps (n, h, w, c) are averaged, (n, d) are taken as they are.
    n_labels : mapping
        Group -> number of its labels.
    dropout : float
        Share of the features dropped in training.

    Returns
    -------
    keras.Model
        Its outputs are a mapping group -> (n, labels) float32, rows sum to 1. The layer of the k-th group is
        ``group_k``: a group's name may be what no layer's name can be.
    """
    # Named: a network that was loaded has layers by the names that Keras would give to these.
    x = layers.GlobalAveragePooling2D(name="mean_features")(features) if len(features.shape) == 4 else features
    x = layers.Dropout(dropout, name="dropped_features")(x)
    heads = {
        group: layers.Dense(n, activation="softmax", dtype="float32", name=f"group_{k}")(x)
        for k, (group, n) in enumerate(n_labels.items())
    }
    return keras.Model(inputs, heads, name="by_group")


class LabelledAccuracy(keras.metrics.CategoricalAccuracy):
    """Share of the labelled rows that are right; a row of zeros is unlabelled."""

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        return super().update_state(y_true, y_pred, sample_weight=ops.sum(ops.cast(y_true, "float32"), axis=-1) > 0)
