"""What a network sees: the feature maps of its convolutions, and where in the image an answer comes from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray
from PIL import Image

METHODS = ("gradcam", "hirescam")
# The colours of little and of full evidence.
COLOURS = np.array([(255, 220, 0), (220, 0, 0)], float)


def feature_maps(model: keras.Model, image: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
    """Activations after each stage for one image.

    Parameters
    ----------
    model : keras.Model
        One of :data:`classifier.networks.DIGIT_NETWORKS`.
    image : (H, W) uint8
        Ink bright on 0.

    Returns
    -------
    dict
        Name of the layer -> (h, w, channels) float32, after each ReLU with rows and columns and
        each max pooling, from input to output.
    """
    stages = [
        layer
        for layer in model.layers
        if isinstance(layer, keras.layers.ReLU | keras.layers.MaxPooling2D) and len(layer.output.shape) == 4
    ]
    watched = keras.Model(model.input, [layer.output for layer in stages])
    outputs = watched(image[None].astype(np.float32))
    return {layer.name: np.asarray(output)[0] for layer, output in zip(stages, outputs, strict=True)}


def grad_cam(
    model: keras.Model,
    image: NDArray[np.uint8],
    label: int | None = None,
    *,
    group: str | None = None,
    position: int | None = None,
    layer: str | None = None,
    method: str = "gradcam",
) -> NDArray[np.float32]:
    """Where in the image the evidence for an answer lies.

    Parameters
    ----------
    model : keras.Model
        Functional and flat: a backbone nested as one layer gives no gradients of the layers in it.
    image : (H, W) or (H, W, 3) uint8
        As the network takes it.
    label : int, optional
        Index of the answer. Default: the most probable.
    group : str, optional
        Output of a network with several. Default: the first.
    position : int, optional
        Row of an output (positions, labels). Default: all together, or with ``label`` None the most probable of each.
    layer : str, optional
        A layer with an output (n, h, w, channels). Default: the last one with more than one row and column.
    method : {'gradcam', 'hirescam'}
        Weigh each channel by its mean gradient (Selvaraju et al., "Grad-CAM", 2017), or each place of each channel by
        its own gradient (Draelos & Carin, "Use HiResCAM instead of Grad-CAM", 2021), which is exact for a network that
        is linear from there on.

    Returns
    -------
    (H, W) float32
        Between 0 and 1, 1 where there is most evidence; all 0 where there is none.

    Raises
    ------
    ValueError
        For an unknown method, layer or group, or a layer without rows and columns.
    """
    if method not in METHODS:
        raise ValueError(f"`method` should be one of {METHODS}. Received: {method!r}.")
    before, score = _score(model, group)
    watched = keras.Model(model.input, [_seen(model, layer), before])
    maps, gradients = _gradients(watched, score, image[None].astype(np.float32), label, position)
    weights = gradients if method == "hirescam" else gradients.mean(axis=(0, 1), keepdims=True)
    evidence = np.maximum((weights * maps).sum(axis=2), 0)
    evidence /= evidence.max() or 1
    return _enlarged(evidence, *image.shape[:2])


def overlay(image: NDArray[np.uint8], evidence: NDArray[np.float32], *, strength: float = 0.7) -> NDArray[np.uint8]:
    """Evidence laid over the image, from yellow to red; where there is none the image is as it was.

    Parameters
    ----------
    image : (H, W) or (H, W, 3) uint8
    evidence : (H, W) float32
        Of :func:`grad_cam`.
    strength : float
        Share of the colour where the evidence is full.

    Returns
    -------
    (H, W, 3) uint8
    """
    picture = np.repeat(image[..., None], 3, axis=2) if image.ndim == 2 else image
    share = evidence[..., None]
    colours = (1 - share) * COLOURS[0] + share * COLOURS[1]
    return np.round((1 - strength * share) * picture + strength * share * colours).astype(np.uint8)


def _seen(model: keras.Model, layer: str | None) -> Any:
    """Output of the layer that is asked, or of the last one that has both rows and columns."""
    if layer is not None:
        shape = model.get_layer(layer).output.shape
        if len(shape) != 4:
            raise ValueError(f"Layer {layer!r} should have rows, columns and channels. Received: shape {shape}.")
        return model.get_layer(layer).output
    rectifiers = keras.layers.ReLU | keras.layers.Activation | keras.layers.Add
    for found in reversed(model.layers):
        # Of a map without height or width nothing but stripes would be seen.
        if hasattr(found, "kernel") or isinstance(found, rectifiers):
            shape = found.output.shape
            if len(shape) == 4 and min(shape[1:3]) > 1:
                return found.output
    raise ValueError(f"Expected a network with rows and columns in a layer. Received: {model.name!r}.")


def _score(model: keras.Model, group: str | None) -> tuple[Any, Callable[[Any], Any]]:
    """What the softmax or sigmoid is taken of: where an answer is certain, its probability has no gradient left.

    The tensor of the network that it is worked out from, and how. An operation added to the network itself may have a
    name that the network has already.
    """
    output = model.output
    if isinstance(output, dict):
        if group is not None and group not in output:
            raise ValueError(f"`group` should be one of {sorted(output)}. Received: {group!r}.")
        output = output[group or next(iter(output))]
    last = next(layer for layer in model.layers if layer.output is output)
    if isinstance(last, keras.layers.Dense):
        kernel = ops.convert_to_tensor(last.kernel)
        return last.input, lambda features: ops.matmul(ops.cast(features, "float32"), kernel) + last.bias
    return (last.input if isinstance(last, keras.layers.Activation) else output), lambda scores: scores


def _gradients(
    watched: keras.Model,
    score: Callable[[Any], Any],
    images: NDArray[np.float32],
    label: int | None,
    position: int | None,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Maps of the layer, and the gradient of the answer's score on them, each (h, w, channels)."""
    import tensorflow as tf  # Keras 3 leaves gradients to its backend

    with tf.GradientTape() as tape:
        maps, before = watched(images)
        scores = score(before)
        rows = ops.reshape(ops.cast(scores, "float32"), (-1, scores.shape[-1]))
        rows = rows if position is None else rows[position : position + 1]
        chosen = ops.argmax(rows, axis=-1) if label is None else ops.full((rows.shape[0],), label, "int32")
        told = ops.sum(ops.take_along_axis(rows, chosen[:, None], axis=-1))
    gradient = tape.gradient(told, maps)
    return np.asarray(maps, np.float32)[0], np.asarray(gradient, np.float32)[0]


def _enlarged(evidence: NDArray[np.floating], height: int, width: int) -> NDArray[np.float32]:
    small = Image.fromarray(evidence.astype(np.float32))
    return np.clip(np.asarray(small.resize((width, height), Image.Resampling.BILINEAR)), 0, 1)
