"""Features of a backbone that is not trained, computed once for each image."""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import blake2b
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory

import joblib
import keras
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from classifier.data.images import resized
from classifier.train.export import export_floats

# Images that are computed together, and images whose features are written together.
PART, WRITTEN = 64, 2048
Features = Callable[[NDArray[np.uint8]], NDArray[np.float16]]


def make_features(backbone: keras.Model, folder: str | PathLike[str] | None = None) -> Features:
    """The backbone as a fast function of images, through the inference runtime.

    Parameters
    ----------
    backbone : keras.Model
        Images -> feature maps, which are averaged, or features.
    folder : path, optional
        Keeps the features of each image: asked again, among whatever others, they are read.

    Returns
    -------
    callable
        (n, h, w, 3) uint8 of any size -> (n, d) float16: half of the memory, and exact to a thousandth.
    """
    if folder is not None:
        return KeptFeatures(backbone, Path(folder))
    with TemporaryDirectory() as temporary:
        return _exported(backbone, Path(temporary) / "backbone.onnx")


class KeptFeatures:
    """Features by image, in a folder for each backbone: parts of digests and features, and the exported backbone."""

    def __init__(self, backbone: keras.Model, folder: Path):
        self.backbone = backbone
        made_by = backbone.get_weights(), backbone.input_shape[1], backbone.output_shape
        self.folder = folder / str(joblib.hash(made_by))
        self.folder.mkdir(parents=True, exist_ok=True)
        self._compute: Features | None = None
        self._known: dict[bytes, NDArray[np.float16]] = {}
        for file in sorted(self.folder.glob("features-*.npz")):
            with np.load(file) as part:
                self._keep(part["digests"], part["features"])

    def __call__(self, images: NDArray[np.uint8]) -> NDArray[np.float16]:
        digests = [_digest(image) for image in images]
        unknown = {digest: k for k, digest in enumerate(digests) if digest not in self._known}
        places = sorted(unknown.values())
        for k in range(0, len(places), WRITTEN):
            self._add([digests[place] for place in places[k : k + WRITTEN]], images[places[k : k + WRITTEN]])
        found = np.array([self._known[digest] for digest in digests], np.float16)
        return found.reshape(len(images), self.backbone.output_shape[-1])

    def _add(self, digests: list[bytes], images: NDArray[np.uint8]) -> None:
        if self._compute is None:
            self._compute = _exported(self.backbone, self.folder / "backbone.onnx")
        stored, features = np.array([[*digest] for digest in digests], np.uint8), self._compute(images)
        part = self.folder / "part.npz"
        np.savez(part, digests=stored, features=features)
        part.replace(self.folder / f"features-{len(self._known):09d}.npz")
        self._keep(stored, features)

    def _keep(self, digests: NDArray[np.uint8], features: NDArray[np.float16]) -> None:
        self._known |= {digest.tobytes(): row for digest, row in zip(digests, features, strict=True)}


def _digest(image: NDArray[np.uint8]) -> bytes:
    """What tells an image from all others, 16 bytes."""
    return blake2b(image.tobytes(), digest_size=16, key=repr(image.shape).encode()).digest()


def _exported(backbone: keras.Model, path: Path) -> Features:
    """Features through the inference runtime; its file at ``path`` is made if it is not there."""
    output = backbone.output
    pooled = keras.layers.GlobalAveragePooling2D()(output) if len(output.shape) == 4 else output
    if not path.exists():
        part = path.with_suffix(".part.onnx")
        export_floats(keras.Model(backbone.input, pooled), part)
        part.replace(path)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = os.cpu_count() or 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    name, size = session.get_inputs()[0].name, backbone.input_shape[1]

    def features(images: NDArray[np.uint8]) -> NDArray[np.float16]:
        out = np.empty((len(images), pooled.shape[-1]), np.float16)
        for k in range(0, len(images), PART):
            part = resized(images[k : k + PART], size).astype(np.float32)
            out[k : k + PART] = session.run(None, {name: part})[0]
        return out

    return features
