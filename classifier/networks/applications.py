"""Backbones of ``keras.applications``, flat and with their own scaling inside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import applications, layers

# The mean of ImageNet, blue first, which ResNet50's weights were trained without.
MEAN = (103.939, 116.779, 123.68)


def mobilenet_v2(size: int = 96, weights: str | None = None) -> keras.Model:
    """MobileNetV2 (Sandler et al., 2018); each of these: (n, size, size, 3) of 0-255 -> feature maps."""
    return _flat(applications.MobileNetV2, size, weights, lambda x: layers.Rescaling(1 / 127.5, -1)(x))


def mobilenet_v3_small(size: int = 96, weights: str | None = None) -> keras.Model:
    """MobileNetV3-Small (Howard et al., 2019)."""
    return _flat(applications.MobileNetV3Small, size, weights)


def efficientnet_b0(size: int = 96, weights: str | None = None) -> keras.Model:
    """EfficientNet-B0 (Tan & Le, 2019)."""
    return _flat(applications.EfficientNetB0, size, weights)


def resnet50(size: int = 96, weights: str | None = None) -> keras.Model:
    """ResNet-50 (He et al., 2016)."""
    centred = layers.Normalization(mean=MEAN, variance=(1.0, 1.0, 1.0))
    return _flat(applications.ResNet50, size, weights, lambda x: centred(x[..., ::-1]))


def _flat(
    make: Callable[..., keras.Model], size: int, weights: str | None, scale: Callable[[Any], Any] = lambda x: x
) -> keras.Model:
    """On an input of our own: a backbone that is one layer of another network hides its layers from Grad-CAM."""
    inputs = keras.Input((size, size, 3), name="image")
    made = make(input_tensor=scale(inputs), include_top=False, weights=weights)
    return keras.Model(inputs, made.output, name=made.name)
