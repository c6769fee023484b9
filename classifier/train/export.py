"""A trained Keras network -> its runtime form: ONNX, its hidden layers in 8-bit integers."""

from __future__ import annotations

from os import PathLike, fspath
from pathlib import Path
from tempfile import TemporaryDirectory

import keras
import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process


def export_onnx(model: keras.Model, path: str | PathLike[str], sample: NDArray[np.float32]) -> None:
    """Write ``model`` as a file for :class:`classifier.runtime.Runtime`.

    Weights and activations of all convolutions but the first and of hidden dense layers become 8-bit
    integers (post-training static quantisation; Jacob et al., "Quantization and training of neural
    networks for efficient integer-arithmetic-only inference", 2018). Weights keep to 7 bits, so that
    processors without VNNI instructions do not saturate.

    Parameters
    ----------
    model : keras.Model
    path : path
    sample : (n, ...) float32
        Images as in training; their activations set the integers' ranges.
    """
    # Keras knows the shapes to export only of a model that has been called.
    model(sample[:1])
    with TemporaryDirectory() as folder:
        whole, ready = (str(Path(folder) / name) for name in ("float32.onnx", "ready.onnx"))
        model.export(whole, format="onnx", verbose=False)
        quant_pre_process(whole, ready, skip_symbolic_shape=True)
        # The first convolution has few multiplications and the most to lose.
        first = next(node.name for node in onnx.load(ready).graph.node if node.op_type == "Conv")
        quantize_static(
            ready,
            fspath(path),
            _Images(ready, sample),
            # Hidden dense layers have no bias and are MatMul; the last one is Gemm and stays as it is: a softmax
            # in steps of 1/256 could not tell 0.997 from 0.999.
            # Rectifiers and sums would otherwise go back to floats between two convolutions.
            op_types_to_quantize=["Conv", "MatMul", "Relu", "Add"],
            nodes_to_exclude=[first],
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
        )


class _Images(CalibrationDataReader):
    """Hands the sample to the quantiser, 64 images at a time."""

    def __init__(self, network: str, sample: NDArray[np.float32]):
        name = onnxruntime.InferenceSession(network).get_inputs()[0].name
        self._batches = ({name: sample[i : i + 64]} for i in range(0, len(sample), 64))

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        return next(self._batches, None)
