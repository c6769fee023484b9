"""Where networks looked: Grad-CAM over what they were shown. Needs the extra `train`."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import streamlit as st
from numpy.typing import NDArray

import classifier
from segmenter import Writing, fit_canvas

if TYPE_CHECKING:
    import keras

Picture = NDArray[np.uint8]
_WEIGHTS = Path(classifier.__file__).parent / "weights"
_DIGIT, _NUMBER = _WEIGHTS / "cnn_digit_classifier.keras", _WEIGHTS / "best_model.keras"


def missing() -> str:
    """What has to be installed; '' if nothing."""
    return ", ".join(name for name in ("keras", "tensorflow") if find_spec(name) is None)


@st.cache_resource(show_spinner="Loading the networks")
def _model(path: Path) -> keras.Model:
    import keras

    return keras.models.load_model(path, compile=False)


def crops_looked_at(crops: Sequence[Picture]) -> list[Picture]:
    """Each (28, 28) crop with the evidence for its most probable digit, (28, 28, 3) BGR."""
    return [_over(_DIGIT, crop) for crop in crops]


def canvas_looked_at(writing: Writing) -> Picture:
    """The (84, 84) canvas with the evidence for its most probable number, (84, 84, 3) BGR."""
    return _over(_NUMBER, fit_canvas(writing))


def picture_looked_at(folder: Path, picture: Picture, group: str) -> Picture:
    """An RGB picture (size, size, 3) with the evidence for a group's most probable label, (size, size, 3) BGR.

    The network is that of a folder of ``tridigit train labels``.
    """
    return _over(folder / "labels.keras", picture, group)


def _over(network: Path, image: Picture, group: str | None = None) -> Picture:
    from classifier.explain import grad_cam, overlay

    evidence = grad_cam(_model(network), image, group=group)
    return np.asarray(cv2.cvtColor(overlay(image, evidence), cv2.COLOR_RGB2BGR), np.uint8)
