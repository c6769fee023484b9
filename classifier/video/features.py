"""Frames -> what a frozen network makes of each."""

from __future__ import annotations

import os
from collections.abc import Callable
from os import PathLike

import numpy as np
from numpy.typing import NDArray

from classifier.data.images import as_pictures
from classifier.runtime import Runtime

# The weights of the package whose features the shipped video network follows.
DIGIT = "second/cnn_digit_classifier"
# Side to which frames are brought for the backbones of any pictures.
SIDE = 32
Features = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


def features_of(backbone: str, weights: str | PathLike[str] | None = None) -> Features:
    """A function (n, 28, 28) uint8 -> (n, d) float32; see :class:`classifier.video.estimator.VideoClassifier`."""
    if backbone == "digit_cnn":
        if weights is not None:
            raise ValueError("`weights` should be left out for 'digit_cnn', which has those of the package.")
        return Runtime.of_package(DIGIT, threads=os.cpu_count() or 1).features
    # Keras and TensorFlow are needed for the others alone.
    from classifier.networks import BACKBONES
    from classifier.transfer.backbone import build_backbone
    from classifier.transfer.features import make_features

    if weights is None and backbone in BACKBONES:
        raise ValueError(f"`weights` should be 'imagenet' or a file for {backbone!r}, which is not trained here.")
    of_pictures = make_features(build_backbone(backbone, SIDE, weights))
    return lambda frames: of_pictures(as_pictures(frames)).astype(np.float32)
