"""What hands draw round a number that leaves it what it is: rings, frames, underlines, points, other rows."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from pipeline.synth.sheet import Sheet, ellipse, place_beside, wobbly

Rng = np.random.Generator
Draw = Callable[[Sheet, Rng], None]


def ring(sheet: Sheet, rng: Rng) -> None:
    """A ring round the whole number, or round some digits of it that stand side by side."""
    (left, right), (top, bottom) = sheet.span, sheet.line
    if len(sheet.boxes) > 2 and rng.random() < 0.4:
        ringed = int(rng.integers(2, len(sheet.boxes)))
        first = int(rng.integers(len(sheet.boxes) - ringed + 1))
        left, right = sheet.boxes[first][0], sheet.boxes[first + ringed - 1][2]
    radii = (
        (right - left) / 2 + rng.uniform(0.15, 0.7) * sheet.height,
        (bottom - top) / 2 + rng.uniform(0.15, 0.6) * sheet.height,
    )
    path = ellipse(((left + right) / 2, (top + bottom) / 2), radii, rng, turns=rng.uniform(0.93, 1.3))
    sheet.draw(path, sheet.pen * rng.uniform(0.5, 1.2), layer="ink")


def digit_ring(sheet: Sheet, rng: Rng) -> None:
    """A ring round one digit."""
    if not sheet.boxes:
        return
    left, top, right, bottom = sheet.boxes[rng.integers(len(sheet.boxes))]
    gap = rng.uniform(0.06, 0.3) * sheet.height
    radii = (right - left) / 2 + gap, (bottom - top) / 2 + gap
    path = ellipse(((left + right) / 2, (top + bottom) / 2), radii, rng, turns=rng.uniform(0.95, 1.2))
    sheet.draw(path, sheet.pen * rng.uniform(0.5, 1.2), layer="ink")


def hand_frame(sheet: Sheet, rng: Rng) -> None:
    """A frame drawn by hand."""
    (left, right), (top, bottom) = sheet.span, sheet.line
    a, b, c, d = (rng.uniform(0.1, 0.7) * sheet.height for _ in range(4))
    x = [left - a, right + c, right + c, left - a, left - a + rng.normal(0, 0.1) * sheet.height]
    y = [top - b, top - b, bottom + d, bottom + d, top - b + rng.normal(0, 0.1) * sheet.height]
    path = wobbly(np.column_stack([x, y]), rng, 0.06 * sheet.height)
    sheet.draw(path, sheet.pen * rng.uniform(0.5, 1.2), layer="ink")


def underline(sheet: Sheet, rng: Rng) -> None:
    """A line or two under the number, by hand; they may touch it."""
    (left, right), bottom = sheet.span, sheet.line[1]
    y = bottom + rng.uniform(-0.02, 0.3) * sheet.height
    for _ in range(rng.choice([1, 1, 2])):
        ends = left + rng.normal(0, 0.25) * sheet.height, right + rng.normal(0, 0.25) * sheet.height
        tilt = rng.normal(0, 0.06) * sheet.height
        path = wobbly([(ends[0], y - tilt), (ends[1], y + tilt)], rng, 0.04 * sheet.height)
        sheet.draw(path, sheet.pen * rng.uniform(0.5, 1.2), layer="ink")
        y += rng.uniform(0.12, 0.25) * sheet.height


def wavy_underline(sheet: Sheet, rng: Rng) -> None:
    """A wavy line under the number, by hand."""
    (left, right), bottom = sheet.span, sheet.line[1]
    x = np.linspace(left, right, 60)
    wave = 0.07 * sheet.height * np.sin(2 * np.pi * x / (rng.uniform(0.3, 0.7) * sheet.height))
    y = bottom + rng.uniform(0.15, 0.35) * sheet.height + wave
    sheet.draw(np.column_stack([x, y]), sheet.pen * rng.uniform(0.5, 1.1), layer="ink")


def scribbled_out(sheet: Sheet, rng: Rng) -> None:
    """A digit beside the number that was scribbled out: nobody would read it."""
    left, right = place_beside(sheet, rng, 0.7)
    top, bottom = sheet.line
    n = int(rng.integers(8, 16))
    x = rng.uniform(left, right, n)
    y = np.linspace(top, bottom, n) + rng.normal(0, 0.25, n) * sheet.height
    sheet.put(sheet.hands.write(int(rng.integers(10)), sheet.height, sheet.style, rng), left, top)
    sheet.draw(np.column_stack([x, y]), max(sheet.pen, 0.07 * sheet.height), layer="ink")


def point(sheet: Sheet, rng: Rng) -> None:
    """A point or a comma behind the number, or between its digits."""
    x = sheet.span[1] + rng.uniform(0.05, 0.3) * sheet.height
    if rng.random() < 0.3 and len(sheet.boxes) > 1:
        k = int(rng.integers(len(sheet.boxes) - 1))
        x = (sheet.boxes[k][2] + sheet.boxes[k + 1][0]) / 2
    y, tail = sheet.line[1] - rng.uniform(-0.05, 0.05) * sheet.height, rng.choice([0.02, 0.2]) * sheet.height
    sheet.draw(
        [(x, y), (x - 0.5 * tail, y + tail)], max(sheet.pen, 0.05 * sheet.height) * rng.uniform(0.8, 1.4), layer="ink"
    )


def rows_beside(sheet: Sheet, rng: Rng) -> None:
    """Writing of the rows above and below that reaches into the image."""
    for way in (-1, 1):
        if rng.random() < 0.7:
            reach = rng.uniform(0.05, 0.4) * sheet.height
            x = sheet.window[0] + rng.uniform(-0.5, 1.5) * sheet.height
            # The other row reaches into the window, never into this one.
            above, below = sheet.line[0] - 0.15 * sheet.height, sheet.line[1] + 0.15 * sheet.height
            edge = min(sheet.window[1], above) if way < 0 else max(sheet.window[3], below)
            while x < sheet.window[2]:
                ink = sheet.hands.write(int(rng.integers(10)), sheet.height, sheet.style, rng)
                sheet.put(ink, x, edge + reach - ink.shape[0] if way < 0 else edge - reach)
                x += ink.shape[1] + rng.uniform(0.1, 0.5) * sheet.height
                x += 2 * sheet.height * (rng.random() < 0.2)


def hollow(sheet: Sheet, rng: Rng) -> None:
    """Only the outlines of the strokes."""
    grown = cv2.dilate(sheet.ink, np.ones((3, 3), np.uint8), iterations=max(1, round(0.04 * sheet.height)))
    sheet.ink = np.asarray(cv2.morphologyEx(grown, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)))


def zero_slashes(sheet: Sheet, rng: Rng) -> None:
    """A slash or a dot in every zero."""
    reach, dotted = rng.uniform(0.35, 0.75), rng.random() < 0.25
    for value, (left, top, right, bottom) in zip(sheet.number, sheet.boxes, strict=True):
        if value == "0":
            x, y = (left + right) / 2, (top + bottom) / 2
            a, b = reach * (right - left), reach * (bottom - top)
            ends = [(x, y), (x, y + 1)] if dotted else [(x + a, y - b), (x - a, y + b)]
            sheet.draw(ends, sheet.pen * rng.uniform(0.7, 1.1), layer="ink")


AROUND: dict[str, Draw] = {
    "ring": ring, "digit_ring": digit_ring, "hand_frame": hand_frame, "underline": underline,
    "wavy_underline": wavy_underline, "scribbled_out": scribbled_out, "point": point,
    "rows_beside": rows_beside, "zero_slashes": zero_slashes, "hollow": hollow,
}  # fmt: skip
