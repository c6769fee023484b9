"""Printed lines and boxes, and what lies beside the paper: found and taken out of a mask without hurting strokes."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

# Mean thickness of a stroke, as a share of its length.
THIN = 0.25


def remove_rulings(mask: Mask, *, min_length: float = 0.45, max_thickness: float = 0.1) -> Mask:
    """Take ruled lines and printed boxes out of an ink mask.

    A line is a straight run of ink, found by a morphological opening with a tolerance of one pixel
    for slope. It counts as printed if it is long, or if it is a side of a rectangle. Its pixels go
    except where a stroke runs across: there the ink is thicker than the line.

    Parameters
    ----------
    mask : (H, W) bool
        True = ink.
    min_length : float
        Shortest free-standing line, as a share of the image's width; never shorter than its height.
    max_thickness : float
        Thickest line, as a share of the image's height.

    Returns
    -------
    (H, W) bool
        The same array if there is no ruling.
    """
    ink = mask.view(np.uint8)
    height, width = ink.shape
    if not _may_have_lines(ink, max(int(min_length * width), height)):
        return mask
    thickest = max(2, round(max_thickness * height))
    across = _straight(ink, max(int(0.15 * width), 10), thickest)
    down = _straight(ink.T, max(int(0.5 * height), 10), thickest).T
    boxes = _box_sides(across, down, ink)
    free = _straight(ink, max(int(min_length * width), height), thickest)
    across, down = free | (across & boxes), down & boxes
    if not across.any() and not down.any():
        return mask
    kept = ink & ~_removable(ink, across)
    return (kept & ~_removable(kept.T, down.T).T) > 0


def _may_have_lines(ink: NDArray[np.uint8], free_length: int) -> bool:
    """A cheap look at the profiles: a line fills three neighbouring rows, the side of a box as many columns."""
    rows = cv2.reduce(cv2.dilate(ink, np.ones((3, 1), np.uint8)), 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S)
    columns = cv2.reduce(cv2.dilate(ink, np.ones((1, 3), np.uint8)), 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S)
    return bool(rows.max() >= free_length or columns.max() >= ink.shape[0] // 2)


def _straight(ink: NDArray[np.uint8], length: int, thickest: int) -> NDArray[np.uint8]:
    """Horizontal runs of at least ``length``, a slope of a pixel forgiven, no thicker than ``thickest``."""
    ink = np.ascontiguousarray(ink)
    sloping = cv2.dilate(ink, np.ones((3, 1), np.uint8))
    runs = cv2.morphologyEx(sloping, cv2.MORPH_OPEN, _odd_box(1, length)) & ink
    if not runs.any():
        return runs
    solid = cv2.morphologyEx(runs, cv2.MORPH_OPEN, _odd_box(thickest + 1, length // 2))
    return runs & ~solid


def _odd_box(height: int, width: int) -> NDArray[np.uint8]:
    """A structuring element of odd sides; OpenCV shifts the result of even ones by a pixel."""
    return np.ones((height | 1, width | 1), np.uint8)


def _box_sides(across: NDArray[np.uint8], down: NDArray[np.uint8], ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pixels of lines that together make at least three sides of a rectangle."""
    sides = np.zeros_like(ink)
    if not across.any() or not down.any():
        return sides
    joined = cv2.dilate(across | down, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined)
    for label in range(1, count):
        left, top, w, h = stats[label, :4]
        if min(w, h) < 0.3 * len(ink):
            continue
        window = np.s_[top : top + h, left : left + w]
        own = labels[window] == label
        flat, upright = own & (across[window] > 0), own & (down[window] > 0)
        band_y, band_x = max(3, h // 6), max(3, w // 6)
        covered = [
            flat[:band_y].any(axis=0).mean(),
            flat[-band_y:].any(axis=0).mean(),
            upright[:, :band_x].any(axis=1).mean(),
            upright[:, -band_x:].any(axis=1).mean(),
        ]
        if sum(share > 0.8 for share in covered) >= 3:
            sides[window] |= (flat | upright).astype(np.uint8)
    return sides


def _removable(ink: NDArray[np.uint8], line: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pixels of horizontal lines, and of their ragged edges, that no stroke crosses."""
    ink, line = np.ascontiguousarray(ink), np.ascontiguousarray(line)
    columns = np.count_nonzero(line, axis=0)
    if not columns.any():
        return line
    # Each column may hold two lines, the top and bottom of a box.
    starts = np.count_nonzero(np.diff(line.astype(np.int8), axis=0, prepend=0) == 1, axis=0)
    thickness = int(np.ceil(np.median(columns[columns > 0] / np.maximum(starts[columns > 0], 1))))
    crossing = cv2.morphologyEx(ink, cv2.MORPH_OPEN, _odd_box(thickness + 3, 1))
    edges = cv2.dilate(line, np.ones((3, 1), np.uint8))
    return ink & edges & ~crossing


def drop_surroundings(mask: Mask) -> Mask:
    """Drop components that run along more than half of a side of the image: the desk, a dark margin.

    Not a thin one that ends before the corners, which may be a digit at the edge. Where what is left
    would be nearly as high as the image, it is a tight field and the component a digit at its edge:
    then all stay.
    """
    sides = mask[0], mask[-1], mask[:, 0], mask[:, -1]
    if all(np.count_nonzero(side) * 2 < len(side) for side in sides):
        return mask
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8))
    drop = np.zeros(count, bool)
    for side in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        along = np.bincount(side, minlength=count)
        thin = stats[:, cv2.CC_STAT_AREA] < THIN * along**2
        drop |= (along * 2 > len(side)) & ~(thin & (along < 0.9 * len(side)))
    drop[0] = True  # paper
    highest = stats[~drop, cv2.CC_STAT_HEIGHT].max(initial=0)
    return mask & ~drop[labels] if highest < 0.7 * mask.shape[0] else mask
