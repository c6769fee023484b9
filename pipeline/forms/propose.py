"""Boxes, combs and lines printed on a blank page -> fields, for a person to name and to correct."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from classifier.number_format import MOST_DIGITS
from pipeline.forms.form import Box, Field, Tick
from pipeline.forms.pages import DPI, MM_PER_INCH
from segmenter.image import Gray

Mask = NDArray[np.bool_]
SCALE = DPI / MM_PER_INCH

# All in millimetres. A place for writing is so wide and so high; a smaller square is one to tick.
WIDTHS, HEIGHTS, SQUARES = (5.0, 120.0), (6.0, 25.0), (2.5, 6.0)
# Shortest side of a box, and the shortest line that divides a comb.
SIDE, TOOTH = 3.0, 1.5
# Boxes so near to each other, and no wider, hold a digit each of one number.
BESIDE, OF_DIGIT = 4.0, 12.0
# A line to write on is so long, and so high is what is written there.
LINES, WRITTEN = (12.0, 60.0), 10.0
# So much of its width a digit takes where no places are marked.
DIGIT = 6.0
# Share of ink above which a box has a text and is no place to write.
EMPTY = 0.004
# How much darker than white print is.
PRINT = 80


def propose(blank: Gray) -> tuple[list[Field], list[Tick]]:
    """Fields and ticks of a blank page, in reading order, named by their number.

    Parameters
    ----------
    blank : (H, W) uint8
        At :data:`pipeline.forms.pages.DPI` dots an inch.
    """
    ink = blank < 255 - PRINT
    across, down = _runs(ink, SIDE), _runs(ink.T, SIDE).T
    boxes = [box for box in _holes(across | down) if _is_empty(ink, box)]
    squares, places = _parted(boxes)
    found = [(_around(row), len(row)) for row in _rows(places, BESIDE) if len(row) > 1 and len(row) <= MOST_DIGITS]
    grouped = {box for row in _rows(places, BESIDE) if 1 < len(row) <= MOST_DIGITS for box in row}
    found += [(box, _teeth(ink, box)) for box in places if box not in grouped]
    found += [(box, 1) for box in _over_lines(ink, across, boxes)]
    fields = [
        Field(f"field {k}", box, _digits(box, cells)) for k, (box, cells) in enumerate(sorted(found, key=_order), 1)
    ]
    return fields, [Tick(f"tick {k}", box) for k, box in enumerate(sorted(squares, key=lambda one: one[1::-1]), 1)]


def _order(one: tuple[Box, int]) -> tuple[float, float]:
    """Down the page in steps of the height of a line, then to the right."""
    return one[0][1] // WRITTEN, one[0][0]


def _digits(box: Box, cells: int) -> tuple[int, int]:
    """As many as there are places; where none are marked, up to what there is room for."""
    if cells > 1:
        return cells, cells
    return 1, int(np.clip((box[2] - box[0]) / DIGIT, 1, MOST_DIGITS))


def _runs(ink: Mask, length: float) -> Mask:
    """Straight horizontal runs of ink that are so long."""
    kernel = np.ones((1, round(length * SCALE)), np.uint8)
    return np.asarray(cv2.morphologyEx(np.ascontiguousarray(ink).view(np.uint8), cv2.MORPH_OPEN, kernel)) > 0


def _holes(lines: Mask) -> list[Box]:
    """Rectangles that lines enclose, in millimetres."""
    closed = cv2.dilate(lines.view(np.uint8), np.ones((3, 3), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(1 - closed, connectivity=4)
    found = []
    for left, top, width, height, area in stats[1:count].tolist():
        if area > 0.85 * width * height:
            sides = (left - 1, top - 1, left + width + 1, top + height + 1)
            box = tuple(round(side / SCALE, 2) for side in sides)
            found.append((box[0], box[1], box[2], box[3]))
    return found


def _is_empty(ink: Mask, box: Box) -> bool:
    """Whether nothing but the teeth of a comb is printed in a box."""
    inside = _within(ink, box, 0.6)
    teeth = _runs(np.ascontiguousarray(inside.T), TOOTH).T
    around = np.asarray(cv2.dilate(teeth.view(np.uint8), np.ones((3, 3), np.uint8))) > 0
    return bool(inside.size and np.mean(inside & ~around) <= EMPTY)


def _within(ink: Mask, box: Box, margin: float) -> Mask:
    left, top, right, bottom = box
    rows = slice(round((top + margin) * SCALE), round((bottom - margin) * SCALE))
    return ink[rows, round((left + margin) * SCALE) : round((right - margin) * SCALE)]


def _parted(boxes: Iterable[Box]) -> tuple[list[Box], list[Box]]:
    """Squares to tick, and places to write."""
    squares, places = [], []
    for box in boxes:
        width, height = box[2] - box[0], box[3] - box[1]
        if SQUARES[0] <= min(width, height) and max(width, height) <= SQUARES[1]:
            squares.append(box)
        elif WIDTHS[0] <= width <= WIDTHS[1] and HEIGHTS[0] <= height <= HEIGHTS[1]:
            places.append(box)
    return squares, places


def _rows(places: Sequence[Box], gap: float) -> list[list[Box]]:
    """Places of a digit's size side by side, together; all others alone."""
    rows: list[list[Box]] = []
    narrow = sorted(
        (box for box in places if box[2] - box[0] <= OF_DIGIT), key=lambda box: (round(box[1]), box[0])
    )  # fmt: skip
    for before, box in pairwise([None, *narrow]):
        if box is None:
            continue
        near = before is not None and 0 <= box[0] - before[2] <= gap and abs(box[1] - before[1]) < 1
        if near:
            rows[-1].append(box)
        else:
            rows.append([box])
    return rows


def _around(boxes: Sequence[Box]) -> Box:
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)


def _teeth(ink: Mask, box: Box) -> int:
    """How many places short lines divide a box into."""
    inside = _within(ink, box, 0.6)
    upright = _runs(np.ascontiguousarray(inside.T), TOOTH).T.any(axis=0)
    count = int(np.count_nonzero(np.diff(upright.astype(np.int8), prepend=0) == 1)) + 1
    return count if count <= MOST_DIGITS else 1


def _over_lines(ink: Mask, across: Mask, boxes: Sequence[Box]) -> list[Box]:
    """Room for writing over lines that are no side of a box and have nothing above them."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(across.view(np.uint8))
    found = []
    for left, top, width, height, _ in (stats[1:count] / SCALE).tolist():
        room = (left, top - WRITTEN, left + width, top + 1.0)
        if not LINES[0] <= width <= LINES[1] or height > 1 or room[1] < 0:
            continue
        side = any(b[0] - 1 < left + width / 2 < b[2] + 1 and min(abs(b[1] - top), abs(b[3] - top)) < 1 for b in boxes)
        above = _within(ink, (room[0], room[1], room[2], top), 0.6)
        if not side and not above.any():
            found.append((round(room[0], 2), round(room[1], 2), round(room[2], 2), round(room[3], 2)))
    return found
