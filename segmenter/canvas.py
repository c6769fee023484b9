"""One image -> one picture of fixed size, for networks that read all digits at once: its ink, or its gray values."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from segmenter.crops import INNER
from segmenter.regions import union
from segmenter.writing import Writing

CANVAS = 84
FIELD = 64, 128
# Further views of a field: its size, and the shift of a row over its height.
SMALLER, LEAN = 0.87, 0.2
# A closer view of the writing: paper around it in heights of the writing, and how much larger than in the field it
# shows the writing. What is enlarged less is the same view again; what is enlarged more was too small in the field.
AROUND, CLOSER, SMALL = 0.5, 1.15, 1.6
# Paper left free on every side.
FREE = 2
# Soft edge of a stroke, share of the height of the writing.
EDGE, CLEAN_EDGE = 0.05, 0.3
# Writing that is at most so many times higher or lower than MNIST's digits keeps its size.
NEAR = 1.35
# Columns that stay of a gap at least.
CLOSEST = 3


def fit_canvas(writing: Writing) -> NDArray[np.uint8]:
    """Set the writing on a canvas: as high as MNIST's digits, in the middle.

    Writing too wide for that is moved together, and made smaller if that is not enough.

    Parameters
    ----------
    writing : Writing
        Or a :class:`~segmenter.writing.Segmentation`, which is one.

    Returns
    -------
    (84, 84) uint8
        Ink bright on 0; all 0 if there is no writing.
    """
    canvas = np.zeros((CANVAS, CANVAS), np.uint8)
    if not len(writing.regions):
        return canvas
    own = _near_ink(writing, EDGE)
    # On paper without any grain even the faintest edge is the pen's.
    paper = writing.ink[own == 0]
    if np.count_nonzero(paper) * 20 < len(paper):
        own = _near_ink(writing, CLEAN_EDGE)
    left, top, right, bottom = union(writing.regions.boxes).tolist()
    left, top = max(0, left - 1), max(0, top - 1)
    ink = (writing.ink * own)[top : bottom + 1, left : right + 1]
    scale = INNER / writing.text_height
    # Resampling blurs, and joined writing looks higher than its digits.
    if 1 / NEAR < scale < NEAR:
        scale = 1.0
    room = CANVAS - 2 * FREE
    if ink.shape[1] * scale > room:
        ink = _closer(ink, int(room / scale))
    scale = min(scale, room / max(ink.shape))
    height, width = (max(1, round(side * scale)) for side in ink.shape)
    if scale != 1:
        ink = cv2.resize(ink, (width, height), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    y, x = (CANVAS - height) // 2, (CANVAS - width) // 2
    canvas[y : y + height, x : x + width] = ink
    return canvas


def fit_field(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Set a gray image into the middle of a field of fixed size, at its own aspect, its contrast stretched.

    Nothing is told from anything: no threshold, no polarity, no lines taken out.

    Parameters
    ----------
    gray : (H, W) uint8

    Returns
    -------
    (64, 128) uint8
        The 1st percentile of the gray values at 0 and the 99th at 255; beside the image the median of its edge.
    """
    left, top, width, height = part_of_field(gray.shape)
    method = cv2.INTER_AREA if min(FIELD[0] / gray.shape[0], FIELD[1] / gray.shape[1]) < 1 else cv2.INTER_LINEAR
    small = cv2.resize(gray, (width, height), interpolation=method)
    low, high = np.percentile(small, (1, 99))
    gain = 255 / max(high - low, 1)
    small = cv2.convertScaleAbs(np.maximum(small, int(low)), alpha=gain, beta=-int(low) * gain)
    edge = np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]])
    field = np.full(FIELD, int(np.median(edge)), np.uint8)
    field[top : top + height, left : left + width] = small
    return field


def part_of_field(shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Where a field shows an image of this height and width: left, top, width and height in pixels of the field."""
    rows, columns = FIELD
    scale = min(rows / shape[0], columns / shape[1])
    height, width = max(1, min(rows, round(shape[0] * scale))), max(1, min(columns, round(shape[1] * scale)))
    return (columns - width) // 2, (rows - height) // 2, width, height


def field_views(writing: Writing) -> list[NDArray[np.uint8]]:
    """Other views of a field in which the same writing may look plainer, (64, 128) uint8 each.

    Closer to the writing that was found; and where the field does not show it too small for that, all of the field
    smaller and leaning either way, for what was cut close or is written aslant.
    """
    closer, times = _closer_field(writing)
    views = [closer] if times > CLOSER else []
    return views if times > SMALL else [*views, *_leaning(writing.field)]


def _closer_field(writing: Writing) -> tuple[NDArray[np.uint8], float]:
    """The field of the part of the image around the writing, and how many times larger it shows that."""
    if not len(writing.regions):
        return writing.field, 1.0
    around = round(AROUND * writing.text_height)
    boxes = union(writing.regions.boxes)
    left, top = np.maximum(boxes[:2] - around, 0).tolist()
    part = writing.gray[top : boxes[3] + around, left : boxes[2] + around]
    width, height = np.array(writing.size) / writing.scale
    rows, columns = FIELD
    times = min(rows / part.shape[0], columns / part.shape[1]) / min(rows / height, columns / width)
    return fit_field(part), float(times)


def _leaning(field: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """The same field smaller, and leaning either way."""
    rows, columns = FIELD
    views = []
    for lean in (0.0, LEAN, -LEAN):
        right, down = columns / 2 * (1 - SMALLER) - lean * rows / 2, rows / 2 * (1 - SMALLER)
        about_middle = np.array([[SMALLER, lean, right], [0, SMALLER, down]])
        leaning = cv2.warpAffine(field, about_middle, (columns, rows), borderMode=cv2.BORDER_REPLICATE)
        views.append(np.asarray(leaning))
    return views


def _closer(ink: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    """Take columns out of the widest gaps until the ink is ``width`` wide, or its gaps are."""
    empty = np.concatenate([[False], ~ink.any(axis=0), [False]])
    starts, stops = np.flatnonzero(np.diff(empty.astype(np.int8))).reshape(-1, 2).T
    gaps = stops - starts
    excess = [np.maximum(gaps - most, 0).sum() for most in range(int(gaps.max(initial=0)) + 1)]
    enough = [most for most, out in enumerate(excess) if most >= CLOSEST and ink.shape[1] - out <= width]
    most = max(enough, default=CLOSEST)
    dropped = [np.arange(start + most // 2, stop - (most + 1) // 2) for start, stop in zip(starts, stops, strict=True)]
    return np.delete(ink, np.concatenate([*dropped, np.zeros(0, int)]), axis=1)


def _near_ink(writing: Writing, share: float) -> NDArray[np.uint8]:
    """1 within ``share`` of the height of the writing around the regions, else 0."""
    side = 2 * max(1, round(share * writing.text_height)) + 1
    return np.asarray(cv2.dilate((writing.regions.labels > 0).view(np.uint8), np.ones((side, side), np.uint8)))
