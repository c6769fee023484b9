"""Candidate cuts through touching ink. Every generator takes a region's mask and yields :class:`Cut`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Cut:
    """A way from the top of a region to its bottom.

    Attributes
    ----------
    columns : (H,) int
        For each row of the region the first column that lies right of the cut.
    cost : float
        Ink crossed, in stroke widths.
    """

    columns: NDArray[np.int_]
    cost: float


# Columns that a seam may move by from one row to the next.
STEPS = (0, -1, 1)
# Costs next to 1 for a pixel of ink. Paper is not free, so that a seam does not wander.
PAPER, DIAGONAL = 0.03, np.float32(0.02)


def stroke_width(mask: Mask) -> float:
    """Mean width of the strokes in pixels: twice the area over the length of the outline."""
    ink = mask.view(np.uint8)
    contours, _ = cv2.findContours(ink, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    outline = sum(cv2.arcLength(c, closed=True) for c in contours)
    return max(1.0, 2 * cv2.countNonZero(ink) / max(outline, 1.0))


def seam_cuts(mask: Mask, *, spacing: int, max_cost: float) -> list[Cut]:
    """Paths of least ink from top to bottom, one through each valley of the crossing cost.

    Dynamic programming downwards and upwards gives for every column of the middle row the cheapest
    way through it; each local minimum is a cut. Moves are straight or diagonal, so a cut may slant
    or bend around a stroke (after Avidan & Shamir, "Seam carving", 2007, and the drop-fall family).

    Parameters
    ----------
    mask : (H, W) bool
        One region, tight.
    spacing : int
        Least distance between two cuts in pixels.
    max_cost : float
        Most ink that a cut may cross, in stroke widths.
    """
    height, width = mask.shape
    if width < 2 * spacing:
        return []
    price = mask.astype(np.float32) + PAPER
    middle = height // 2
    down, from_above = _descend(price[: middle + 1])
    up, from_below = _descend(price[middle:][::-1])
    through = (down + up - price[middle]) / stroke_width(mask)
    cuts: list[Cut] = []
    taken = np.zeros(width, bool)
    for column in np.argsort(through, kind="stable"):
        if through[column] > max_cost:
            break
        inside = spacing // 2 <= column < width - spacing // 2
        if taken[column] or not inside:
            continue
        taken[max(0, column - spacing) : column + spacing + 1] = True
        path = np.concatenate([_trace(from_above, column), _trace(from_below, column)[::-1][1:]])
        cuts.append(Cut(path, float(through[column])))
    return sorted(cuts, key=lambda cut: cut.columns[middle])


def _descend(price: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Cost of the best path from row 0 to each column of the last row, and which of STEPS led to each pixel."""
    height, width = price.shape
    came, columns = np.zeros((height, width), np.intp), np.arange(width)
    padded, ways = np.full(width + 2, np.inf, np.float32), np.empty((3, width), np.float32)
    total = price[0]
    for y in range(1, height):
        padded[1:-1] = ways[0] = total
        np.add(padded[:-2], DIAGONAL, out=ways[1])
        np.add(padded[2:], DIAGONAL, out=ways[2])
        came[y] = best = ways.argmin(axis=0)
        total = ways[best, columns] + price[y]
    return total, came


def _trace(came: NDArray[np.intp], column: int) -> NDArray[np.int_]:
    """Columns of the best path that ends in ``column`` of the last row, from the first row down."""
    path = np.empty(len(came), int)
    for y in range(len(came) - 1, -1, -1):
        path[y] = column
        column += STEPS[came[y, column]]
    return path


class CutGenerator(Protocol):
    """``spacing`` in pixels, ``max_cost`` in stroke widths; the cuts from left to right."""

    def __call__(self, mask: Mask, *, spacing: int, max_cost: float) -> list[Cut]: ...


CUT_GENERATORS: dict[str, CutGenerator] = {"seam": seam_cuts}
