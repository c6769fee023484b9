"""Marks that leave a number what it is, by their shape: rings and frames round digits, punched holes."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

# A ring holds something at least so high, as a share of its own height: more than the slash or the dot of a zero is.
HELD = 0.4
# Where a digit touches a ring from within, what is left inside the ring is not convex.
CONVEX = 0.96
# A hole is a blob of so much of its box, about as wide as high, and so many times thicker than the other strokes.
FILLED, ROUND, THICKER = 0.65, 1.5, 2.0


def find_marks(ink: Mask) -> Mask:
    """Find connected ink that is a ring, a frame or a hole and no digit.

    Parameters
    ----------
    ink : (H, W) bool

    Returns
    -------
    (H, W) bool
        What of it is a mark.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink.view(np.uint8), connectivity=8)
    thickness = cv2.distanceTransform(ink.view(np.uint8), cv2.DIST_L2, 3)
    thickest = np.array([thickness[labels == k].max(initial=0) for k in range(1, count)])
    marks = np.zeros(count, bool)
    for k, (left, top, width, height, area) in enumerate(stats[1:].tolist()):
        others = np.delete(thickest, k)
        is_round = max(width, height) <= ROUND * min(width, height) and area >= FILLED * width * height
        if is_round and len(others) and thickest[k] >= THICKER * others.max():
            marks[k + 1] = True
        elif min(width, height) > 2 and area < FILLED * width * height:
            window = np.s_[top : top + height, left : left + width]
            marks[k + 1] = _holds_something(labels[window] == k + 1, labels[window], stats)
    return marks[labels]


def _holds_something(component: Mask, labels: NDArray[np.int32], stats: NDArray[np.int32]) -> bool:
    """Whether a closed component has another within it that is a share of its height, and no digit touches it there."""
    contours, _ = cv2.findContours(component.view(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = cv2.drawContours(np.zeros(component.shape, np.uint8), contours, -1, 1, cv2.FILLED)
    within = (filled > 0) & ~component
    inside = np.unique(labels[within])
    heights = stats[inside[inside > 0], cv2.CC_STAT_HEIGHT]
    if not (heights >= HELD * component.shape[0]).any():
        return False
    hull = cv2.convexHull(np.argwhere(within)[:, ::-1].astype(np.int32))
    return bool(np.count_nonzero(within) >= CONVEX * cv2.contourArea(hull))
