"""The trained video network as a fast function of arrays, without Keras or TensorFlow."""

from __future__ import annotations

from os import PathLike, fspath
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from classifier.runtime import WEIGHTS, Runtime
from classifier.video.features import DIGIT

# The weights that come with the package.
NAME = "drawn_digit"


class VideoRuntime:
    """ONNX Runtime sessions of the digit network, which looks at every frame, and of what follows them in time.

    Parameters
    ----------
    path : path
        A file that `tridigit train video` wrote.
    threads : int
        Threads of one call.
    """

    def __init__(self, path: str | PathLike[str], *, threads: int = 1):
        if not Path(path).is_file():
            raise FileNotFoundError(f"Expected an exported video network, found none at {fspath(path)}.")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self._digit = Runtime.of_package(DIGIT, threads=threads)
        try:
            self._session = onnxruntime.InferenceSession(fspath(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime has classes of its own for a file that is none
            raise ValueError(f"{Path(path).name} should be a network of `tridigit train video`. {error}") from None
        inputs = [(given.name, len(given.shape)) for given in self._session.get_inputs()]
        if inputs != [("features", 3)]:
            raise ValueError(f"{Path(path).name} should be a network over features of frames. Received: {inputs}.")

    @classmethod
    def of_package(cls, *, threads: int = 1) -> VideoRuntime:
        """The network that comes with the package."""
        return cls(WEIGHTS / f"{NAME}.onnx", threads=threads)

    def predict_proba(self, frames: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Digit probabilities after every frame: (n, T, 28, 28) uint8 -> (n, T, 10) float32, rows sum to 1."""
        n, steps = frames.shape[:2]
        features = self._digit.features(frames.reshape(-1, *frames.shape[2:])).reshape(n, steps, -1)
        (found,) = self._session.run(None, {"features": features})
        return np.asarray(found)
