"""The networks, by the names under which they are chosen."""

from collections.abc import Callable

import keras

from classifier.networks.applications import (
    efficientnet_b0,
    mobilenet_v2,
    mobilenet_v3_small,
    resnet50,
)
from classifier.networks.backbones import column_cnn, count_macs, digit_cnn, field_cnn, number_cnn, pixel_cnn
from classifier.networks.lite0 import efficientnet_lite0
from classifier.networks.pictures import small_cnn

# Gray images of digits -> probabilities.
DIGIT_NETWORKS: dict[str, Callable[..., keras.Model]] = {
    "digit_cnn": digit_cnn,
    "number_cnn": number_cnn,
    "column_cnn": column_cnn,
    "field_cnn": field_cnn,
    "pixel_cnn": pixel_cnn,
}
# Any pictures: side of the image -> network from images (n, side, side, 3) of 0-255 to feature maps, to be given heads.
BACKBONES: dict[str, Callable[..., keras.Model]] = {
    "small_cnn": small_cnn,
    "efficientnet_lite0": efficientnet_lite0,
    "mobilenet_v2": mobilenet_v2,
    "mobilenet_v3_small": mobilenet_v3_small,
    "efficientnet_b0": efficientnet_b0,
    "resnet50": resnet50,
}
# The least side that leaves a feature map: most halve it five times.
LEAST_SIZE = dict.fromkeys(BACKBONES, 32) | {"small_cnn": 8}
__all__ = [
    "BACKBONES",
    "DIGIT_NETWORKS",
    "LEAST_SIZE",
    "column_cnn",
    "count_macs",
    "digit_cnn",
    "field_cnn",
    "number_cnn",
    "pixel_cnn",
    "small_cnn",
]
