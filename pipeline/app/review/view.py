"""A field as a reviewer sees it: the number large, with what is around it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.app.review.fields import Field, load_image
from pipeline.reading import Box

# The most that is sent to a browser, in pixels.
WIDEST, HIGHEST = 1200, 700
# Room around the digits, in heights of the digits: a line above and below, a word beside.
AROUND = 1.5
# Of an image that is so many times larger than the digits with that room only this part is shown.
MUCH_LARGER = 4.0


def picture(field: Field) -> bytes:
    """The field as a PNG.

    Raises
    ------
    OSError, ValueError
        If its image is gone, or is no image.
    """
    seen = _fitted(around(load_image(field), field.boxes))
    return bytes(cv2.imencode(".png", seen)[1].tobytes())


def around(gray: NDArray[np.uint8], boxes: tuple[Box, ...]) -> NDArray[np.uint8]:
    """The part of a large image that has the digits and what is around them; of a small one, all."""
    if not boxes:
        return gray
    left, top, right, bottom = (f(edge) for f, edge in zip((min, min, max, max), zip(*boxes, strict=True), strict=True))
    room = round(AROUND * (bottom - top))
    part = gray[max(0, top - room) : bottom + room, max(0, left - 2 * room) : right + 2 * room]
    return part if part.size and gray.size > MUCH_LARGER * part.size else gray


def _fitted(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    scale = min(1.0, WIDEST / gray.shape[1], HIGHEST / gray.shape[0])
    if scale == 1.0:
        return gray
    size = max(1, round(gray.shape[1] * scale)), max(1, round(gray.shape[0] * scale))
    return np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.uint8)
