"""A blank page and hands -> the page filled in, and what was written on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.synth.glyphs import Gray, Hands, Style
from pipeline.synth.pages.drawing import Blank, Place
from pipeline.synth.sheet import lay, wobbly

Rng = np.random.Generator

# Height of digits as a share of that of their box, and gaps between them where they have no places of their own.
HEIGHTS = (0.55, 0.75)
GAPS = (0.12, 0.35)
# Millimetres; nobody fills a large cell from top to bottom.
HIGHEST = 9.0
TICKED = 0.5


@dataclass(frozen=True, eq=False)
class Filled:
    """A page filled in.

    Attributes
    ----------
    gray : (H, W) uint8
    numbers : mapping
        Name of a place -> what is written there.
    ticks : mapping
        Name of a box -> whether it is ticked.
    """

    gray: Gray
    numbers: Mapping[str, str]
    ticks: Mapping[str, bool]


def fill(blank: Blank, hands: Hands, rng: Rng, numbers: Mapping[str, str] | None = None) -> Filled:
    """Write a number into every place and tick some boxes, in one hand.

    Parameters
    ----------
    numbers : mapping, optional
        What to write, '' for nothing; default: any digits.
    """
    numbers = numbers or {p.name: "".join(map(str, rng.integers(0, 10, p.digits))) for p in blank.places}
    style = Style(pen=0.11, slant=float(rng.normal(0.04, 0.1)), aspect=1.0, traced=0.0)
    ink = np.zeros(blank.gray.shape, np.uint8)
    for place in blank.places:
        height = _height(blank, place, rng)
        inks = [hands.write(int(digit), height, style, rng) for digit in numbers[place.name]]
        for digit, left, top in _set(inks, place, blank.scale, rng):
            lay(digit, ink, left, top)
    ticks = {name: bool(rng.random() < TICKED) for name, _ in blank.ticks}
    for name, box in blank.ticks:
        if ticks[name]:
            _tick(ink, np.array(box) * blank.scale, rng)
    strength = rng.uniform(0.6, 0.95)
    return Filled((blank.gray * (1 - strength / 255 * ink)).astype(np.uint8), numbers, ticks)


def _height(blank: Blank, place: Place, rng: Rng) -> float:
    """Of the digits of one number, in pixels."""
    left, top, right, bottom = place.box
    height = rng.uniform(*HEIGHTS) * (bottom - top)
    # A digit of a hand is at most about as high as wide, and all have to fit in.
    height = min(height, HIGHEST, (right - left) / place.digits / (0.8 if place.cells else 1 + sum(GAPS) / 2))
    return height * blank.scale


def _set(inks: Sequence[Gray], place: Place, scale: float, rng: Rng) -> list[tuple[Gray, float, float]]:
    """Each digit with its left and top in pixels: in the middle of its cell, or one beside the other."""
    left, top, right, bottom = (side * scale for side in place.box)
    if place.cells:
        cell = (right - left) / place.digits
        lefts = [left + (k + 0.5) * cell - ink.shape[1] / 2 for k, ink in enumerate(inks)]
    else:
        gaps = rng.uniform(*GAPS, len(inks)) * max((ink.shape[0] for ink in inks), default=0)
        widths = np.array([ink.shape[1] for ink in inks]) + gaps
        room = max(0.0, (right - left) - float(widths.sum()))
        lefts = (left + rng.uniform(0.2, 0.8) * room + np.cumsum(widths) - widths + gaps / 2).tolist()
    stray = 0.04 * (bottom - top)
    middle = (top + bottom) / 2 + rng.normal(0, stray)
    return [
        (ink, x + rng.normal(0, stray), middle - ink.shape[0] / 2 + rng.normal(0, stray))
        for ink, x in zip(inks, lefts, strict=True)
    ]


def _tick(ink: Gray, box: NDArray[np.float64], rng: Rng) -> None:
    """A cross or a tick through a box, as a hand makes it."""
    left, top, right, bottom = box
    side = right - left
    if rng.random() < 0.6:
        strokes = [[(left, top), (right, bottom)], [(right, top), (left, bottom)]]
    else:
        strokes = [[(left, (top + bottom) / 2), ((left + right) / 2, bottom), (right + 0.3 * side, top)]]
    for stroke in strokes:
        points = wobbly(np.array(stroke) + rng.normal(0, 0.06 * side, (len(stroke), 2)), rng, 0.03 * side)
        path = np.round(points * 16).astype(np.int32)[:, None]
        cv2.polylines(ink, [path], False, 255, max(2, round(0.13 * side)), cv2.LINE_AA, shift=4)
