"""The last layers of the networks: features -> probabilities."""

from __future__ import annotations

from typing import Any

from keras import layers


def positions(x: Any, activation: str) -> Any:
    """30 units as 3 positions of 10 digits."""
    if activation not in ("sigmoid", "softmax"):
        raise ValueError(f"`activation` should be 'sigmoid' or 'softmax'. Received: {activation!r}.")
    x = layers.Reshape((3, 10))(layers.Dense(30)(x))
    return layers.Activation(activation, dtype="float32", name="number")(x)
