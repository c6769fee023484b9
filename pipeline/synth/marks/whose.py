"""Marks drawn on a sheet, with whose ink they are: the number's digits', other writing's, or neither's."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pipeline.synth.marks.beside import BESIDE
from pipeline.synth.sheet import Sheet

Rng = np.random.Generator

# What a hand adds to the digits themselves.
OF_DIGITS = frozenset({"hollow", "zero_slashes"})


def draw_mark(sheet: Sheet, name: str, draw: Callable[[Sheet, Rng], None], rng: Rng) -> None:
    """Draw one mark, and note whose ink it is."""
    ink, boxes = sheet.ink.copy(), list(sheet.boxes)
    draw(sheet, rng)
    new = (sheet.ink > ink) & ~sheet.own
    if name in OF_DIGITS:
        sheet.own |= new
    elif name in BESIDE:
        sheet.other |= new
    _disown(sheet, [box for box in boxes if box not in sheet.boxes])


def _disown(sheet: Sheet, boxes: list[tuple[int, int, int, int]]) -> None:
    """Digits that no longer count are other writing."""
    for left, top, right, bottom in boxes:
        part = np.s_[top:bottom, left:right]
        sheet.other[part] |= sheet.own[part]
        sheet.own[part] = False
