"""Digits x marks x papers x cameras -> a field, with its number and the boxes of its digits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.synth.arrange import write_number, write_words
from pipeline.synth.glyphs import Gray, Hands
from pipeline.synth.lens import SLIPS, View, label, move_boxes, see
from pipeline.synth.marks.around import AROUND
from pipeline.synth.marks.beside import BESIDE, ROOM
from pipeline.synth.marks.cameras import CAMERAS
from pipeline.synth.marks.papers import PAPERS
from pipeline.synth.marks.printed import IN_CELLS, PRINTED
from pipeline.synth.marks.whose import draw_mark
from pipeline.synth.sheet import Sheet
from segmenter import fit_field
from segmenter.ink.pixels import fit_pixels

Rng = np.random.Generator

# Every kind that a field may show, by what it is.
KINDS: dict[str, Mapping[str, Any]] = {
    "in_cells": IN_CELLS, "printed": PRINTED, "around": AROUND, "beside": BESIDE, "papers": PAPERS, "cameras": CAMERAS,
}  # fmt: skip
# In no training and no calibration: how these are read shows what happens on a form that nobody foresaw.
KEPT_OUT = frozenset({
    "rounded_boxes", "dashed_boxes", "open_comb", "segment_guides", "table_corner", "caption",
    "wavy_underline", "hand_frame", "digit_ring", "square_bracket", "curly_bracket", "double_rules",
    "hatched", "creased", "stapled", "coffee_ring", "stamped",
    "fax", "dithered", "screen",
})  # fmt: skip
# How often a field has one of each; print and marks may come together, several times.
SHARES = {"in_cells": 0.35, "printed": 0.35, "around": 0.22, "beside": 0.2, "papers": 0.6}
MUCH = {"in_cells": 0.35, "printed": 0.45, "around": 0.45, "beside": 0.25, "papers": 0.5}
MANY_SLIPS = 0.2
# How many digits a field has, by chance.
COUNTS = {0: 0.13, 1: 0.07, 2: 0.12, 3: 0.37, 4: 0.13, 5: 0.08, 6: 0.08, 7: 0.02}
# Share of the fields in bright ink on dark paper.
NEGATIVE = 0.2
# A picture that does not show the writing is taken again, so often in all.
TAKES = 4
# Of the standard deviation of both: least distance between the means of ink and of the paper around it.
LEAST_SEEN = 0.5
# Most symbols that one field is labelled with.
LONGEST = 9


@dataclass(frozen=True, eq=False)
class Field:
    """A composed field.

    Attributes
    ----------
    image : (H, W) uint8
    number : str
        Its digits, left to right; '' if it shows none.
    sequence : str
        The same with an 'x' for other writing where that stands; what is next to each other is one 'x'.
    boxes : (n, 4) float
        Of each digit, (left, top, right, bottom) in pixels.
    kinds : tuple of str
        The marks, the paper and the camera.
    """

    image: Gray
    number: str
    sequence: str
    boxes: NDArray[np.float64]
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Recipe:
    """What fields are made of.

    Attributes
    ----------
    kinds : mapping
        Key of :data:`KINDS` -> the names that may be drawn, each as often as another.
    shares : mapping
        How often a field has one of them.
    detail : (float, float)
        Range of the size of an image; at 1 it fills 128x64 pixels.
    slips : float
        Share of slips on a desk.
    """

    kinds: Mapping[str, tuple[str, ...]]
    shares: Mapping[str, float] = field(default_factory=lambda: SHARES)
    detail: tuple[float, float] = (0.8, 1.6)
    slips: float = SLIPS


def any_kind(*, kept_out: bool = False, detail: tuple[float, float] = (0.8, 1.6)) -> Recipe:
    """Everything that may be trained on, or with ``kept_out`` what may not."""
    kinds = {what: tuple(n for n in names if (n in KEPT_OUT) == kept_out) for what, names in KINDS.items()}
    return Recipe(kinds, detail=detail)


def much_beside_ink() -> Recipe:
    """Everything that may be trained on, with more of what has to be told from the digits' ink."""
    return replace(any_kind(), shares=MUCH, slips=MANY_SLIPS)


def one_kind(name: str, *, detail: tuple[float, float] = (1.0, 3.0)) -> Recipe:
    """Fields with this kind, and nothing else, photographed or scanned on plain paper."""
    home = next((what for what, names in KINDS.items() if name in names), None)
    if home is None:
        raise ValueError(f"`name` should be one of {sorted(n for names in KINDS.values() for n in names)}: {name!r}.")
    kinds: dict[str, tuple[str, ...]] = dict.fromkeys(KINDS, ()) | {"cameras": ("scan", "photograph")}
    return Recipe(kinds | {home: (name,)}, dict.fromkeys(SHARES, 0.0) | {home: 1.0}, detail)


def compose(hands: Hands, rng: Rng, recipe: Recipe, *, number: str | None = None) -> Field:
    """One field of what the recipe allows.

    Parameters
    ----------
    hands : Hands
        Whose digits.
    rng : Generator
        Fixes every pixel.
    recipe : Recipe
    number : str, optional
        Default: any, of none to seven digits.
    """
    return _composed(hands, rng, recipe, number)[0]


def _composed(hands: Hands, rng: Rng, recipe: Recipe, number: str | None) -> tuple[Field, Sheet, View]:
    """A field, what was written and printed, and how that lay before the camera."""
    if number is None:
        count = int(rng.choice(list(COUNTS), p=list(COUNTS.values())))
        number = "".join(map(str, rng.integers(0, 10, count)))
    in_cells = bool(recipe.kinds["in_cells"]) and rng.random() < recipe.shares["in_cells"]
    beside = _one(recipe, "beside", rng)
    sheet = write_number(number, hands, rng, detail=recipe.detail, in_cells=in_cells, room=ROOM.get(beside, 0.0))
    if not number and rng.random() < 0.75:
        write_words(sheet, rng)
        sheet.other = sheet.ink > 0
    marks = [str(rng.choice(recipe.kinds["in_cells"]))] if in_cells else []
    for what in ("printed", "around"):
        marks += _several(recipe, what, rng)
    for mark in [*marks, beside] if beside else marks:
        draw_mark(sheet, mark, next(names for names in KINDS.values() if mark in names)[mark], rng)
    paper = _one(recipe, "papers", rng) or "plain"
    view = see(sheet, PAPERS[paper](sheet, rng), rng, slips=recipe.slips)
    ink = cv2.warpPerspective(sheet.ink, view.to_image, view.image.shape[::-1])
    image, camera = _take(view.image, ink, recipe, rng)
    if rng.random() < NEGATIVE:
        image = 255 - image
    kinds = (*marks, *([beside] if beside else []), paper, camera)
    boxes = move_boxes(sheet.boxes, view.to_image)
    return Field(image, sheet.number, _sequence(sheet), boxes, kinds), sheet, view


def _take(image: Gray, ink: Gray, recipe: Recipe, rng: Rng) -> tuple[Gray, str]:
    """A picture of what lies before the camera, and which camera took it."""
    for _ in range(TAKES):
        camera = str(rng.choice(recipe.kinds["cameras"]))
        taken = CAMERAS[camera](image, rng)
        if _shows(taken, ink):
            break
    return taken, camera


def _shows(image: Gray, ink: Gray) -> bool:
    """Whether what was written is still to be seen: a picture that lost it would be labelled with what nobody reads."""
    near = (cv2.dilate(ink, np.ones((7, 7), np.uint8)) > 160) & (ink < 20)
    written, paper = image[ink > 160], image[near]
    if not len(written) or not len(paper):
        return True
    spread = float(np.concatenate([written, paper]).std())
    return bool(abs(float(written.mean()) - float(paper.mean())) > LEAST_SEEN * max(spread, 1.0))


def compose_fields(n: int, rng: Rng, *, hands: Hands, recipe: Recipe) -> tuple[NDArray[np.uint8], list[str]]:
    """``n`` fields as a network sees them: (n, 64, 128) uint8, see :func:`segmenter.fit_field`, and their sequences."""
    fields = [compose(hands, rng, recipe) for _ in range(n)]
    return np.stack([fit_field(f.image) for f in fields]), [f.sequence for f in fields]


def compose_pixels(n: int, rng: Rng, *, hands: Hands, recipe: Recipe) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """``n`` fields as :func:`compose_fields` gives them, and what each pixel shows, both (n, 64, 128) uint8."""
    fields = [_composed(hands, rng, recipe, None) for _ in range(n)]
    shown = np.stack([fit_pixels(label(sheet, view)) for _, sheet, view in fields])
    return np.stack([fit_field(field.image) for field, _, _ in fields]), shown


def _one(recipe: Recipe, what: str, rng: Rng) -> str:
    """One of its names, or ''."""
    names = recipe.kinds[what]
    return str(rng.choice(names)) if names and rng.random() < recipe.shares[what] else ""


def _several(recipe: Recipe, what: str, rng: Rng) -> list[str]:
    """None, one, or more the less likely; of a single name at most one."""
    found: list[str] = []
    while (name := _one(recipe, what, rng)) and name not in found:
        found.append(name)
    return found


def _sequence(sheet: Sheet) -> str:
    """Digits and other writing from left to right."""
    symbols = [((b[0] + b[2]) / 2, d) for b, d in zip(sheet.boxes, sheet.number, strict=True)]
    left, _, right, _ = sheet.window
    symbols += [(x, "x") for x in sheet.strange if left < x < right]
    ordered = "".join(s for _, s in sorted(symbols))
    while "xx" in ordered:
        ordered = ordered.replace("xx", "x")
    return ordered[:LONGEST]
