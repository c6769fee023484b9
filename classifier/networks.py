"""The networks, in pure Keras 3: input, backbone, head. Each carries its own scaling to [0, 1]."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import layers


def _conv(x: Any, filters: int, *, stride: int = 1, padding: str = "same") -> Any:
    """3x3 convolution, batch normalisation, ReLU."""
    x = layers.Conv2D(filters, 3, strides=stride, padding=padding, use_bias=False)(x)
    # Keras's momentum of 0.99 lags behind a short training by epochs.
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))


def digit_cnn(*, width: int = 16, depth: int = 2, dropout: float = 0.3, n_classes: int = 10) -> keras.Model:
    """Small all-convolutional network for one digit.

    Most multiplications of a plain network sit in its full-resolution layers, so this one leaves
    28x28 after a single layer. Strided convolutions stand in for pooling (Springenberg et al.,
    "Striving for simplicity", 2015) and global average pooling for the dense layers.

    Parameters
    ----------
    width : int
        Filters of the first layer; the later stages have 2, 4 and 8 times as many.
    depth : int
        Extra convolutions at 14x14 and at 7x7.
    dropout : float
        Share of the pooled features dropped in training.
    n_classes : int
        Units of the softmax.

    Returns
    -------
    keras.Model
        (n, 28, 28) with values 0-255, ink bright -> (n, n_classes) float32, rows sum to 1.
    """
    inputs = keras.Input((28, 28), name="crop")
    x = layers.Rescaling(1 / 255)(inputs)
    x = layers.Reshape((28, 28, 1))(x)
    x = _conv(x, width)
    for filters in (2 * width, 4 * width):
        x = _conv(x, filters, stride=2)
        for _ in range(depth):
            x = _conv(x, filters)
    x = _conv(x, 8 * width, padding="valid")
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(dropout)(x)
    outputs = layers.Dense(n_classes, activation="softmax", dtype="float32", name="digit")(x)
    return keras.Model(inputs, outputs, name="digit_cnn")


BACKBONES: dict[str, Callable[..., keras.Model]] = {"digit_cnn": digit_cnn}
