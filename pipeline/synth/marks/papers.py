"""What a number is written on: papers with their print and their faults, as brightness."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from pipeline.synth.glyphs import Gray
from pipeline.synth.sheet import Sheet, lay

Rng = np.random.Generator


def plain(sheet: Sheet, rng: Rng) -> Gray:
    """Even paper, from white to gray."""
    return np.full(sheet.ink.shape, int(rng.integers(130, 256)), np.uint8)


def grainy(sheet: Sheet, rng: Rng) -> Gray:
    """Paper with a fine grain."""
    return _add(plain(sheet, rng), _noise(sheet, rng, rng.uniform(0.03, 0.2)), rng.uniform(2, 12))


def blotchy(sheet: Sheet, rng: Rng) -> Gray:
    """Recycled or stained paper: soft light and dark patches."""
    return _add(plain(sheet, rng), _noise(sheet, rng, rng.uniform(0.4, 2)), rng.uniform(5, 25))


def guilloche(sheet: Sheet, rng: Rng) -> Gray:
    """Fine printed waves, as cheques have."""
    paper, (y, x) = plain(sheet, rng), np.indices(sheet.ink.shape, np.float32) / np.float32(sheet.height)
    dark = np.zeros(sheet.ink.shape, np.float32)
    for lean in (rng.uniform(0, 1), -rng.uniform(0, 1)):
        apart, bend, length = rng.uniform(0.1, 0.35), rng.uniform(0, 0.3), rng.uniform(0.7, 2.5)
        wave = (y + lean * x + bend * np.sin(x * (6.28 / length) + rng.uniform(0, 6))) / apart
        dark = np.maximum(dark, np.abs(wave % 1 - 0.5) < rng.uniform(0.1, 0.25))
    return _print(paper, dark, rng.uniform(0.05, 0.4))


def weave(sheet: Sheet, rng: Rng) -> Gray:
    """A dense pattern of dots or of woven dashes, as safety paper has."""
    y, x = np.indices(sheet.ink.shape, np.float32)
    apart = max(2.2, rng.uniform(0.08, 0.22) * sheet.height)
    turn = rng.uniform(0, np.pi)
    a, b = (x * np.cos(turn) + y * np.sin(turn)) / apart, (y * np.cos(turn) - x * np.sin(turn)) / apart
    dots = np.sin(2 * np.pi * a) * np.sin(2 * np.pi * b * rng.choice([0.5, 1.0])) > rng.uniform(0.1, 0.7)
    return _print(plain(sheet, rng), dots.astype(np.float32), rng.uniform(0.08, 0.5))


def hatched(sheet: Sheet, rng: Rng) -> Gray:
    """Slanting parallel lines."""
    y, x = np.indices(sheet.ink.shape, np.float32)
    apart, lean = max(2.5, rng.uniform(0.12, 0.4) * sheet.height), rng.uniform(0.4, 2) * rng.choice([-1, 1])
    lines = np.abs((y + lean * x) / apart % 1 - 0.5) < rng.uniform(0.08, 0.2)
    return _print(plain(sheet, rng), lines.astype(np.float32), rng.uniform(0.1, 0.5))


def watermark(sheet: Sheet, rng: Rng) -> Gray:
    """Large faint letters or seals under the writing."""
    faint = np.zeros(sheet.ink.shape, np.uint8)
    for _ in range(rng.integers(1, 4)):
        at = int(rng.uniform(-1, 1) * sheet.height + rng.uniform(sheet.window[0], sheet.window[2]))
        text = "".join(rng.choice(list("ABCDEFGHKLMNOPRSTUVWXYZ2014"), size=int(rng.integers(1, 5))))
        size, thick = rng.uniform(0.03, 0.09) * sheet.height, max(1, round(rng.uniform(0.05, 0.3) * sheet.height))
        row = int(np.mean(sheet.line) + rng.uniform(-0.5, 1.5) * sheet.height)
        cv2.putText(faint, text, (at, row), cv2.FONT_HERSHEY_SIMPLEX, size, 255, thick, cv2.LINE_AA)
    turn = cv2.getRotationMatrix2D((sheet.ink.shape[1] / 2, sheet.ink.shape[0] / 2), rng.uniform(-45, 45), 1.0)
    faint = cv2.warpAffine(faint, turn, faint.shape[::-1])
    return _print(plain(sheet, rng), faint / np.float32(255), rng.uniform(0.04, 0.25))


def shown_through(sheet: Sheet, rng: Rng) -> Gray:
    """The writing on the back shines through, mirrored and soft."""
    back = np.zeros(sheet.ink.shape, np.uint8)
    x = float(sheet.window[0])
    while x < sheet.window[2]:
        ink = sheet.hands.write(int(rng.integers(10)), sheet.height, sheet.style, rng)[:, ::-1]
        lay(ink, back, x, sheet.line[0] + rng.normal(0, 0.4) * sheet.height)
        x += ink.shape[1] + rng.uniform(0.05, 0.8) * sheet.height
    soft = cv2.GaussianBlur(back, (0, 0), max(0.3, rng.uniform(0.03, 0.08) * sheet.height))
    return _print(plain(sheet, rng), soft / np.float32(255), rng.uniform(0.05, 0.3))


def creased(sheet: Sheet, rng: Rng) -> Gray:
    """Folds: thin lines, darker on one side and lighter on the other."""
    paper = plain(sheet, rng).astype(np.int16)
    y, x = np.indices(sheet.ink.shape, np.float32)
    for _ in range(rng.integers(1, 4)):
        turn = rng.uniform(0, np.pi)
        where = rng.uniform(0, 1, 2) * sheet.ink.shape[::-1]
        away = (x - where[0]) * np.cos(turn) + (y - where[1]) * np.sin(turn)
        fold = np.exp(-np.abs(away) / (rng.uniform(0.02, 0.1) * sheet.height)) * np.sign(away)
        paper = paper + (rng.uniform(10, 50) * fold).astype(np.int16)
    return np.clip(paper, 0, 255).astype(np.uint8)


def highlighted(sheet: Sheet, rng: Rng) -> Gray:
    """A band of a text marker over the number."""
    paper = plain(sheet, rng)
    top, bottom = (round(y + rng.normal(0, 0.2) * sheet.height) for y in sheet.line)
    left, right = (round(x + rng.normal(0, 0.5) * sheet.height) for x in sheet.span)
    band = paper[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
    band[:] = (band * rng.uniform(0.6, 0.9)).astype(np.uint8)
    return paper


def punched(sheet: Sheet, rng: Rng) -> Gray:
    """A round hole beside the number, through which something darker shows."""
    paper, radius = plain(sheet, rng), rng.uniform(0.2, 0.5) * sheet.height
    left, right = sheet.span
    gap = radius + rng.uniform(0.1, 0.7) * sheet.height
    x = left - gap if rng.random() < 0.5 else right + gap
    y = np.mean(sheet.line) + rng.normal(0, 0.3) * sheet.height
    cv2.circle(paper, (round(x), round(y)), max(1, round(radius)), int(rng.integers(0, 100)), -1, cv2.LINE_AA)
    return paper


def stapled(sheet: Sheet, rng: Rng) -> Gray:
    """A staple: a short bright wire with a dark edge."""
    paper = plain(sheet, rng)
    left, right = sheet.span
    side = rng.random() < 0.5
    start = np.array(
        [
            left - 0.8 * sheet.height if side else right + 0.3 * sheet.height,
            sheet.line[0] - rng.uniform(-0.3, 0.4) * sheet.height,
        ]
    )
    turn, long = rng.uniform(-0.8, 0.8), rng.uniform(0.4, 0.9) * sheet.height
    end = start + long * np.array([np.cos(turn), np.sin(turn)])
    thick = max(1, round(0.06 * sheet.height))
    for shift, level in ((1, int(rng.integers(20, 90))), (0, int(rng.integers(120, 230)))):
        a, b = ((round(p[0] + shift), round(p[1] + shift)) for p in (start, end))
        cv2.line(paper, a, b, level, thick, cv2.LINE_AA)
    return paper


def coffee_ring(sheet: Sheet, rng: Rng) -> Gray:
    """The mark of a cup."""
    paper = plain(sheet, rng)
    mark = np.zeros_like(paper)
    middle = tuple(round(rng.uniform(0, side)) for side in paper.shape[::-1])
    cv2.circle(
        mark, middle, round(rng.uniform(0.8, 2.5) * sheet.height), 255, max(1, round(0.12 * sheet.height)), cv2.LINE_AA
    )
    soft = cv2.GaussianBlur(mark, (0, 0), max(0.5, 0.06 * sheet.height))
    return _print(paper, soft / np.float32(255), rng.uniform(0.1, 0.35))


def stamped(sheet: Sheet, rng: Rng) -> Gray:
    """A round stamp with letters, half over the number."""
    mark = np.zeros(sheet.ink.shape, np.uint8)
    radius = rng.uniform(0.7, 1.4) * sheet.height
    x, y = rng.uniform(*sheet.span), np.mean(sheet.line) + rng.normal(0, 0.5) * sheet.height
    thick = max(1, round(0.06 * sheet.height))
    for share in (1.0, 0.8):
        cv2.circle(mark, (round(x), round(y)), round(share * radius), 255, thick, cv2.LINE_AA)
    text = "".join(rng.choice(list("ABCDEFHKLMNPRSTUVW"), size=4))
    start = round(x - 0.6 * radius), round(y + 0.15 * radius)
    cv2.putText(mark, text, start, cv2.FONT_HERSHEY_SIMPLEX, 0.016 * radius, 255, thick, cv2.LINE_AA)
    return _print(plain(sheet, rng), mark / np.float32(255), rng.uniform(0.08, 0.3))


def _noise(sheet: Sheet, rng: Rng, grain: float) -> np.ndarray:
    """Normal noise whose patches are ``grain`` heights wide, (H, W) float32."""
    height, width = sheet.ink.shape
    step = max(1.0, grain * sheet.height)
    coarse = rng.standard_normal((int(height / step) + 2, int(width / step) + 2), np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR))


def _add(paper: Gray, noise: np.ndarray, strength: float) -> Gray:
    return np.asarray(np.clip(paper + strength * noise, 0, 255), np.uint8)


def _print(paper: Gray, dark: np.ndarray, strength: float) -> Gray:
    return np.asarray(paper * (1 - np.float32(strength) * dark), np.uint8)


Make = Callable[[Sheet, Rng], Gray]

PAPERS: dict[str, Make] = {
    "plain": plain, "grainy": grainy, "blotchy": blotchy, "guilloche": guilloche, "weave": weave, "hatched": hatched,
    "watermark": watermark, "shown_through": shown_through, "creased": creased, "highlighted": highlighted,
    "punched": punched, "stapled": stapled, "coffee_ring": coffee_ring, "stamped": stamped,
}  # fmt: skip
