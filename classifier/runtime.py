"""A trained network as a fast function of arrays, without Keras or TensorFlow."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from classifier.data.images import resized

WEIGHTS = Path(__file__).parent / "weights"
# Where a file of a network with label groups keeps their labels.
GROUPS = "groups.json"
GROUPS_VERSION = 1
# The second output of a digit network.
FEATURES = "features"


class Runtime:
    """ONNX Runtime session of an exported network.

    Parameters
    ----------
    path : path
        A file written by :func:`classifier.train.export.export_onnx`.
    threads : int
        Threads of one call; 1 in worker processes.
    batch_size : int
        Largest number of images in one call; larger arrays are run in parts.

    Attributes
    ----------
    names : tuple of str
        The name of the weights, if they come with the package; else empty.
    """

    # Of ONNX Runtime's sessions.
    _settings: Mapping[str, str] = {}

    def __init__(self, path: str | PathLike[str], *, threads: int = 1, batch_size: int = 64):
        if not Path(path).is_file():
            raise FileNotFoundError(f"Expected an exported network, found none at {fspath(path)}.")
        self.path, self.threads, self.batch_size = fspath(path), threads, batch_size
        self.names = _names_in_package(Path(path))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        for name, value in self._settings.items():
            options.add_session_config_entry(name, value)
        self._session = onnxruntime.InferenceSession(self.path, options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name

    def __repr__(self) -> str:
        return f"Runtime({self.path!r})"

    @classmethod
    def of_package(cls, name: str, *, threads: int = 1, batch_size: int = 64) -> Runtime:
        """The network of this name among the weights that come with the package."""
        return cls(WEIGHTS / f"{name}.onnx", threads=threads, batch_size=batch_size)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by path, since a session cannot cross into a worker process.

        Weights of the package go by their name: where this is loaded, the package may lie elsewhere.
        """
        own = type(self)
        make, where = (own.of_package, self.names[0]) if self.names else (own, self.path)
        return partial(make, where, threads=self.threads, batch_size=self.batch_size), ()

    def predict_proba(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Probabilities of a batch of images.

        Parameters
        ----------
        images : (n, H, W) uint8
            Ink bright on 0; n may be 0.

        Returns
        -------
        (n, ...) float32
            (n, 10) for a digit network, (n, 3, 10) for a whole-image network, (n, 32, 12) for a field network; rows
            sum to 1.
        """
        outputs = next(iter(self._outputs(images).values()))
        # Sigmoids of their own need not sum to 1.
        return outputs / outputs.sum(axis=-1, keepdims=True)

    def features(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """What the last layer of a digit network decides from: (n, H, W) uint8 -> (n, d) float32.

        Raises
        ------
        ValueError
            If the file gives the probabilities alone.
        """
        outputs = self._outputs(images)
        if FEATURES not in outputs:
            raise ValueError(f"Expected a digit network that gives its features. Received: {self!r}.")
        return outputs[FEATURES]

    def _outputs(self, images: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """Name of each output -> its values."""
        if images.dtype != np.uint8:
            raise TypeError(f"Images should be uint8, 0-255. Received: {images.dtype}.")
        if not len(images):
            # The file need not name the shape of the answer; one empty image tells it.
            return {k: v[:0] for k, v in self._outputs(np.zeros((1, *images.shape[1:]), np.uint8)).items()}
        parts = [
            self._session.run(None, {self._input: self._ready(images[i : i + self.batch_size])})
            for i in range(0, len(images), self.batch_size)
        ]
        # In alphabetical order, whatever the network's own.
        names = [output.name for output in self._session.get_outputs()]
        return {name: np.concatenate([part[k] for part in parts]) for k, name in enumerate(names)}

    def _ready(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        return images.astype(np.float32)


class GroupRuntime(Runtime):
    """Session of a network with a head for each label group.

    Attributes
    ----------
    classes_ : dict
        Group -> its labels, (k,) str.
    size : int
        Side of the images that it takes.
    """

    # Their sums of products saturate on processors without VNNI instructions, in the form that is fast there.
    _settings: Mapping[str, str] = {"session.x64quantprecision": "1"}

    def __init__(self, path: str | PathLike[str], *, threads: int = 1, batch_size: int = 64):
        super().__init__(path, threads=threads, batch_size=batch_size)
        facts = self._session.get_modelmeta().custom_metadata_map.get(GROUPS)
        self.classes_ = groups_of(facts, fspath(path))
        self.size = int(self._session.get_inputs()[0].shape[1])

    def predict_proba(self, images: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:  # type: ignore[override]
        """Group -> probabilities of its labels, (n, k) float32, of images (n, h, w, 3) uint8 of any size."""
        outputs = self._outputs(images)
        return {group: outputs[group] for group in self.classes_}

    def predict(self, images: NDArray[np.uint8]) -> dict[str, NDArray[np.str_]]:
        """Group -> the most probable label of each image, (n,) str."""
        return {group: self.classes_[group][p.argmax(axis=1)] for group, p in self.predict_proba(images).items()}

    def _ready(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        return resized(images, self.size).astype(np.float32)


def groups_text(classes: Mapping[str, NDArray[np.str_]]) -> str:
    """Group -> labels, as a file of a network keeps them: JSON."""
    groups = {group: labels.tolist() for group, labels in classes.items()}
    return json.dumps({"version": GROUPS_VERSION, "groups": groups}, ensure_ascii=False)


def groups_of(facts: str | None, path: str) -> dict[str, NDArray[np.str_]]:
    """The same back.

    Raises
    ------
    ValueError
        If the file keeps none, or is of another version of the format.
    """
    found = json.loads(facts) if facts else {}
    if found.get("version") != GROUPS_VERSION:
        raise ValueError(
            f"Expected a network of label groups, version {GROUPS_VERSION}. Received: {path!r}, version "
            f"{found.get('version')}."
        )
    return {group: np.array(labels, dtype=np.str_) for group, labels in found["groups"].items()}


def _names_in_package(path: Path) -> tuple[str, ...]:
    """The name of weights of the package, as a tuple of one; () for a file that is none of them."""
    folder, path = WEIGHTS.resolve(), path.resolve()
    if path.suffix != ".onnx" or not path.is_relative_to(folder):
        return ()
    return (path.relative_to(folder).with_suffix("").as_posix(),)
