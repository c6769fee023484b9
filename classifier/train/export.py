"""A trained Keras network -> its runtime form: ONNX, its hidden layers in 8-bit integers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import redirect_stdout
from io import StringIO
from os import PathLike, fspath
from pathlib import Path
from tempfile import TemporaryDirectory

import keras
import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from classifier.runtime import FEATURES

CALIBRATIONS = {"minmax": CalibrationMethod.MinMax, "percentile": CalibrationMethod.Percentile}
# Images that the quantiser sees together: it keeps all their activations.
PART = 16


def export_onnx(
    model: keras.Model,
    path: str | PathLike[str],
    sample: NDArray[np.float32],
    *,
    calibration: str = "minmax",
    weight_bits: int = 7,
    facts: Mapping[str, str] | None = None,
) -> None:
    """Write ``model`` as a file for :class:`classifier.runtime.Runtime`.

    Weights and activations of all convolutions but the first and of hidden dense layers become 8-bit
    integers (post-training static quantisation; Jacob et al., "Quantization and training of neural
    networks for efficient integer-arithmetic-only inference", 2018).

    Parameters
    ----------
    model : keras.Model
    path : path
    sample : (n, ...) float32
        Images as in training; their activations set the integers' ranges.
    calibration : {'minmax', 'percentile'}
        From the least to the largest activation, or without the last 0.001%, where outliers would make the steps of
        all others coarse.
    weight_bits : {7, 8}
        With 7, sums do not saturate on processors without VNNI instructions. Networks of thin (depthwise) convolutions
        need 8, and a session that sees to it there, as :class:`classifier.runtime.GroupRuntime` does.
    facts : mapping, optional
        Kept in the file as its metadata.

    Raises
    ------
    ValueError
        For another calibration or number of bits.
    """
    if calibration not in CALIBRATIONS or weight_bits not in (7, 8):
        raise ValueError(
            f"`calibration` should be one of {[*CALIBRATIONS]} and `weight_bits` 7 or 8. Received: {calibration!r} "
            f"and {weight_bits}."
        )
    with TemporaryDirectory() as folder:
        whole, ready = (str(Path(folder) / name) for name in ("float32.onnx", "ready.onnx"))
        export_floats(model, whole)
        quant_pre_process(whole, ready, skip_symbolic_shape=True)
        # The first convolution has few multiplications and the most to lose, and so has the scaling of the image before
        # it. The last dense layer stays as it is: a softmax in steps of 1/256 could not tell 0.997 from 0.999.
        network = onnx.load(ready)
        nodes = list(network.graph.node)
        first = next(k for k, node in enumerate(nodes) if node.op_type == "Conv")
        kept = [node.name for node in [*nodes[: first + 1], *_dense(network)[-1:]]]
        with redirect_stdout(StringIO()):  # the percentiles, tensor by tensor
            quantize_static(
                ready,
                fspath(path),
                _Images(ready, sample),
                # Hidden dense layers have no bias and are MatMul. Rectifiers (a Clip is one that ends at 6) and sums
                # would otherwise go back to floats between two convolutions.
                op_types_to_quantize=["Conv", "MatMul", "Relu", "Clip", "Add"],
                nodes_to_exclude=kept,
                quant_format=QuantFormat.QDQ,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                per_channel=True,
                reduce_range=weight_bits == 7,
                calibrate_method=CALIBRATIONS[calibration],
                # It has to divide their number.
                extra_options={"CalibStridedMinMax": math.gcd(PART, len(sample))},
            )

    _keep(facts, path)


def export_floats(model: keras.Model, path: str | PathLike[str], *, facts: Mapping[str, str] | None = None) -> None:
    """Write ``model`` as it is, in 32-bit floats."""
    # Keras knows the shapes to export only of a model that has been called.
    model(np.zeros((1, *model.input_shape[1:]), np.float32))
    for layer in model.layers:
        if isinstance(layer, keras.layers.Normalization):  # as tensors, its numbers would become inputs
            layer.mean, layer.variance = np.asarray(layer.mean), np.asarray(layer.variance)
    model.export(fspath(path), format="onnx", verbose=False)
    _keep(facts, path)


def _dense(network: onnx.ModelProto) -> list[onnx.NodeProto]:
    """The dense layers: Gemm with a bias; MatMul without one, or with one of zeros as it begins a training."""
    return [node for node in network.graph.node if node.op_type in ("Gemm", "MatMul")]


def _keep(facts: Mapping[str, str] | None, path: str | PathLike[str]) -> None:
    if facts:
        exported = onnx.load(path)
        onnx.helper.set_model_props(exported, dict(facts))
        onnx.save(exported, path)


def expose_features(card: Path) -> Path:
    """Let an exported digit network give what its last layer decides from, too; see :meth:`Runtime.features`.

    Videos are read through them. The network is the one of this card, which is given back.
    """
    path = card.with_suffix(".onnx")
    network = onnx.load(path)
    last = _dense(network)[-1]
    width = next(w.dims for w in network.graph.initializer if w.name == last.input[1])[0]
    network.graph.node.append(onnx.helper.make_node("Identity", [last.input[0]], [FEATURES]))
    network.graph.output.append(onnx.helper.make_tensor_value_info(FEATURES, onnx.TensorProto.FLOAT, [None, width]))
    onnx.save(network, fspath(path))
    return card


def halve_weights(path: str | PathLike[str], *, least: int = 1000) -> None:
    """Store the float32 weights of an exported network as float16; they are computed with as float32.

    Parameters
    ----------
    least : int
        Arrays with fewer values stay as they are.
    """
    network = onnx.load(path)
    for weights in list(network.graph.initializer):
        values = onnx.numpy_helper.to_array(weights)
        if values.dtype == np.float32 and values.size >= least:
            stored = onnx.numpy_helper.from_array(values.astype(np.float16), f"{weights.name}_half")
            network.graph.initializer.remove(weights)
            network.graph.initializer.append(stored)
            network.graph.node.insert(
                0, onnx.helper.make_node("Cast", [stored.name], [weights.name], to=onnx.TensorProto.FLOAT)
            )
    onnx.save(network, fspath(path))


class _Images(CalibrationDataReader):
    """Hands the sample to the quantiser, range by range."""

    def __init__(self, network: str, sample: NDArray[np.float32]):
        self.name = onnxruntime.InferenceSession(network).get_inputs()[0].name
        self.sample = sample
        self._ranges: list[NDArray[np.float32]] = []

    def __len__(self) -> int:
        return len(self.sample)

    def set_range(self, start_index: int, end_index: int) -> None:
        self._ranges = [self.sample[start_index:end_index]]

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        return {self.name: self._ranges.pop()} if self._ranges else None
