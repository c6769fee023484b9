"""What a network sees: the feature maps of its convolutions."""

from __future__ import annotations

import keras
import numpy as np
from numpy.typing import NDArray


def feature_maps(model: keras.Model, image: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
    """Activations after each stage for one image.

    Parameters
    ----------
    model : keras.Model
        One of :data:`classifier.networks.BACKBONES`.
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
