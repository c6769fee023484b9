"""Bright ink of three digits on an 84x84 field: how far apart they stand, what lies over them, how thick the pen is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
SIDE = 84


def triple_mnist(digits: Sequence[Gray], rng: np.random.Generator) -> Gray:
    """84x84 as the public Triple MNIST: columns 0, 28 and 56, only the row varies."""
    field = np.zeros((SIDE, SIDE), np.uint8)
    for k, digit in enumerate(digits):
        row = int(rng.integers(0, SIDE - 28 + 1))
        field[row : row + 28, 28 * k : 28 * k + 28] = digit
    return field


def spaced(digits: Sequence[Gray], rng: np.random.Generator) -> Gray:
    """On one line with 2 to 8 free columns between the boxes."""
    return _line(digits, rng, lambda left, right: int(rng.integers(2, 9)))


def touching(digits: Sequence[Gray], rng: np.random.Generator) -> Gray:
    """On one line, each digit pushed to its neighbour until their ink meets."""
    return _line(digits, rng, lambda left, right: -clearance(left, right))


def overlapping(digits: Sequence[Gray], rng: np.random.Generator, share: float) -> Gray:
    """On one line, the boxes overlapping by ``share`` of the narrower digit."""
    return _line(digits, rng, _overlap(share))


def overlapped(digits: Sequence[Gray], rng: np.random.Generator, share: float) -> Gray:
    """As :func:`overlapping`, with each digit on a field of its own: (3, H, W)."""
    return _layers(digits, rng, _overlap(share))


def struck(field: Gray, rng: np.random.Generator, width: float) -> Gray:
    """A pen stroke of ``width`` pixels across a point of the number's ink, too steep for a ruled line."""
    middle, half = np.array(_ink_point(field, rng)[::-1], float), rng.uniform(8, 14)
    angle = rng.uniform(np.deg2rad(30), np.deg2rad(150))
    reach = half * np.array([np.cos(angle), np.sin(angle)])
    # Sub-pixel ends: four binary places.
    start, end = (tuple(np.round((middle + sign * reach) * 16).astype(int).tolist()) for sign in (-1, 1))
    stroke = cv2.line(np.zeros_like(field), start, end, 255, max(1, round(width)), cv2.LINE_AA, shift=4)
    return np.maximum(field, stroke)


def covered(field: Gray, rng: np.random.Generator, side: int) -> Gray:
    """Paper of ``side`` x ``side`` pixels over a point of the number's ink."""
    y, x = (max(0, v - side // 2) for v in _ink_point(field, rng))
    out = field.copy()
    out[y : y + side, x : x + side] = 0
    return out


def broken(field: Gray, rng: np.random.Generator, gap: int) -> Gray:
    """Paper of ``gap`` x ``gap`` pixels over each of six points of the number's ink, as a pen that skips leaves."""
    for _ in range(6):
        field = covered(field, rng, gap)
    return field


def slanted(field: Gray, rng: np.random.Generator, most: float) -> Gray:
    """Sheared, each row moved by up to ``most`` times its distance from the middle, all to the same side."""
    height, width = field.shape
    shear = rng.uniform(-most, most)
    map_to = np.array([[1, shear, -shear * height / 2], [0, 1, 0]])
    room = round(most * height / 2)
    map_to[0, 2] += room
    return np.asarray(cv2.warpAffine(field, map_to, (width + 2 * room, height)))


def penned(field: Gray, rng: np.random.Generator, change: int) -> Gray:
    """Strokes thicker by about half of ``change`` pixels, or thinner where it is negative."""
    # At four times the size, so that a pixel is more than a stroke can be thinned by.
    large = cv2.resize(field, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    pen = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * abs(change) + 1,) * 2)
    changed = cv2.dilate(large, pen) if change > 0 else cv2.erode(large, pen)
    return np.asarray(cv2.resize(changed, (field.shape[1], field.shape[0]), interpolation=cv2.INTER_AREA))


def _ink_point(field: Gray, rng: np.random.Generator) -> tuple[int, int]:
    """Row and column of any ink; the middle if there is none."""
    rows, columns = np.nonzero(field > 127)
    if not len(rows):
        return field.shape[0] // 2, field.shape[1] // 2
    at = int(rng.integers(len(rows)))
    return int(rows[at]), int(columns[at])


def tight(digit: Gray) -> Gray:
    """Cut to the ink's bounding box; one pixel of paper if there is none."""
    left, top, width, height = cv2.boundingRect(digit)
    return digit[top : top + height, left : left + width] if width else np.zeros((1, 1), np.uint8)


def _line(digits: Sequence[Gray], rng: np.random.Generator, gap: Callable[[Gray, Gray], int]) -> Gray:
    """Tight digits side by side on an 84x84 field, rows jittered by 2, the whole put at random."""
    return np.asarray(_layers(digits, rng, gap).max(axis=0))


def _layers(digits: Sequence[Gray], rng: np.random.Generator, gap: Callable[[Gray, Gray], int]) -> Gray:
    """The same with each digit on a field of its own, (3, H, W)."""
    placed = [np.pad(d, ((j, 4 - j), (0, 0))) for d in map(tight, digits) for j in [int(rng.integers(0, 5))]]
    height = max(d.shape[0] for d in placed)
    placed = [np.pad(d, (((height - d.shape[0]) // 2, (height - d.shape[0] + 1) // 2), (0, 0))) for d in placed]
    # A digit keeps its distance from its own neighbour, not from what reaches beyond that.
    lefts = [0]
    for left, right in pairwise(placed):
        lefts.append(lefts[-1] + left.shape[1] + gap(left, right))
    width = max(at + d.shape[1] for at, d in zip(lefts, placed, strict=True)) - min(lefts)
    fields = np.zeros((len(digits), SIDE, max(SIDE, width + 4)), np.uint8)
    top, left = rng.integers(0, SIDE - height + 1), rng.integers(2, fields.shape[2] - width - 1)
    for field, at, digit in zip(fields, lefts, placed, strict=True):
        field[top : top + height, left + at - min(lefts) :][:, : digit.shape[1]] = digit
    return fields


def _overlap(share: float) -> Callable[[Gray, Gray], int]:
    return lambda left, right: -round(share * min(left.shape[1], right.shape[1]))


def clearance(left: Gray, right: Gray) -> int:
    """Columns that the right digit can be pushed over the left one's box, as high, until their ink meets."""
    reach = np.where(left > 127, np.arange(left.shape[1]), -1000).max(axis=1)
    start = np.where(right > 127, np.arange(right.shape[1]), 1000).min(axis=1)
    # Diagonal neighbours touch, too.
    padded = np.pad(reach, 1, constant_values=-1000)
    near = np.stack([padded[:-2], reach, padded[2:]]).max(axis=0)
    free = left.shape[1] - 1 - near + start
    return int(np.clip(free.min(), -4, min(left.shape[1], right.shape[1]) - 2))
