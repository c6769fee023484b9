"""What forms print round a number: boxes, combs, rules, grids, guides."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from pipeline.synth.sheet import Sheet

Rng = np.random.Generator


def _ruling(sheet: Sheet, rng: Rng) -> tuple[float, int]:
    """Width in pixels and strength of a printed line."""
    pen = float(np.exp(rng.uniform(np.log(0.012), np.log(0.1)))) * sheet.height
    return pen, int(rng.integers(70, 256))


def _frame(sheet: Sheet, rng: Rng, *, most: float = 0.7) -> tuple[float, float]:
    """Top and bottom of printed cells round the line of writing."""
    top, bottom = sheet.line
    return top - rng.uniform(0.02, most) * sheet.height, bottom + rng.uniform(0.02, most) * sheet.height


def cells(sheet: Sheet, rng: Rng) -> None:
    """Joined cells, each digit in one; often the walls run on to further rows and columns."""
    (pen, strength), (top, bottom) = _ruling(sheet, rng), _frame(sheet, rng)
    wall = pen * rng.uniform(0.4, 1.2)
    far = 5 * sheet.height
    up, down = (far if rng.random() < 0.25 else 0.0 for _ in range(2))
    left, right = (far if rng.random() < 0.2 else 0.0 for _ in range(2))
    walls = [*sheet.cells[:, 0], sheet.cells[-1, 1]]
    for x in walls:
        sheet.draw([(x, top - up), (x, bottom + down)], wall, strength=strength)
    for y in (top, bottom):
        sheet.draw([(walls[0] - left, y), (walls[-1] + right, y)], pen, strength=strength)


def open_cells(sheet: Sheet, rng: Rng) -> None:
    """Walls between the digits, and at most one of the lines above and below."""
    (pen, strength), (top, bottom) = _ruling(sheet, rng), _frame(sheet, rng)
    for x in sheet.cells[1:, 0] if rng.random() < 0.5 else [*sheet.cells[:, 0], sheet.cells[-1, 1]]:
        sheet.draw([(x, top), (x, bottom)], pen, strength=strength)
    if rng.random() < 0.6:
        y = top if rng.random() < 0.5 else bottom
        sheet.draw([(sheet.cells[0, 0], y), (sheet.cells[-1, 1], y)], pen, strength=strength)


def boxes(sheet: Sheet, rng: Rng) -> None:
    """A box for each digit, with paper between them, or with double walls."""
    (pen, strength), (top, bottom) = _ruling(sheet, rng), _frame(sheet, rng)
    gap = rng.uniform(0.03, 0.16) * sheet.height
    for left, right in sheet.cells:
        a, b = left + gap, right - gap
        sheet.draw([(a, top), (b, top), (b, bottom), (a, bottom)], pen, strength=strength, closed=True)


def rounded_boxes(sheet: Sheet, rng: Rng) -> None:
    """A box with round corners for each digit."""
    (pen, strength), (top, bottom) = _ruling(sheet, rng), _frame(sheet, rng)
    gap = rng.uniform(0.03, 0.12) * sheet.height
    turn = np.linspace(0, np.pi / 2, 6)
    for left, right in sheet.cells:
        a, b = left + gap, right - gap
        r = 0.3 * min(b - a, bottom - top)
        path = [
            (x + r * np.cos(turn + k * np.pi / 2), y + r * np.sin(turn + k * np.pi / 2))
            for k, (x, y) in enumerate([(b - r, bottom - r), (a + r, bottom - r), (a + r, top + r), (b - r, top + r)])
        ]
        sheet.draw(np.concatenate([np.column_stack(p) for p in path]), pen, strength=strength, closed=True)


def nested_boxes(sheet: Sheet, rng: Rng) -> None:
    """A wide box for each digit and a faint narrow one in it, in which it is to be written; some with a bar across."""
    boxes(sheet, rng)
    pen, strength = _ruling(sheet, rng)
    top, bottom = sheet.line
    barred = rng.random() < 0.5
    grow = rng.uniform(-0.06, 0.08) * sheet.height
    for left, right in sheet.cells:
        half = rng.uniform(0.24, 0.3) * sheet.height
        middle = (left + right) / 2
        a, b, c, d = middle - half, top - grow, middle + half, bottom + grow
        sheet.draw([(a, b), (c, b), (c, d), (a, d)], pen / 2, strength=strength // 2 + 20, closed=True)
        if barred:
            sheet.draw([(a, (b + d) / 2), (c, (b + d) / 2)], pen / 2, strength=strength // 2 + 20)


def dashed_boxes(sheet: Sheet, rng: Rng) -> None:
    """Joined cells in broken lines."""
    (pen, strength), (top, bottom) = _ruling(sheet, rng), _frame(sheet, rng)
    dash = rng.uniform(0.08, 0.16) * sheet.height
    left, right = sheet.cells[0, 0], sheet.cells[-1, 1]
    lines = [((x, top), (x, bottom)) for x in [*sheet.cells[:, 0], right]]
    lines += [((left, y), (right, y)) for y in (top, bottom)]
    for start, end in np.array(lines):
        for at in np.arange(0, np.linalg.norm(end - start), 2 * dash):
            along = (end - start) / np.linalg.norm(end - start)
            sheet.draw([start + at * along, start + (at + dash) * along], pen, strength=strength)


def frame(sheet: Sheet, rng: Rng) -> None:
    """One box round the whole number."""
    (pen, strength), (top, bottom) = _ruling(sheet, rng), _frame(sheet, rng, most=1.0)
    left, right = sheet.span
    a, b = left - rng.uniform(0.1, 1.5) * sheet.height, right + rng.uniform(0.1, 1.5) * sheet.height
    sheet.draw([(a, top), (b, top), (b, bottom), (a, bottom)], pen, strength=strength, closed=True)


def comb(sheet: Sheet, rng: Rng) -> None:
    """A base line with short upright ticks."""
    pen, strength = _ruling(sheet, rng)
    bottom = sheet.line[1] + rng.uniform(-0.08, 0.25) * sheet.height
    long = rng.uniform(0.15, 0.7) * sheet.height
    outer = long * rng.uniform(1, 1.6)
    walls = [*sheet.cells[:, 0], sheet.cells[-1, 1]]
    sheet.draw([(walls[0], bottom), (walls[-1], bottom)], pen, strength=strength)
    for k, x in enumerate(walls):
        sheet.draw([(x, bottom), (x, bottom - (outer if k in (0, len(walls) - 1) else long))], pen, strength=strength)


def open_comb(sheet: Sheet, rng: Rng) -> None:
    """Short upright ticks between the digits, without a base line."""
    pen, strength = _ruling(sheet, rng)
    bottom = sheet.line[1] + rng.uniform(-0.05, 0.2) * sheet.height
    long = rng.uniform(0.2, 0.8) * sheet.height
    for x in [*sheet.cells[:, 0], sheet.cells[-1, 1]]:
        sheet.draw([(x, bottom), (x, bottom - long)], pen, strength=strength)


def base_lines(sheet: Sheet, rng: Rng) -> None:
    """A short line under every digit."""
    pen, strength = _ruling(sheet, rng)
    y, gap = sheet.line[1] + rng.uniform(0.02, 0.25) * sheet.height, rng.uniform(0.05, 0.2) * sheet.height
    for left, right in sheet.cells:
        sheet.draw([(left + gap, y), (right - gap, y)], pen, strength=strength)


def rules_beside(sheet: Sheet, rng: Rng) -> None:
    """Upright rules of a table at one side or both, from edge to edge or about as high as the digits."""
    pen, strength = _ruling(sheet, rng)
    left, right = sheet.span
    sides = rng.choice(["left", "right", "both"])
    for side, x in (("left", left), ("right", right)):
        if sides in (side, "both"):
            x += rng.uniform(0.12, 0.9) * sheet.height * (-1 if side == "left" else 1)
            tall = rng.choice([0.1, 0.5, 9.0], p=[0.2, 0.25, 0.55]) * sheet.height
            lean = rng.normal(0, 0.02) * sheet.height
            up, down = (tall * rng.uniform(0, 1) for _ in range(2))
            sheet.draw([(x, sheet.line[0] - up), (x + lean, sheet.line[1] + down)], pen, strength=strength)


def rules_across(sheet: Sheet, rng: Rng) -> None:
    """Level rules of a table or of ruled paper, above, below or through the number."""
    pen, strength = _ruling(sheet, rng)
    apart, far = rng.uniform(1.15, 2.4) * sheet.height, 20 * sheet.height
    first = sheet.line[1] + rng.uniform(-0.25, 0.4) * sheet.height
    middle = (sheet.cells[0, 0] + sheet.cells[-1, 1]) / 2
    for k in range(-3, 4) if rng.random() < 0.6 else rng.choice([-1, 0], size=1):
        y = first + k * apart
        if -1 < y < sheet.ink.shape[0] + 1:
            sheet.draw([(middle - far, y), (middle + far, y)], pen, strength=strength)


def double_rules(sheet: Sheet, rng: Rng) -> None:
    """Two level rules close together under the number, as at the end of a sum."""
    pen, strength = _ruling(sheet, rng)
    y, far = sheet.line[1] + rng.uniform(0.05, 0.35) * sheet.height, 20 * sheet.height
    for rise in (0.0, pen + rng.uniform(0.06, 0.15) * sheet.height):
        sheet.draw([(sheet.span[0] - far, y + rise), (sheet.span[1] + far, y + rise)], pen, strength=strength)


def table_corner(sheet: Sheet, rng: Rng) -> None:
    """Two thick rules of a table that meet beside the number."""
    pen, strength = _ruling(sheet, rng)
    pen *= rng.uniform(1, 2.5)
    left, right = sheet.span
    x = (
        right + rng.uniform(0.1, 0.8) * sheet.height
        if rng.random() < 0.5
        else left - rng.uniform(0.1, 0.8) * sheet.height
    )
    y = sheet.line[1] + rng.uniform(0.05, 0.5) * sheet.height
    if rng.random() < 0.4:
        y = sheet.line[0] - rng.uniform(0.05, 0.5) * sheet.height
    far = 20 * sheet.height
    sheet.draw([(x, y - far), (x, y + far)], pen, strength=strength)
    sheet.draw([(x - far, y), (x + far, y)], pen, strength=strength)


def squared(sheet: Sheet, rng: Rng) -> None:
    """Squared paper."""
    pen, strength = _ruling(sheet, rng)
    pen, strength = min(pen, 0.05 * sheet.height), min(strength, 190)
    apart = rng.uniform(0.3, 1.4) * sheet.height
    for x in np.arange(rng.uniform(0, apart), sheet.ink.shape[1], apart):
        sheet.draw([(x, -9), (x, sheet.ink.shape[0] + 9)], pen, strength=strength)
    for y in np.arange(rng.uniform(0, apart), sheet.ink.shape[0], apart):
        sheet.draw([(-9, y), (sheet.ink.shape[1] + 9, y)], pen, strength=strength)


def dotted_line(sheet: Sheet, rng: Rng) -> None:
    """Dots to write on."""
    pen, strength = _ruling(sheet, rng)
    y, apart = sheet.line[1] + rng.uniform(-0.1, 0.25) * sheet.height, rng.uniform(0.08, 0.3) * sheet.height
    size = max(pen, rng.uniform(0.03, 0.12) * sheet.height)
    for x in np.arange(sheet.window[0], sheet.window[2], apart):
        sheet.draw([(x, y), (x + 0.1, y)], size, strength=strength)


def printed_underline(sheet: Sheet, rng: Rng) -> None:
    """A line to write on, not much longer than the number."""
    pen, strength = _ruling(sheet, rng)
    y = sheet.line[1] + rng.uniform(-0.06, 0.3) * sheet.height
    left, right = sheet.span
    sheet.draw(
        [(left - rng.uniform(0, 2) * sheet.height, y), (right + rng.uniform(0, 2) * sheet.height, y)],
        pen,
        strength=strength,
    )


def segment_guides(sheet: Sheet, rng: Rng) -> None:
    """A faint figure of eight in every cell, to be traced."""
    cells(sheet, rng)
    pen, strength = _ruling(sheet, rng)
    top, bottom = sheet.line
    for left, right in sheet.cells:
        middle, half = (left + right) / 2, 0.25 * sheet.height
        for b, d in ((top, (top + bottom) / 2), ((top + bottom) / 2, bottom)):
            corners = [(middle - half, b), (middle + half, b), (middle + half, d), (middle - half, d)]
            sheet.draw(corners, pen / 2, strength=strength // 3 + 20, closed=True)


def caption(sheet: Sheet, rng: Rng) -> None:
    """Small print above or below the number, letters only."""
    scale = rng.uniform(0.008, 0.016) * sheet.height
    text = "".join(rng.choice(list("abcdefghkmnopqrstuvwxyzABCDEFGHKLMNPRSTU .:")) for _ in range(rng.integers(4, 16)))
    (width, high), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
    drawn = np.zeros((high + 8, width + 8), np.uint8)
    cv2.putText(
        drawn, text, (2, high + 3), cv2.FONT_HERSHEY_SIMPLEX, scale, int(rng.integers(120, 256)), 1, cv2.LINE_AA
    )
    x = sheet.span[0] + rng.uniform(-1.5, 1) * sheet.height
    below = rng.random() < 0.5
    gap = rng.uniform(0.25, 0.7) * sheet.height
    sheet.put(drawn, x, sheet.line[1] + gap if below else sheet.line[0] - gap - drawn.shape[0], layer="print")


def marginal_strokes(sheet: Sheet, rng: Rng) -> None:
    """Bits of print that the cut-out has at its edges: ends of rules, corners of other boxes."""
    left, top, right, bottom = sheet.window
    for _ in range(rng.integers(1, 4)):
        pen, strength = _ruling(sheet, rng)
        along = rng.random() < 0.5
        at, size = rng.uniform(0, 1, 2)
        if along:
            y = rng.choice([top, bottom]) + rng.normal(0, 0.06) * sheet.height
            x = left + at * (right - left)
            sheet.draw([(x, y), (x + size * (right - left), y)], 2 * pen, strength=strength)
        else:
            x = rng.choice([left, right]) + rng.normal(0, 0.06) * sheet.height
            y = top + at * (bottom - top)
            sheet.draw([(x, y), (x, y + size * (bottom - top))], 2 * pen, strength=strength)


Draw = Callable[[Sheet, Rng], None]

# Whether a kind is drawn into cells, so that the digits stand at even distances.
IN_CELLS: dict[str, Draw] = {
    "cells": cells, "open_cells": open_cells, "boxes": boxes, "nested_boxes": nested_boxes, "comb": comb,
    "base_lines": base_lines, "rounded_boxes": rounded_boxes, "dashed_boxes": dashed_boxes, "open_comb": open_comb,
    "segment_guides": segment_guides,
}  # fmt: skip
PRINTED: dict[str, Draw] = {
    "frame": frame, "rules_beside": rules_beside, "rules_across": rules_across, "squared": squared,
    "dotted_line": dotted_line, "printed_underline": printed_underline, "caption": caption,
    "table_corner": table_corner, "double_rules": double_rules, "marginal_strokes": marginal_strokes,
}  # fmt: skip
