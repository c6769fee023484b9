"""A trained Keras network -> its runtime form."""

from __future__ import annotations

from os import PathLike, fspath

import keras
import numpy as np


def export_onnx(model: keras.Model, path: str | PathLike[str]) -> None:
    """Write ``model`` as an ONNX file for :class:`classifier.runtime.Runtime`."""
    # Keras knows the shapes to export only of a model that has been called.
    model(np.zeros((1, *model.input_shape[1:]), np.float32))
    model.export(fspath(path), format="onnx", verbose=False)
