"""What makes a field more than its number, or no longer its number: signs, letters, halves, strokes through it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pipeline.synth.glyphs import draw_strokes
from pipeline.synth.sheet import Sheet, ellipse, lay, place_beside, wobbly
from pipeline.synth.strokes import any_letter

Rng = np.random.Generator
Draw = Callable[[Sheet, Rng], None]


def bracket(sheet: Sheet, rng: Rng) -> None:
    """Round brackets at one side or both."""
    sides = rng.choice(["left", "right", "both"])
    high = rng.uniform(1.0, 1.5) * sheet.height
    bend = rng.uniform(0.08, 0.25) * sheet.height
    for side in ("left", "right"):
        if sides in (side, "both"):
            a, b = place_beside(sheet, rng, 0.2, side=side)
            turn = np.linspace(-1, 1, 16)
            x = (a + b) / 2 + (bend if side == "right" else -bend) * (0.5 - turn**2)
            y = np.mean(sheet.line) + high / 2 * turn
            sheet.draw(np.column_stack([x, y]), sheet.pen * rng.uniform(0.7, 1.1), layer="ink")
            sheet.strange.append((a + b) / 2)


def square_bracket(sheet: Sheet, rng: Rng) -> None:
    """Square brackets at one side or both."""
    sides = rng.choice(["left", "right", "both"])
    half, foot = rng.uniform(0.5, 0.75) * sheet.height, rng.uniform(0.1, 0.25) * sheet.height
    middle = np.mean(sheet.line)
    for side, way in (("left", 1), ("right", -1)):
        if sides in (side, "both"):
            x = np.mean(place_beside(sheet, rng, 0.2, side=side))
            corners = [
                (x + way * foot, middle - half),
                (x, middle - half),
                (x, middle + half),
                (x + way * foot, middle + half),
            ]
            sheet.draw(wobbly(corners, rng, 0.03 * sheet.height), sheet.pen * rng.uniform(0.7, 1.1), layer="ink")
            sheet.strange.append(float(x))


def curly_bracket(sheet: Sheet, rng: Rng) -> None:
    """A curly bracket at one side."""
    side = str(rng.choice(["left", "right"]))
    x, way = float(np.mean(place_beside(sheet, rng, 0.3, side=side))), 1 if side == "left" else -1
    middle, half, bend = (
        np.mean(sheet.line),
        rng.uniform(0.5, 0.8) * sheet.height,
        rng.uniform(0.08, 0.2) * sheet.height,
    )
    turns = [(1, -1), (0, -0.8), (0, -0.15), (-1, 0), (0, 0.15), (0, 0.8), (1, 1)]
    path = [(x + way * bend * a, middle + half * b) for a, b in turns]
    sheet.draw(wobbly(path, rng, 0.02 * sheet.height), sheet.pen * rng.uniform(0.7, 1.1), layer="ink")
    sheet.strange.append(x)


def slash(sheet: Sheet, rng: Rng) -> None:
    """A slash beside the number or between two of its digits."""
    x = float(np.mean(place_beside(sheet, rng, 0.4)))
    if len(sheet.boxes) > 1 and rng.random() < 0.5:
        k = int(rng.integers(len(sheet.boxes) - 1))
        x = (sheet.boxes[k][2] + sheet.boxes[k + 1][0]) / 2
    half, lean = rng.uniform(0.5, 0.75) * sheet.height, rng.uniform(0.1, 0.45) * sheet.height
    path = wobbly(
        [(x + lean, np.mean(sheet.line) - half), (x - lean, np.mean(sheet.line) + half)], rng, 0.03 * sheet.height
    )
    sheet.draw(path, sheet.pen * rng.uniform(0.7, 1.1), layer="ink")
    sheet.strange.append(float(x))


def sign(sheet: Sheet, rng: Rng) -> None:
    """A minus, a plus, an equals sign, a per cent sign or a degree beside the number."""
    a, b = place_beside(sheet, rng, 0.6)
    x, y, half = (a + b) / 2, float(np.mean(sheet.line)), rng.uniform(0.2, 0.35) * sheet.height
    pen = sheet.pen * rng.uniform(0.7, 1.1)
    kind = rng.choice(["minus", "plus", "equals", "per cent", "degree"])
    tilt = rng.normal(0, 0.04) * sheet.height
    for rise in (-0.13, 0.13) if kind == "equals" else (0.0,):
        if kind in ("minus", "plus", "equals"):
            row = y + rise * sheet.height
            sheet.draw(
                wobbly([(x - half, row + tilt), (x + half, row - tilt)], rng, 0.02 * sheet.height), pen, layer="ink"
            )
    if kind == "plus":
        sheet.draw(wobbly([(x + tilt, y - half), (x - tilt, y + half)], rng, 0.02 * sheet.height), pen, layer="ink")
    if kind == "per cent":
        sheet.draw([(x + half, y - 1.4 * half), (x - half, y + 1.4 * half)], pen, layer="ink")
    rings = {"per cent": [(-0.9, -0.8), (0.9, 0.8)], "degree": [(-0.5, -1.0)]}.get(str(kind), [])
    for right, down in rings:
        sheet.draw(ellipse((x + right * half, y + down * half), (0.45 * half, 0.5 * half), rng), pen, layer="ink")
    sheet.strange.append(float(x))


def letters(sheet: Sheet, rng: Rng) -> None:
    """Letters beside the number: a unit, a name, a currency."""
    side = rng.choice(["left", "right"])
    x = place_beside(sheet, rng, 0.0, side=str(side))[0]
    for _ in range(rng.integers(1, 4)):
        ink = draw_strokes(
            any_letter(rng), sheet.height * rng.uniform(0.6, 1.1), sheet.pen, sheet.style.slant, sheet.style.aspect
        )
        if side == "left":
            x -= ink.shape[1]
        sheet.put(ink, x, sheet.line[1] - ink.shape[0])
        sheet.strange.append(x + ink.shape[1] / 2)
        step = rng.uniform(0.05, 0.3) * sheet.height
        x += -step if side == "left" else ink.shape[1] + step


def raised_digit(sheet: Sheet, rng: Rng) -> None:
    """A small digit above the line behind the number."""
    ink = sheet.hands.write(int(rng.integers(10)), sheet.height * rng.uniform(0.35, 0.6), sheet.style, rng)
    x = sheet.span[1] + rng.uniform(0.05, 0.2) * sheet.height
    y = sheet.line[0] - rng.uniform(0.1, 0.4) * sheet.height
    sheet.put(ink, x, y)
    sheet.strange.append(x + ink.shape[1] / 2)
    left, top, right, bottom = sheet.window
    sheet.window = left, min(top, int(y)), right, bottom


def second_number(sheet: Sheet, rng: Rng) -> None:
    """One to three more digits, further away than digits of one number are."""
    side = rng.choice(["left", "right"])
    x = sheet.span[side == "right"]
    away = rng.uniform(1.3, 2.5) * sheet.height
    x += away if side == "right" else -away
    for _ in range(rng.integers(1, 4)):
        ink = sheet.hands.write(int(rng.integers(10)), sheet.height, sheet.style, rng)
        left = x if side == "right" else x - ink.shape[1]
        sheet.put(ink, left, sheet.line[1] - ink.shape[0])
        sheet.strange.append(left + ink.shape[1] / 2)
        x += (ink.shape[1] + 0.15 * sheet.height) * (1 if side == "right" else -1)


def half_digit(sheet: Sheet, rng: Rng) -> None:
    """A further digit that the image's edge cuts through: the window moves so that it does."""
    side = rng.choice(["left", "right"])
    ink = sheet.hands.write(int(rng.integers(10)), sheet.height, sheet.style, rng)
    gap, shown = rng.uniform(0.05, 0.35) * sheet.height, rng.uniform(0.25, 0.75) * ink.shape[1]
    left, top, right, bottom = sheet.window
    y = sheet.line[1] - ink.shape[0] + rng.normal(0, 0.05) * sheet.height
    if side == "right":
        x = sheet.span[1] + gap
        sheet.window = left, top, round(x + shown), bottom
        sheet.strange.append(x + shown / 2)
    else:
        x = sheet.span[0] - gap - ink.shape[1]
        sheet.window = round(x + ink.shape[1] - shown), top, right, bottom
        sheet.strange.append(x + ink.shape[1] - shown / 2)
    sheet.put(ink, x, y)


def struck_out(sheet: Sheet, rng: Rng) -> None:
    """The whole number struck out by one stroke or two: it no longer counts."""
    if not sheet.boxes:
        return
    left, right = sheet.span
    middle = np.mean(sheet.line)
    for _ in range(rng.choice([1, 1, 2])):
        a, b = (rng.normal(0, 0.22) * sheet.height for _ in range(2))
        ends = left - rng.uniform(-0.05, 0.4) * sheet.height, right + rng.uniform(-0.05, 0.4) * sheet.height
        path = wobbly([(ends[0], middle + a), (ends[1], middle + b)], rng, 0.05 * sheet.height)
        sheet.draw(path, sheet.pen * rng.uniform(0.7, 1.3), layer="ink")
    sheet.strange += [(b[0] + b[2]) / 2 for b in sheet.boxes]
    sheet.number, sheet.boxes = "", []


def corrected_digit(sheet: Sheet, rng: Rng) -> None:
    """One digit written over another, so that either may be meant: of both enough is to be seen."""
    if not sheet.boxes:
        return
    k = int(rng.integers(len(sheet.boxes)))
    left, _, right, bottom = sheet.boxes[k]
    own = sheet.ink > 127
    for _ in range(10):
        ink = sheet.hands.write(int(rng.integers(10)), sheet.height, sheet.style, rng)
        over = np.zeros_like(sheet.ink)
        lay(ink, over, (left + right - ink.shape[1]) / 2, bottom - ink.shape[0])
        new = over > 127
        alone = (new & ~own).sum(), (own & ~new)[:, left:right].sum()
        if min(alone) > 0.4 * new.sum():
            np.maximum(sheet.ink, over, out=sheet.ink)
            sheet.boxes.pop(k)
            sheet.number = sheet.number[:k] + sheet.number[k + 1 :]
            sheet.strange.append((left + right) / 2)
            return


def tick(sheet: Sheet, rng: Rng) -> None:
    """A tick beside the number."""
    a, b = place_beside(sheet, rng, 0.8)
    y = sheet.line[1]
    path = [(a, y - 0.4 * sheet.height), (a + 0.35 * (b - a), y), (b, y - rng.uniform(0.8, 1.2) * sheet.height)]
    sheet.draw(wobbly(path, rng, 0.03 * sheet.height), sheet.pen, layer="ink")
    sheet.strange.append((a + b) / 2)


BESIDE: dict[str, Draw] = {
    "bracket": bracket, "square_bracket": square_bracket, "curly_bracket": curly_bracket,
    "slash": slash, "sign": sign,
    "letters": letters, "raised_digit": raised_digit, "second_number": second_number, "half_digit": half_digit,
    "struck_out": struck_out, "corrected_digit": corrected_digit, "tick": tick,
}  # fmt: skip
# Paper that a mark needs at either side so as to be seen, in heights.
ROOM = {
    "bracket": 0.7, "square_bracket": 0.7, "curly_bracket": 0.8, "slash": 0.9, "sign": 1.1, "letters": 2.2,
    "raised_digit": 0.7, "second_number": 3.5, "tick": 1.3,
}  # fmt: skip
