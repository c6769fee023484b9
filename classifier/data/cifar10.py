"""CIFAR-10: 60,000 colour images of 32x32 pixels in ten classes."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike, fspath

import numpy as np
from numpy.typing import NDArray

from classifier.data.mnist import load_arrays

NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
ARRAYS = ["x_train", "y_train", "x_test", "y_test"]


@dataclass(frozen=True)
class Cifar10:
    """The last tenth of the training images, 5,000, is kept for validation.

    ``x_*`` : (n, 32, 32, 3) uint8, RGB. ``y_*`` : (n,) str, of :data:`NAMES`.
    """

    x_train: NDArray[np.uint8]
    y_train: NDArray[np.str_]
    x_val: NDArray[np.uint8]
    y_val: NDArray[np.str_]
    x_test: NDArray[np.uint8]
    y_test: NDArray[np.str_]


def load_cifar10(path: str | PathLike[str] | None = None) -> Cifar10:
    """Load CIFAR-10 (A. Krizhevsky, "Learning multiple layers of features from tiny images", 2009).

    Parameters
    ----------
    path : path, optional
        An ``.npz`` in Keras's layout. Default: ``keras.datasets.cifar10``, which downloads it once.

    Raises
    ------
    OSError, ValueError
        If the file cannot be read, lacks an array or holds something else.
    """
    if path:
        x, y, x_test, y_test = load_arrays(path, ARRAYS).values()
    else:
        import keras

        (x, y), (x_test, y_test) = keras.datasets.cifar10.load_data()
    for images, labels in ((x, y), (x_test, y_test)):
        if images.shape[1:] != (32, 32, 3) or labels.size != len(images) or not np.isin(labels, range(10)).all():
            raise ValueError(
                f"CIFAR-10 should have images (n, 32, 32, 3) and labels 0-9. Received: {images.shape} and labels of "
                f"shape {labels.shape}, in {fspath(path or 'keras.datasets')!r}."
            )
    names = np.array(NAMES)
    y, y_test = names[y.ravel().astype(int)], names[y_test.ravel().astype(int)]
    cut = len(x) - len(x) // 10
    return Cifar10(x[:cut], y[:cut], x[cut:], y[cut:], x_test, y_test)
