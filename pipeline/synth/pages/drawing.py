"""A blank form being drawn, in millimetres: text, lines, boxes, combs, and where its fields are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pipeline.forms.form import Box
from pipeline.forms.pages import DPI, MM_PER_INCH
from pipeline.synth.glyphs import Gray

# A4, in millimetres.
A4 = (210.0, 297.0)
# Width of a printed line in millimetres.
LINE = 0.25


@dataclass(frozen=True)
class Place:
    """A place for a number on a blank.

    Attributes
    ----------
    name : str
    box : (left, top, right, bottom)
        Millimetres.
    digits : int
    cells : bool
        Whether each digit has a place of its own, all equally wide.
    """

    name: str
    box: Box
    digits: int
    cells: bool = False


@dataclass(eq=False)
class Blank:
    """A page to draw on.

    Attributes
    ----------
    size : (float, float)
        Width and height in millimetres.
    dpi : float
    places : list of Place
    ticks : list of (name, box)
    """

    size: tuple[float, float] = A4
    dpi: float = DPI
    places: list[Place] = field(default_factory=list)
    ticks: list[tuple[str, Box]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.image = Image.new("L", (round(self.size[0] * self.scale), round(self.size[1] * self.scale)), 255)
        self._draw = ImageDraw.Draw(self.image)

    @property
    def scale(self) -> float:
        """Pixels a millimetre."""
        return self.dpi / MM_PER_INCH

    @property
    def gray(self) -> Gray:
        return np.array(self.image)

    def text(self, x: float, y: float, words: str, size: float = 3.2) -> None:
        """Words whose letters are about ``size`` high, from their upper left corner."""
        font = ImageFont.load_default(max(6.0, size * self.scale))
        self._draw.text((x * self.scale, y * self.scale), words, fill=0, font=font)

    def line(self, x0: float, y0: float, x1: float, y1: float, width: float = LINE) -> None:
        ends = [round(v * self.scale) for v in (x0, y0, x1, y1)]
        self._draw.line(ends, fill=0, width=max(1, round(width * self.scale)))

    def rectangle(self, box: Box, width: float = LINE, fill: int | None = None) -> None:
        corners = [round(v * self.scale) for v in box]
        self._draw.rectangle(corners, outline=0, fill=fill, width=max(1, round(width * self.scale)))

    def add(self, name: str, box: Box, digits: int, *, cells: bool = False) -> None:
        """Note that a number goes there."""
        self.places.append(Place(name, box, digits, cells))

    def boxed(self, name: str, box: Box, digits: int) -> None:
        """One box for the number."""
        self.rectangle(box)
        self.add(name, box, digits)

    def comb(self, name: str, box: Box, digits: int) -> None:
        """A box with short lines that divide it into a place for each digit."""
        left, top, right, bottom = box
        self.rectangle(box)
        for x in np.linspace(left, right, digits + 1)[1:-1].tolist():
            self.line(x, bottom - 0.4 * (bottom - top), x, bottom)
        self.add(name, box, digits, cells=True)

    def separate(self, name: str, box: Box, digits: int, gap: float = 1.5) -> None:
        """A box for each digit."""
        left, top, right, bottom = box
        width = (right - left + gap) / digits
        for k in range(digits):
            self.rectangle((left + k * width, top, left + (k + 1) * width - gap, bottom))
        self.add(name, box, digits, cells=True)

    def underlined(self, name: str, box: Box, digits: int) -> None:
        """A line to write on."""
        self.line(box[0], box[3] - 1.0, box[2], box[3] - 1.0)
        self.add(name, box, digits)

    def table(self, columns: Sequence[float], rows: Sequence[float]) -> None:
        """A grid of lines at these places."""
        for x in columns:
            self.line(x, rows[0], x, rows[-1])
        for y in rows:
            self.line(columns[0], y, columns[-1], y)

    def tick(self, name: str, x: float, y: float, side: float = 4.0) -> None:
        """A square to tick, with its name beside it."""
        self.rectangle((x, y, x + side, y + side))
        self.text(x + side + 2, y, name)
        self.ticks.append((name, (x, y, x + side, y + side)))
