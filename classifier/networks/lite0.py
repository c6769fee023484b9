"""EfficientNet-Lite0: a network for photographs without the parts that small processors are slow at."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

# Repeats, side of the kernel, stride, expansion, filters of each stage (Tan & Le, "EfficientNet", 2019, table 1).
STAGES = (
    (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)  # fmt: skip


def efficientnet_lite0(size: int = 224) -> keras.Model:
    """EfficientNet-B0 without squeeze-and-excitation, ReLU6 in place of swish (R. Liu, EfficientNet-Lite, 2020).

    Parameters
    ----------
    size : int
        Side of the images, 32 at least; 224 is what its published weights were trained on.

    Returns
    -------
    keras.Model
        (n, size, size, 3) with values 0-255 -> (n, size / 32, size / 32, 1280).
    """
    inputs = keras.Input((size, size, 3), name="image")
    x = layers.Rescaling(1 / 128, -127 / 128)(inputs)
    x = _active(layers.Conv2D(32, 3, strides=2, padding="same", use_bias=False)(x))
    for repeats, kernel, stride, expansion, filters in STAGES:
        for k in range(repeats):
            x = _inverted_residual(x, filters, kernel, stride if k == 0 else 1, expansion)
    x = _active(layers.Conv2D(1280, 1, use_bias=False)(x))
    return keras.Model(inputs, x, name="efficientnet_lite0")


def _inverted_residual(x: Any, filters: int, kernel: int, stride: int, expansion: int) -> Any:
    """Widened, filtered channel by channel, narrowed (Sandler et al., "MobileNetV2", 2018)."""
    y = x
    if expansion > 1:
        y = _active(layers.Conv2D(expansion * x.shape[-1], 1, use_bias=False)(y))
    y = _active(layers.DepthwiseConv2D(kernel, strides=stride, padding="same", use_bias=False)(y))
    y = layers.BatchNormalization(epsilon=1e-3)(layers.Conv2D(filters, 1, use_bias=False)(y))
    return layers.Add()([x, y]) if stride == 1 and x.shape[-1] == filters else y


def _active(x: Any) -> Any:
    return layers.ReLU(max_value=6)(layers.BatchNormalization(epsilon=1e-3)(x))
