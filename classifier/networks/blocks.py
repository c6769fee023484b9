"""What the networks are built of."""

from __future__ import annotations

from typing import Any

from keras import layers


def conv(x: Any, filters: int, *, size: int = 3, stride: int | tuple[int, int] = 1, padding: str = "same") -> Any:
    """Convolution, batch normalisation, ReLU."""
    return normal_relu(layers.Conv2D(filters, size, strides=stride, padding=padding, use_bias=False)(x))


def residual(x: Any, filters: int) -> Any:
    """Two convolutions, the first to ``filters``, whose result is added to ``x`` (He et al., 2016).

    Begins as the identity: the last scale is 0 (Goyal et al., "Accurate, large minibatch SGD", 2017).
    """
    y = layers.Conv2D(x.shape[-1], 3, padding="same", use_bias=False)(conv(x, filters))
    y = layers.BatchNormalization(momentum=0.9, gamma_initializer="zeros")(y)
    return layers.ReLU()(layers.Add()([x, y]))


def normal_relu(x: Any) -> Any:
    # Keras's momentum of 0.99 lags behind a short training by epochs.
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
