"""Features of the frames of a clip, in their order -> probabilities of the digits after every frame."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

# How the frames up to now are put together.
CELLS = ("lstm", "gru", "mean")


@keras.saving.register_keras_serializable("tridigit")
class RunningMean(layers.Layer):
    """Mean of all steps up to each: (n, T, d) -> (n, T, d)."""

    def call(self, x: Any) -> Any:
        steps = ops.arange(1, ops.shape(x)[1] + 1, dtype=x.dtype)
        return ops.cumsum(x, axis=1) / steps[None, :, None]

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape


def over_time(
    *, n_features: int = 128, cell: str = "gru", units: int = 96, dropout: float = 0.2, n_classes: int = 10
) -> keras.Model:
    """A recurrent layer over the features of frames (as Donahue et al., "Long-term recurrent convolutional networks
    for visual recognition and description", 2015), and a softmax after every one.

    Parameters
    ----------
    n_features : int
        Of one frame.
    cell : {'lstm', 'gru', 'mean'}
        Long short-term memory (Hochreiter & Schmidhuber, 1997), gated recurrent unit (Cho et al., 2014), or the mean
        of the frames up to now, which knows no order.
    units : int
        Of the recurrent layer; the mean has a dense layer of as many.
    dropout : float
        Share of the features, and of the units, that is dropped in training.
    n_classes : int
        Units of the softmax.

    Returns
    -------
    keras.Model
        (n, T, n_features), any T -> (n, T, n_classes) float32, rows sum to 1.
    """
    if cell not in CELLS:
        raise ValueError(f"`cell` should be one of {CELLS}. Received: {cell!r}.")
    inputs = keras.Input((None, n_features), name="features")
    x = layers.Dropout(dropout)(inputs)
    if cell == "mean":
        x = layers.Dense(units, activation="relu")(RunningMean()(x))
    else:
        x = {"lstm": layers.LSTM, "gru": layers.GRU}[cell](units, return_sequences=True)(x)
    x = layers.Dropout(dropout)(x)
    outputs = layers.Dense(n_classes, activation="softmax", dtype="float32", name="digit")(x)
    return keras.Model(inputs, outputs, name=f"{cell}_over_time")
