"""One region -> a crop exactly as MNIST's were made."""

from __future__ import annotations

from math import floor

import cv2
import numpy as np
from numpy.typing import NDArray

CROP, INNER = 28, 20


def mnist_crop(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Normalise the ink of one digit as MNIST's makers did.

    Tight box, grown to a square of its longer side, area-weighted resample to 20x20, scaled to the
    full range, pasted so that the centre of mass lies at the centre of 28x28 (LeCun, Bottou, Bengio
    & Haffner, "Gradient-based learning applied to document recognition", 1998, section III-A).

    Parameters
    ----------
    ink : (H, W) uint8
        Ink bright on 0.

    Returns
    -------
    (28, 28) uint8
        All 0 if there is no ink.
    """
    crop = np.zeros((CROP, CROP), np.uint8)
    left, top, width, height = cv2.boundingRect(ink)
    if not width:
        return crop
    digit = ink[top : top + height, left : left + width]
    side = max(width, height)
    if width != height:
        x, y = (side - width) // 2, (side - height) // 2
        digit = cv2.copyMakeBorder(digit, y, side - height - y, x, side - width - x, cv2.BORDER_CONSTANT, value=0)
    if side != INNER:
        method = cv2.INTER_AREA if side > INNER else cv2.INTER_LINEAR
        digit = cv2.resize(digit, (INNER, INNER), interpolation=method)
    peak = digit.max()
    if peak < 254:  # MNIST's own peak is 254 or 255
        digit = cv2.convertScaleAbs(digit, alpha=255 / max(int(peak), 1))
    moments = cv2.moments(digit)
    if not moments["m00"]:  # a few faint pixels far apart average to nothing
        return crop
    # Both coordinates of MNIST's centres of mass lie in (13.5, 14.5].
    centre = (moments[m] / moments["m00"] for m in ("m10", "m01"))
    x, y = (min(max(floor(CROP / 2 + 0.5 - c), 0), CROP - INNER) for c in centre)  # kept inside the crop
    crop[y : y + INNER, x : x + INNER] = digit
    return crop
