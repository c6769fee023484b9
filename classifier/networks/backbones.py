"""The networks, in pure Keras 3: input, backbone, head. Each carries its own scaling to [0, 1]."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import layers

from classifier.networks.blocks import conv, normal_relu, residual
from classifier.networks.heads import columns, kinds, positions


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
    x = conv(x, width)
    for filters in (2 * width, 4 * width):
        x = conv(x, filters, stride=2)
        for _ in range(depth):
            x = conv(x, filters)
    x = conv(x, 8 * width, padding="valid")
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(dropout)(x)
    outputs = layers.Dense(n_classes, activation="softmax", dtype="float32", name="digit")(x)
    return keras.Model(inputs, outputs, name="digit_cnn")


def number_cnn(*, width: int = 16, dense: int = 256, dropout: float = 0.2, activation: str = "sigmoid") -> keras.Model:
    """Whole-image network as specified: three convolutions, each followed by max pooling, a dense layer, 30 units.

    Parameters
    ----------
    width : int
        Filters of the first convolution; the others have 2 and 4 times as many.
    dense : int
        Units of the dense layer. It is batch-normalised: without that the network sits near chance
        for thousands of steps.
    dropout : float
        Share of the dense layer's units dropped in training.
    activation : {'sigmoid', 'softmax'}
        30 units of their own, or one distribution for each position.

    Returns
    -------
    keras.Model
        (n, 84, 84) with values 0-255, ink bright -> (n, 3, 10) float32.
    """
    inputs, x = _canvas()
    for filters in (width, 2 * width, 4 * width):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Flatten()(x)
    x = normal_relu(layers.Dense(dense, use_bias=False)(x))
    x = layers.Dropout(dropout)(x)
    return keras.Model(inputs, positions(x, activation), name="number_cnn")


def column_cnn(*, width: int = 16, dense: int = 256, dropout: float = 0.2, activation: str = "softmax") -> keras.Model:
    """Whole-image network that keeps the columns apart: six convolutions, the maximum over the rows, a dense layer.

    Where a digit stands from left to right decides its position in the number, its row decides
    nothing. Strided convolutions leave full resolution at once, where most multiplications of
    :func:`number_cnn` sit.

    Parameters
    ----------
    width, dense, dropout, activation
        As for :func:`number_cnn`; the later convolutions have 3, 4, 6, 8 and 8 times as many filters.

    Returns
    -------
    keras.Model
        (n, 84, 84) with values 0-255, ink bright -> (n, 3, 10) float32.
    """
    inputs, x = _canvas()
    x = conv(x, width, size=5, stride=2)
    x = conv(x, 3 * width, stride=2)
    x = conv(x, 4 * width)
    x = residual(x, 4 * width)
    x = conv(x, 6 * width, stride=2)
    x = conv(x, 8 * width)
    x = conv(x, 8 * width)
    x = residual(x, 4 * width)
    x = layers.MaxPooling2D((x.shape[1], 1))(x)
    x = layers.Dropout(dropout)(layers.Flatten()(x))
    x = normal_relu(layers.Dense(dense, use_bias=False)(x))
    x = layers.Dropout(dropout)(x)
    return keras.Model(inputs, positions(x, activation), name="column_cnn")


def field_cnn(*, width: int = 16, context: int = 144, dropout: float = 0.1) -> keras.Model:
    """Reads a gray field column by column: residual stages down to 4 rows, then convolutions along the line.

    The rows are given up step by step while 32 columns stay, so that a digit is learned once for all places, and how
    many there are is never fixed (as Shi, Bai & Yao, "An end-to-end trainable neural network for image-based sequence
    recognition", 2017, with dilated convolutions in place of the recurrent layers).

    Parameters
    ----------
    width : int
        Filters of the first layer; the later stages have 2.5, 4.5 and 7 times as many.
    context : int
        Filters of the convolutions along the line.
    dropout : float
        Share of each column's features dropped in training.

    Returns
    -------
    keras.Model
        (n, 64, 128) with values 0-255, see :func:`segmenter.fit_field` -> (n, 32, 12) float32: for each column the
        probabilities of the ten digits, of other writing and of nothing, rows sum to 1; see :mod:`classifier.ctc`.
    """
    inputs = keras.Input((64, 128), name="field")
    x = layers.Reshape((64, 128, 1))(layers.Rescaling(1 / 255)(inputs))
    x = conv(x, width, size=5, stride=2)
    x = residual(conv(x, 5 * width // 2, stride=2), 5 * width // 2)
    x = residual(conv(x, 9 * width // 2, stride=(2, 1)), 9 * width // 2)
    x = residual(conv(x, 7 * width, stride=(2, 1)), 7 * width)
    x = layers.Reshape((x.shape[2], -1))(layers.Permute((2, 1, 3))(x))
    x = normal_relu(layers.Dense(context, use_bias=False)(x))
    for dilation in (1, 2, 4, 1):
        y = layers.Conv1D(context, 5, dilation_rate=dilation, padding="same", use_bias=False)(x)
        x = layers.Add()([x, normal_relu(y)])
    return keras.Model(inputs, columns(layers.Dropout(dropout)(x)), name="field_cnn")


def pixel_cnn(*, width: int = 16) -> keras.Model:
    """Tells what each pixel of a gray field shows: down to 4 rows and back, with what was seen on the way.

    A small U-Net (Ronneberger, Fischer & Brox, "U-Net: convolutional networks for biomedical image segmentation",
    2015) with strided convolutions in place of pooling. The last step back is a rearrangement of channels (Shi et al.,
    "Real-time single image super-resolution using an efficient sub-pixel convolutional network", 2016): convolutions
    at full resolution would take most of the time.

    Parameters
    ----------
    width : int
        Filters at half resolution; the deeper stages have 1.5, 2.5 and 3.5 times as many.

    Returns
    -------
    keras.Model
        (n, 64, 128) with values 0-255, see :func:`segmenter.fit_field` -> (n, 64, 128, 5) float32: for each pixel the
        probabilities of :data:`classifier.labels.PIXEL_KINDS`, rows sum to 1.
    """
    inputs = keras.Input((64, 128), name="field")
    x = layers.Reshape((64, 128, 1))(layers.Rescaling(1 / 255)(inputs))
    half = conv(x, width, size=5, stride=2)
    quarter = residual(conv(half, 3 * width // 2, stride=2), 3 * width // 2)
    eighth = residual(conv(quarter, 5 * width // 2, stride=2), 3 * width // 2)
    x = residual(conv(eighth, 7 * width // 2, stride=2), 3 * width // 2)
    for seen, filters in ((eighth, 2 * width), (quarter, 3 * width // 2), (half, width)):
        # Fewer channels before there are four times as many pixels.
        x = layers.UpSampling2D()(conv(x, filters, size=1))
        x = conv(layers.Concatenate()([x, seen]), filters)
    return keras.Model(inputs, kinds(x), name="pixel_cnn")


def _canvas() -> tuple[Any, Any]:
    """Input (84, 84) of 0-255, and the same as (84, 84, 1) in [0, 1]."""
    inputs = keras.Input((84, 84), name="canvas")
    return inputs, layers.Reshape((84, 84, 1))(layers.Rescaling(1 / 255)(inputs))


def count_macs(model: keras.Model) -> int:
    """Multiplications and additions of the convolutions and dense layers for one image."""
    total = 0
    for layer in model.layers:
        if isinstance(layer, layers.Conv1D | layers.Conv2D | layers.Dense):
            total += math.prod(layer.output.shape[1:]) * math.prod(layer.kernel.shape[:-1])
    return total
