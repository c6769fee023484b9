"""Canvases that a whole-image network doubts -> its mean answer over shifted views of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

# Product of the three highest probabilities below which a canvas is read again, and the shift in pixels.
DOUBTED_BELOW = 0.95
SHIFT = 3
VIEWS = ((0, -SHIFT), (0, SHIFT), (-SHIFT, 0), (SHIFT, 0))
Predict = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


def predict_with_views(predict_proba: Predict, canvases: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Probabilities of canvases; where they are low, the mean over the canvas and four shifts of it.

    A network that reduces its image early answers a little differently for every shift, most of all
    where digits touch (test-time augmentation: Krizhevsky, Sutskever & Hinton, "ImageNet
    classification with deep convolutional neural networks", 2012, section 4.1).

    Parameters
    ----------
    predict_proba : callable
        Canvases -> probabilities (n, 3, 10).
    canvases : (n, 84, 84) uint8
        See :func:`segmenter.fit_canvas`.

    Returns
    -------
    (n, 3, 10) float32
    """
    probabilities = np.array(predict_proba(canvases))
    doubted = probabilities.max(axis=2).prod(axis=1) < DOUBTED_BELOW
    if doubted.any():
        views = [predict_proba(_shifted(canvases[doubted], *view)) for view in VIEWS]
        probabilities[doubted] = np.mean([probabilities[doubted], *views], axis=0)
    return probabilities


def _shifted(canvases: NDArray[np.uint8], down: int, right: int) -> NDArray[np.uint8]:
    """Canvases moved by so many pixels; what leaves them is lost."""
    _, height, width = canvases.shape
    padded = np.pad(canvases, ((0, 0), (SHIFT, SHIFT), (SHIFT, SHIFT)))
    return padded[:, SHIFT - down :, SHIFT - right :][:, :height, :width]
