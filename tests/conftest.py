"""Fixtures shared by all tests: real digits, fields made of them, a network that trains at once."""

import contextlib
from functools import partialmethod
from pathlib import Path

import numpy as np
import pytest

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="session")
def digits():
    """MNIST digits x (300, 28, 28) uint8, ink bright on 0, and their values y (300,), 30 of each class."""
    with np.load(DATA / "digits.npz") as stored:
        x, y = stored["x"], stored["y"]
    x.setflags(write=False)
    y.setflags(write=False)
    return x, y


@pytest.fixture(scope="session")
def digit(digits):
    """Function: the ``sample``-th (of 30) digit of a value, (28, 28) uint8."""
    x, y = digits

    def pick(value, sample=0):
        return x[y == int(value)][sample]

    return pick


@pytest.fixture(scope="session")
def field(digit):
    """Function: three digits on an 84x84 black canvas at columns 0, 28 and 56, and their label."""

    def place(label="427", rows=(28, 28, 28), sample=0):
        canvas = np.zeros((84, 84), np.uint8)
        for k, (value, row) in enumerate(zip(label, rows, strict=True)):
            canvas[row : row + 28, 28 * k : 28 * k + 28] = digit(value, sample)
        return canvas, label

    return place


@pytest.fixture(scope="session")
def dense_network():
    """Function: the smallest network for digits with all that a training keeps: kernels, moving means, dropout."""
    import keras
    from keras import layers

    def dense_network(*, width=8, depth=1, dropout=0.3):
        inputs = keras.Input((28, 28))
        x = layers.Reshape((28, 28, 1))(layers.Rescaling(1 / 255)(inputs))
        x = layers.Flatten()(layers.AveragePooling2D(4)(x))
        for _ in range(depth + 1):
            x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(layers.Dense(8 * width, use_bias=False)(x)))
        x = layers.Dropout(dropout)(x)
        return keras.Model(inputs, layers.Dense(10, activation="softmax", dtype="float32")(x))

    return dense_network


@pytest.fixture(scope="session")
def pictures():
    """Function: ``n`` pictures (n, side, side, 3) uint8 of a disc or a bar, red or blue, and their labels by group."""

    def draw(n, side=16, seed=0):
        rng = np.random.default_rng(seed)
        shape, colour = (np.array(names)[rng.integers(0, 2, n)] for names in (["disc", "bar"], ["red", "blue"]))
        images = rng.integers(0, 60, (n, side, side, 3)).astype(np.uint8)
        y, x = np.indices((side, side)) / side - 0.5
        for image, s, c in zip(images, shape, colour, strict=True):
            dy, dx = rng.uniform(-0.1, 0.1, 2)
            inside = np.hypot(y - dy, x - dx) < 0.3 if s == "disc" else np.abs(x - dx) < 0.1
            image[inside] = (220, 40, 40) if c == "red" else (40, 40, 220)
        return images, {"shape": shape, "colour": colour}

    return draw


@contextlib.contextmanager
def _uncompiled():
    import keras

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras.Model, "compile", partialmethod(keras.Model.compile, run_eagerly=True))
        yield


@pytest.fixture(scope="session")
def uncompiled():
    """Context in which networks train step by step: compiling one takes seconds, and memory that is never freed."""
    return _uncompiled


@pytest.fixture
def uncompiled_here():
    """The same for a whole test; fixtures of a wider scope are not in it."""
    with _uncompiled():
        yield
