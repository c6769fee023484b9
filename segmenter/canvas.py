"""The writing of one image -> one canvas of fixed size, for networks that read all digits at once."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from segmenter.crops import INNER
from segmenter.regions import union
from segmenter.segmentation import Look

CANVAS = 84
# Paper left free on every side.
FREE = 2


def fit_canvas(look: Look) -> NDArray[np.uint8]:
    """Set the writing on a canvas: as high as MNIST's digits, smaller where it would not fit, in the middle.

    Parameters
    ----------
    look : Look
        Or a :class:`~segmenter.segmentation.Segmentation`, which is one.

    Returns
    -------
    (84, 84) uint8
        Ink bright on 0; all 0 if there is no writing.
    """
    canvas = np.zeros((CANVAS, CANVAS), np.uint8)
    if not len(look.regions):
        return canvas
    # The soft edge around the strokes belongs to them.
    own = cv2.dilate((look.regions.labels > 0).view(np.uint8), np.ones((3, 3), np.uint8))
    left, top, right, bottom = union(look.regions.boxes).tolist()
    left, top = max(0, left - 1), max(0, top - 1)
    ink = (look.ink * own)[top : bottom + 1, left : right + 1]
    room = (CANVAS - 2 * FREE) / max(ink.shape)
    scale = min(INNER / look.text_height, room)
    height, width = (max(1, round(side * scale)) for side in ink.shape)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    ink = cv2.resize(ink, (width, height), interpolation=method)
    y, x = (CANVAS - height) // 2, (CANVAS - width) // 2
    canvas[y : y + height, x : x + width] = ink
    return canvas
