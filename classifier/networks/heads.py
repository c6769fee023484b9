"""The last layers of the networks: features -> probabilities."""

from __future__ import annotations

from typing import Any

from keras import layers

from classifier.ctc import N_SYMBOLS
from classifier.number_format import FORMAT


def columns(x: Any) -> Any:
    """Each column's features -> the probabilities of its symbols; see :mod:`classifier.ctc`."""
    return layers.Activation("softmax", dtype="float32", name="columns")(layers.Dense(N_SYMBOLS)(x))


def positions(x: Any, activation: str) -> Any:
    """30 units as 3 positions of 10 digits."""
    if activation not in ("sigmoid", "softmax"):
        raise ValueError(f"`activation` should be 'sigmoid' or 'softmax'. Received: {activation!r}.")
    x = layers.Reshape((FORMAT.positions, 10))(layers.Dense(10 * FORMAT.positions)(x))
    return layers.Activation(activation, dtype="float32", name="number")(x)
