"""A trained network as a fast function of arrays, without Keras or TensorFlow."""

from __future__ import annotations

from functools import partial
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

WEIGHTS = Path(__file__).parent / "weights"


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

    def __init__(self, path: str | PathLike[str], *, threads: int = 1, batch_size: int = 64):
        if not Path(path).is_file():
            raise FileNotFoundError(f"Expected an exported network, found none at {fspath(path)}.")
        self.path, self.threads, self.batch_size = fspath(path), threads, batch_size
        self.names = _names_in_package(Path(path))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
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
        make, where = (Runtime.of_package, self.names[0]) if self.names else (Runtime, self.path)
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
        if images.dtype != np.uint8:
            raise TypeError(f"Images should be uint8, 0-255. Received: {images.dtype}.")
        if not len(images):
            # The file need not name the shape of the answer; one empty image tells it.
            return self.predict_proba(np.zeros((1, *images.shape[1:]), np.uint8))[:0]
        parts = [
            self._session.run(None, {self._input: images[i : i + self.batch_size].astype(np.float32)})[0]
            for i in range(0, len(images), self.batch_size)
        ]
        outputs = np.concatenate(parts)
        # Sigmoids of their own need not sum to 1.
        return outputs / outputs.sum(axis=-1, keepdims=True)


def _names_in_package(path: Path) -> tuple[str, ...]:
    """The name of weights of the package, as a tuple of one; () for a file that is none of them."""
    folder, path = WEIGHTS.resolve(), path.resolve()
    if path.suffix != ".onnx" or not path.is_relative_to(folder):
        return ()
    return (path.relative_to(folder).with_suffix("").as_posix(),)
