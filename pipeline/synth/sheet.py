"""A sheet in the making: what was written and printed on it, layer by layer, and where the number stands."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.synth.glyphs import Gray, Hands, Style

Box = tuple[int, int, int, int]
Mask = NDArray[np.bool_]


@dataclass(eq=False)
class Sheet:
    """Layers of one field.

    Attributes
    ----------
    ink, print : (H, W) uint8
        Strength of what a hand wrote and of what was printed, bright on 0.
    number : str
        The digits that stand on it, left to right; '' if none.
    boxes : list of (left, top, right, bottom)
        Of the ink of each digit.
    cells : (k, 2) float
        Left and right of each place for a digit.
    line : (float, float)
        Top and bottom of the line of writing.
    height : float
        Of a digit in pixels.
    window : (left, top, right, bottom)
        What the field's image will show of the sheet.
    style : Style
        The writer's.
    hands : Hands
        Whom to ask for more writing.
    own, other : (H, W) bool
        Whose ink it is: that of the number's digits; that of writing that is no digit of the number. The rest of the
        ink is marks that leave the number what it is.
    strange : list of float
        Where writing stands that is no digit of the number: letters, signs, halves; x of the middle.
    """

    ink: Gray
    print: Gray
    number: str
    boxes: list[Box]
    cells: NDArray[np.float64]
    line: tuple[float, float]
    height: float
    window: Box
    style: Style
    hands: Hands
    strange: list[float] = field(default_factory=list)
    own: Mask = field(init=False)
    other: Mask = field(init=False)

    def __post_init__(self) -> None:
        self.own, self.other = np.zeros(self.ink.shape, bool), np.zeros(self.ink.shape, bool)

    @property
    def pen(self) -> float:
        """Width of the writer's strokes in pixels."""
        return self.style.pen * self.height

    @property
    def span(self) -> tuple[float, float]:
        """Left and right of the number's ink; of its places if there is none."""
        if not self.boxes:
            return float(self.cells[0, 0]), float(self.cells[-1, 1])
        return float(min(b[0] for b in self.boxes)), float(max(b[2] for b in self.boxes))

    def put(self, ink: Gray, left: float, top: float, *, layer: str = "ink") -> Box:
        """Lay ink on a layer, cut off at the sheet's edges; the box that it covers."""
        return lay(ink, getattr(self, layer), left, top)

    def draw(
        self, points: object, pen: float, *, strength: int = 255, layer: str = "print", closed: bool = False
    ) -> None:
        """A line through points (k, 2), (x, y) in pixels; thinner than a pixel, it is fainter."""
        thick = max(1, round(pen))
        strength = int(strength * min(1.0, max(pen, 0.35)))
        onto = getattr(self, layer)
        path = np.round(np.asarray(points, float) * 16).astype(np.int32)[:, None]
        # Drawn over what is there, a faint line would wash out ink.
        low = np.maximum(path[:, 0].min(axis=0) // 16 - thick - 2, 0)
        high = path[:, 0].max(axis=0) // 16 + thick + 3
        part = onto[low[1] : high[1], low[0] : high[0]]
        if part.size:
            drawn = np.zeros_like(part)
            cv2.polylines(drawn, [path - (low * 16).astype(np.int32)], closed, strength, thick, cv2.LINE_AA, shift=4)
            np.maximum(part, drawn, out=part)


def lay(ink: Gray, onto: Gray, left: float, top: float) -> Box:
    """Lay ink over what is there, cut off at the edges; the box that it covers."""
    x, y = round(left), round(top)
    height, width = ink.shape
    a, b, c, d = max(0, x), max(0, y), min(onto.shape[1], x + width), min(onto.shape[0], y + height)
    if a < c and b < d:
        part = onto[b:d, a:c]
        np.maximum(part, ink[b - y : d - y, a - x : c - x], out=part)
    return a, b, max(a, c), max(b, d)


def wobbly(points: object, rng: np.random.Generator, amount: float, *, steps: int = 12) -> NDArray[np.float64]:
    """A path through points as a hand draws it: between them it strays by about ``amount`` pixels."""
    corners = np.asarray(points, float)
    at = np.linspace(0, len(corners) - 1, steps * (len(corners) - 1) + 1)
    path = np.column_stack([np.interp(at, np.arange(len(corners)), corners[:, k]) for k in (0, 1)])
    stray = np.cumsum(rng.normal(0, 1, path.shape), axis=0)
    stray -= np.linspace(0, 1, len(path))[:, None] * stray[-1]
    return path + amount * stray / max(1.0, np.abs(stray).max())


def ellipse(
    middle: tuple[float, float], radii: tuple[float, float], rng: np.random.Generator, *, turns: float = 1.0
) -> NDArray[np.float64]:
    """A ring as a hand draws it, not quite round and not quite closed, (k, 2)."""
    angle = rng.uniform(0, 2 * np.pi) + np.linspace(0, 2 * np.pi * turns, 40)
    drift = 1 + np.linspace(0, rng.normal(0, 0.06), 40) + 0.03 * np.sin(2 * angle + rng.uniform(0, 6))
    return np.array(middle) + np.array(radii) * np.column_stack([np.cos(angle), np.sin(angle)]) * drift[:, None]


def place_beside(
    sheet: Sheet, rng: np.random.Generator, width: float, *, side: str | None = None
) -> tuple[float, float]:
    """Left and right of a place beside the number, ``width`` heights wide."""
    side = side or str(rng.choice(["left", "right"]))
    left, right = sheet.span
    gap, width = rng.uniform(0.1, 0.45) * sheet.height, width * sheet.height
    return (right + gap, right + gap + width) if side == "right" else (left - gap - width, left - gap)
