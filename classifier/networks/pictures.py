"""Backbones for colour images, in pure Keras 3: (n, size, size, 3) of 0-255 -> feature maps (n, h, w, channels)."""

from __future__ import annotations

import keras
from keras import layers

from classifier.networks.blocks import conv, residual


def small_cnn(size: int = 32, *, width: int = 24) -> keras.Model:
    """Small residual network for images of about 32 pixels, to be trained from scratch.

    One thin layer sees the full resolution, where multiplications are many; three strided stages follow, each with a
    residual block (He et al., "Deep residual learning for image recognition", 2016).

    Parameters
    ----------
    size : int
        Side of the images, 16 at least.
    width : int
        Filters of the first layer; the stages have 2, 4 and 8 times as many.

    Returns
    -------
    keras.Model
        (n, size, size, 3) with values 0-255 -> (n, size / 8, size / 8, 8 * width).
    """
    inputs = keras.Input((size, size, 3), name="image")
    x = conv(layers.Rescaling(1 / 127.5, -1)(inputs), width)
    for filters in (2 * width, 4 * width, 8 * width):
        x = residual(conv(x, filters, stride=2), filters)
    return keras.Model(inputs, x, name="small_cnn")
