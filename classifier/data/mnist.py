"""Where images and labels come from."""

from __future__ import annotations

import os
import zipfile
from dataclasses import dataclass
from os import PathLike, fspath

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Mnist:
    """MNIST's 70,000 digits; the last twelfth of the training digits, 5,000, is kept for validation.

    ``x_*`` : (n, 28, 28) uint8, ink bright on 0. ``y_*`` : (n,) uint8.
    """

    x_train: NDArray[np.uint8]
    y_train: NDArray[np.uint8]
    x_val: NDArray[np.uint8]
    y_val: NDArray[np.uint8]
    x_test: NDArray[np.uint8]
    y_test: NDArray[np.uint8]


def load_mnist(path: str | PathLike[str] | None = None) -> Mnist:
    """Load MNIST (Y. LeCun, C. Cortes, C. Burges).

    Parameters
    ----------
    path : path, optional
        An ``mnist.npz`` in Keras's layout. Default: the environment variable TRIDIGIT_MNIST, then
        ``keras.datasets.mnist``, which downloads it once.

    Raises
    ------
    OSError, ValueError
        If the file cannot be read or lacks an array.
    """
    path = path or os.environ.get("TRIDIGIT_MNIST")
    if path:
        x, y, x_test, y_test = load_arrays(path, ["x_train", "y_train", "x_test", "y_test"]).values()
    else:
        import keras

        (x, y), (x_test, y_test) = keras.datasets.mnist.load_data()
    cut = len(x) - len(x) // 12
    return Mnist(x[:cut], y[:cut], x[cut:], y[cut:], x_test, y_test)


def load_arrays(path: str | PathLike[str], names: list[str]) -> dict[str, NDArray]:
    """Named arrays of an ``.npz`` file; ValueError if it is none or lacks one, OSError if it cannot be read."""
    try:
        with open(path, "rb") as file, np.load(file) as arrays:
            found = {name: arrays[name] for name in names if name in arrays}
    except (EOFError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise ValueError(f"{fspath(path)} should be an .npz file. Received: {error}.") from error
    if missing := [name for name in names if name not in found]:
        raise ValueError(f"{fspath(path)} should hold {', '.join(names)}. Missing: {', '.join(missing)}.")
    return found
