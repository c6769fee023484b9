"""Where digits stand: in cells, on a free line, scattered; the first step of a sheet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.synth.glyphs import Gray, Hands, Style, any_style, draw_strokes
from pipeline.synth.layouts import clearance
from pipeline.synth.sheet import Sheet
from pipeline.synth.strokes import any_letter

Rng = np.random.Generator


def _margin(rng: Rng) -> float:
    """Of paper beside the writing, in heights; seldom the edge cuts a little off."""
    return float(np.clip(np.exp(rng.normal(-1.1, 0.9)) - 0.06, -0.05, 2.5))


def write_number(
    number: str, hands: Hands, rng: Rng, *, detail: tuple[float, float], in_cells: bool, room: float
) -> Sheet:
    """A sheet with nothing but the number."""
    style = any_style(rng)
    places = max(len(number), int(rng.integers(1, 5)) if in_cells or not number else 1)
    if in_cells and number and rng.random() < 0.75:
        places = len(number)
    cell = rng.uniform(0.75, 2.0) if in_cells else 0.75
    up, down, left, right = (_margin(rng) for _ in range(4))
    left, right = max(left, room * rng.uniform(0.6, 1.0)), max(right, room * rng.uniform(0.6, 1.0))
    if rng.random() < 0.08:  # a cut-out through the digits' heads or feet
        up, down = (rng.uniform(-0.3, 0) if rng.random() < 0.5 else v for v in (up, down))
    scattered = not in_cells and rng.random() < 0.07
    if scattered:
        up, down = up + 0.8, down + 0.8
    height = min(64 / (1 + up + down), 128 / (places * cell + left + right)) * rng.uniform(*detail)
    height = float(max(height, 7.0))
    inks = [hands.write(int(d), height * _size(rng), style, rng) for d in number]
    tops = _tops(inks, height, rng, scattered=scattered)
    lefts, cells = _in_cells(inks, places, cell * height, rng) if in_cells else _in_line(inks, tops, height, rng)
    digits = list(zip(inks, lefts, tops, strict=True))
    return _laid(number, digits, cells, height, (left, up, right, down), style, hands)


def _size(rng: Rng) -> float:
    """Of one digit beside the others."""
    return float(rng.choice([0.55, 0.75, 1.4])) if rng.random() < 0.04 else 1.0


def _tops(inks: Sequence[Gray], height: float, rng: Rng, *, scattered: bool) -> list[float]:
    """Upper edge of each digit; the line of writing is from 0 to ``height``, and may rise or fall."""
    climb, stray = rng.normal(0, 0.05), rng.choice([0.02, 0.06, 0.12])
    hang = rng.choice([0.5, 1.0])  # digits of other sizes stand on the line, or are centred on it
    free = 0.8 if scattered else 0.0
    return [
        hang * (height - ink.shape[0])
        + (climb * (k - len(inks) / 2) + rng.normal(0, stray) + rng.uniform(-free, free)) * height
        for k, ink in enumerate(inks)
    ]


def _in_cells(inks: Sequence[Gray], places: int, width: float, rng: Rng) -> tuple[list[float], NDArray[np.float64]]:
    """Left edge of each digit in its cell, and the cells; free ones are mostly the first."""
    cells = np.arange(places)[:, None] * width + np.array([0, width])
    first = places - len(inks) if rng.random() < 0.7 else int(rng.integers(0, places - len(inks) + 1))
    push, stray = rng.normal(0, 0.08), rng.uniform(0.02, 0.15)
    lefts = [
        float(cells[first + k].mean() - ink.shape[1] / 2 + (push + rng.normal(0, stray)) * width)
        for k, ink in enumerate(inks)
    ]
    return sorted(lefts), cells


# Free paper between two digits, in heights; what overlaps, in widths of the narrower one.
_GAPS = {
    "spaced": (0.06, 0.35), "wide": (0.4, 1.1), "close": (-0.06, 0.08), "touching": (-0.08, 0.02),
    "overlapping": (-0.5, -0.05),
}  # fmt: skip


def _until_ink_meets(left: Gray, right: Gray, lower: int) -> int:
    """Columns by which the right digit, which stands ``lower`` rows lower, can be pushed over the left one's box."""
    rows = min(left.shape[0], right.shape[0] + lower) - max(0, lower)
    if rows <= 0:
        return 0
    return max(0, clearance(left[max(0, lower) :][:rows], right[max(0, -lower) :][:rows]))


def _in_line(
    inks: Sequence[Gray], tops: Sequence[float], height: float, rng: Rng
) -> tuple[list[float], NDArray[np.float64]]:
    """Left edge of each digit written freely, and the places that they take."""
    if not inks:
        places = int(rng.integers(1, 5))
        return [], np.arange(places)[:, None] * 0.8 * height + np.array([0, 0.7 * height])
    mode = str(rng.choice(list(_GAPS), p=[0.42, 0.1, 0.12, 0.12, 0.24]))
    lefts, edge = [], 0.0
    for k, ink in enumerate(inks):
        if k:
            narrower, gap = min(ink.shape[1], inks[k - 1].shape[1]), rng.uniform(*_GAPS[mode])
            if mode == "touching":
                edge -= _until_ink_meets(inks[k - 1], ink, round(tops[k] - tops[k - 1]))
            edge += gap * (narrower if mode == "overlapping" else height)
        lefts.append(edge)
        edge += ink.shape[1]
    cells = np.array([(at, at + ink.shape[1]) for at, ink in zip(lefts, inks, strict=True)])
    middles = (cells[1:, 0] + cells[:-1, 1]) / 2
    out = 0.1 * height
    return lefts, np.column_stack([[cells[0, 0] - out, *middles], [*middles, cells[-1, 1] + out]])


def _laid(
    number: str, digits: Sequence[tuple[Gray, float, float]], cells: NDArray[np.float64], height: float,
    margins: tuple[float, float, float, float], style: Style, hands: Hands,
) -> Sheet:  # fmt: skip
    """Digits, each with its left and upper edge, laid on a sheet that reaches beyond the window."""
    low_x = min([cells[0, 0], *(x for _, x, _ in digits)])
    high_x = max([cells[-1, 1], *(x + ink.shape[1] for ink, x, _ in digits)])
    low_y = min([0.0, *(y for _, _, y in digits)])
    high_y = max([height, *(y + ink.shape[0] for ink, _, y in digits)])
    beyond = 0.5 * height + 6
    left, up, right, down = (m * height for m in margins)
    x, y = beyond + max(left, 0) - low_x, beyond + max(up, 0) - low_y
    window = round(x + low_x - left), round(y + low_y - up), round(x + high_x + right), round(y + high_y + down)
    shape = round(window[3] + beyond + max(0, -down)), round(window[2] + beyond + max(0, -right))
    sheet = Sheet(
        np.zeros(shape, np.uint8), np.zeros(shape, np.uint8), number, [], cells + x,
        (y, y + height), height, window, style, hands,
    )  # fmt: skip
    sheet.boxes = [sheet.put(ink, x + a, y + b) for ink, a, b in digits]
    sheet.own = sheet.ink > 0
    return sheet


def write_words(sheet: Sheet, rng: Rng) -> None:
    """Letters or a scrawl instead of a number."""
    left, _, right, _ = sheet.window
    x = left + rng.uniform(0.1, 0.4) * (right - left)
    if rng.random() < 0.25:
        path = np.cumsum(rng.normal(0, 1, (int(rng.integers(6, 25)), 2)) * (0.25, 0.35), axis=0) * sheet.height
        path += (x - path[0, 0], np.mean(sheet.line) - path[:, 1].mean())
        sheet.draw(path, sheet.pen, layer="ink")
        sheet.strange.append(float(path[:, 0].mean()))
        return
    size, gap = rng.uniform(0.5, 1.0) * sheet.height, rng.choice([0.03, 0.1, 0.5]) * sheet.height
    for _ in range(rng.integers(1, 9)):
        ink = draw_strokes(any_letter(rng), size, sheet.pen, sheet.style.slant, sheet.style.aspect)
        sheet.put(ink, x, sheet.line[1] - ink.shape[0] + rng.normal(0, 0.04) * sheet.height)
        sheet.strange.append(x + ink.shape[1] / 2)
        x += ink.shape[1] + gap
        if x > right:
            break
