"""Pen traces -> clips of a digit being drawn, with other pens, speeds, slants and paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.synth.glyphs import Gray, Stroke
from segmenter import mnist_crop

Rng = np.random.Generator

# Steps of a clip that a network sees.
STEPS = 16
# Height of a digit in pixels when crops are made of it without a picture, and the room around it.
HEIGHT, ROOM = 56, 16
# Share of the clips that are seen at fewer steps: of one that is cut or fast there are no more.
SHORTER = 0.3
# Sides of a clip, in heights of its digit.
SIDES = (1.3, 2.2)


@dataclass(frozen=True)
class Drawing:
    """A trace as one hand draws it with one pen: its path, and when the pen is where.

    Attributes
    ----------
    strokes : list of (k, 2) float32
        In units of the height, from (0, 0) on.
    pen : float
        Width, in the same units.
    pause : float
        In the air between two strokes, in ticks of the trace's clock.
    pace : float
        Exponent of the time: below 1 the hand is quick at first.
    """

    strokes: Sequence[Stroke]
    pen: float
    pause: float = 3.0
    pace: float = 1.0

    @property
    def size(self) -> NDArray[np.float64]:
        """Width and height."""
        return np.asarray(np.concatenate(list(self.strokes)).max(axis=0), float)

    def until(self, share: float) -> Iterator[Stroke]:
        """What the pen has drawn after a share of the time; the last stroke may be one point."""
        ticks = [len(s) for s in self.strokes]
        left = share**self.pace * (sum(ticks) - 1 + self.pause * (len(ticks) - 1))
        for stroke in self.strokes:
            if left < 0:
                return
            whole, part = divmod(min(left, len(stroke) - 1), 1)
            points = stroke[: int(whole) + 1]
            if part:
                last = stroke[int(whole)] + part * (stroke[int(whole) + 1] - stroke[int(whole)])
                points = np.vstack([points, last])
            yield points
            left -= len(stroke) + self.pause


def paced(strokes: Sequence[Stroke], *, step: float = 0.03) -> list[Stroke]:
    """Strokes as a clock would have traced them: a point each ``step`` of the height along their path."""
    found = []
    for stroke in strokes:
        along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(stroke, axis=0), axis=1))])
        at = np.linspace(0, along[-1], max(2, round(along[-1] / step)))
        found.append(np.column_stack([np.interp(at, along, stroke[:, k]) for k in (0, 1)]).astype(np.float32))
    return found


def as_traced(strokes: Sequence[Stroke]) -> Drawing:
    """The trace as it is, with a pen of usual width."""
    return _moved_to_origin(strokes, pen=0.09)


def any_drawing(strokes: Sequence[Stroke], rng: Rng) -> Drawing:
    """The trace in another slant and width, with another pen at another pace, by a hand that strays a little."""
    slant, stretch, turn = rng.normal(0, 0.15), np.exp(rng.normal(0, 0.12)), rng.normal(0, 0.08)
    change = np.array([[stretch, 0], [-slant, 1]]) @ np.array(
        [[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]
    )
    moved = [(s @ change + _straying(len(s), rng)).astype(np.float32) for s in strokes]
    return _moved_to_origin(
        moved,
        pen=float(np.exp(rng.uniform(np.log(0.04), np.log(0.2)))),
        pause=float(rng.uniform(0, 10)),
        pace=float(np.exp(rng.uniform(-0.3, 0.3))),
    )


def _straying(n: int, rng: Rng) -> NDArray[np.float64]:
    """A smooth path (n, 2) that a hand adds to its own, about 0.01 wide."""
    knots = rng.normal(0, 0.01, (max(2, n // 6), 2))
    at = np.linspace(0, len(knots) - 1, n)
    return np.column_stack([np.interp(at, np.arange(len(knots)), knots[:, k]) for k in (0, 1)])


def _moved_to_origin(strokes: Sequence[Stroke], **how: float) -> Drawing:
    low = np.concatenate(list(strokes)).min(axis=0)
    high = np.concatenate(list(strokes)).max(axis=0)
    scale = 1 / max(float((high - low).max()), 1e-3)
    return Drawing([((s - low) * scale).astype(np.float32) for s in strokes], **how)


def ink_over_time(drawing: Drawing, height: float, room: int, shares: Sequence[float]) -> Iterator[Gray]:
    """The ink after each share of the time, bright on 0; the digit is ``height`` pixels high, with ``room`` around."""
    width, tall = np.ceil(drawing.size * height).astype(int) + 2 * room + 1
    thick = max(1, round(drawing.pen * height))
    ink = np.zeros((int(tall), int(width)), np.uint8)
    for share in shares:
        for stroke in drawing.until(share):
            points = np.round((stroke[[0, *range(len(stroke))]] * height + room) * 16).astype(np.int32)[:, None]
            cv2.polylines(ink, [points], False, 255, thick, cv2.LINE_AA, shift=4)
        yield ink


def draw_crops(drawing: Drawing, steps: int = STEPS) -> NDArray[np.uint8]:
    """What is to be seen after each of so many equal steps, each prepared as a crop is: (steps, 28, 28) uint8."""
    shares = np.arange(1, steps + 1) / steps
    return np.stack([mnist_crop(ink) for ink in ink_over_time(drawing, HEIGHT, ROOM, shares.tolist())])


def draw_many(
    traces: Sequence[Sequence[Stroke]], rng: Rng, *, steps: int = STEPS
) -> tuple[NDArray[np.uint8], NDArray[np.intp]]:
    """Each trace as any hand draws it: (n, steps, 28, 28) uint8 and lengths (n,); some clips have fewer frames."""
    clips, lengths = np.zeros((len(traces), steps, 28, 28), np.uint8), np.full(len(traces), steps)
    for k, strokes in enumerate(traces):
        if rng.random() < SHORTER:
            lengths[k] = rng.integers(1, steps + 1)
        clips[k, : lengths[k]] = draw_crops(any_drawing(strokes, rng), int(lengths[k]))
    return clips, lengths


def draw_clip(drawing: Drawing, rng: Rng, *, side: int = 96, steps: int = STEPS) -> NDArray[np.uint8]:
    """A clip of a sheet, a board or a screen on which a digit is drawn: (steps, side, side) uint8.

    The light, the ink and the place are those of the whole clip; the grain is of each frame.
    """
    height = side / rng.uniform(*SIDES)
    room = np.array([side, side]) - drawing.size * height
    left, top = rng.uniform(0.2, 0.8, 2) * room
    to_sheet = np.array([[1.0, 0, left - ROOM], [0, 1, top - ROOM]])
    paper, dark, grain = _sheet(side, rng), rng.uniform(0.5, 0.9), rng.uniform(0, 6)
    negative = rng.random() < 0.25
    frames = []
    for ink in ink_over_time(drawing, height, ROOM, (np.arange(1, steps + 1) / steps).tolist()):
        on_sheet = cv2.warpAffine(ink, to_sheet, (side, side)).astype(np.float32)
        seen = paper * (1 - dark * on_sheet / 255) + grain * rng.standard_normal((side, side), np.float32)
        gray = np.clip(seen, 0, 255).astype(np.uint8)
        frames.append(255 - gray if negative else gray)
    return np.stack(frames)


def _sheet(side: int, rng: Rng) -> NDArray[np.float32]:
    """Paper in light that falls off to one side, or an even screen."""
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j].astype(np.float32)
    turn, fall = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.2)
    light = rng.uniform(190, 250) * (1 - fall + fall * (np.cos(turn) * x + np.sin(turn) * y))
    return light.astype(np.float32)
