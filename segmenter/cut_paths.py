"""Candidate cuts through touching ink: cheapest paths from top to bottom through the points that generators find."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Point = tuple[int, int]

# Columns that a path may move by from one row to the next.
STEPS = (0, -1, 1)
# Costs next to 1 for a pixel of ink. Paper is not free, so that a path does not wander.
PAPER, DIAGONAL = np.float32(0.03), np.float32(0.02)


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


class Strokes:
    """The ink of one region, and the cheapest cut through any of its points.

    A path moves straight or diagonally, so a cut may slant or bend around a stroke (dynamic
    programming as in Avidan & Shamir, "Seam carving", 2007).

    Parameters
    ----------
    ink : (H, W) uint8
        Bright on 0. Half-covered pixels between two strokes that touch cost less than their cores.
    mask : (H, W) bool
        The region, tight.
    """

    def __init__(self, ink: Gray, mask: Mask):
        self.ink, self.mask = ink, mask
        self.price: NDArray[np.float32] = np.where(mask, ink, 0).astype(np.float32) / np.float32(255) + PAPER

    @cached_property
    def width(self) -> float:
        """Mean width of the strokes in pixels: twice the area over the length of the outline."""
        ink = self.mask.view(np.uint8)
        contours, _ = cv2.findContours(ink, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
        outline = sum(cv2.arcLength(c, closed=True) for c in contours)
        return max(1.0, 2 * cv2.countNonZero(ink) / max(outline, 1.0))

    @cached_property
    def _ways(self) -> tuple[NDArray[np.float32], NDArray[np.intp], NDArray[np.float32], NDArray[np.intp]]:
        down, from_above = _descend(self.price)
        up, from_below = _descend(self.price[::-1])
        return down, from_above, up[::-1], from_below[::-1]

    @cached_property
    def through(self) -> NDArray[np.float32]:
        """(H, W) cost of the cheapest cut through each pixel, in stroke widths."""
        down, _, up, _ = self._ways
        return (down + up - self.price) / np.float32(self.width)

    def cut(self, row: int, column: int) -> Cut:
        """The cheapest cut through a pixel."""
        _, from_above, _, from_below = self._ways
        above = _trace(from_above[: row + 1], column)
        below = _trace(from_below[row:][::-1], column)[::-1]
        return Cut(np.concatenate([above, below[1:]]), float(self.through[row, column]))


def _descend(price: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Cost of the best path from row 0 to each pixel, and which of STEPS led there."""
    height, width = price.shape
    total, came = price.copy(), np.zeros((height, width), np.intp)
    padded, ways, columns = np.full(width + 2, np.inf, np.float32), np.empty((3, width), np.float32), np.arange(width)
    for y in range(1, height):
        padded[1:-1] = ways[0] = total[y - 1]
        np.add(padded[:-2], DIAGONAL, out=ways[1])
        np.add(padded[2:], DIAGONAL, out=ways[2])
        came[y] = best = ways.argmin(axis=0)
        total[y] += ways[best, columns]
    return total, came


def _trace(came: NDArray[np.intp], column: int) -> NDArray[np.int_]:
    """Columns of the best path that ends in ``column`` of the last row, from the first row down."""
    path = np.empty(len(came), int)
    for y in range(len(came) - 1, -1, -1):
        path[y] = column
        column += STEPS[came[y, column]]
    return path


def distinct(cuts: Iterable[Cut], strokes: Strokes, *, most: int, max_cost: float) -> list[Cut]:
    """The cheapest cuts that part the ink differently, from left to right.

    Two cuts are the same if hardly any ink lies between them.
    """
    ink = np.pad(np.cumsum(strokes.mask, axis=1, dtype=int), ((0, 0), (1, 0)))
    rows = np.arange(len(ink))
    chosen: list[Cut] = []
    left_of: list[NDArray[np.int_]] = []
    total, least = ink[:, -1], strokes.width
    for cut in sorted(cuts, key=lambda cut: cut.cost):
        if cut.cost > max_cost or len(chosen) >= most:
            break
        left = ink[rows, cut.columns]
        others = (*left_of, 0 * total, total)
        if all(np.abs(left - other).sum() > least for other in others):
            chosen.append(cut)
            left_of.append(left)
    return sorted(chosen, key=lambda cut: float(cut.columns.mean()))
