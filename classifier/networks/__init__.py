"""The networks, by the names under which they are chosen."""

from collections.abc import Callable

import keras

from classifier.networks.backbones import column_cnn, count_macs, digit_cnn, field_cnn, number_cnn

BACKBONES: dict[str, Callable[..., keras.Model]] = {
    "digit_cnn": digit_cnn,
    "number_cnn": number_cnn,
    "column_cnn": column_cnn,
    "field_cnn": field_cnn,
}
__all__ = ["BACKBONES", "column_cnn", "count_macs", "digit_cnn", "field_cnn", "number_cnn"]
