"""Fields composed from single digits under one condition each, for samples, training and the benchmark.

Every condition is a function ``(digits, rng) -> image``: three MNIST-like digits (28, 28) uint8,
ink bright on 0, and a generator that fixes the image; the image is (H, W) uint8.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
Condition = Callable[[Sequence[Gray], np.random.Generator], Gray]
SIDE = 84


def triple_mnist(digits: Sequence[Gray], rng: np.random.Generator) -> Gray:
    """84x84 as the public Triple MNIST: columns 0, 28 and 56, only the row varies."""
    field = np.zeros((SIDE, SIDE), np.uint8)
    for k, digit in enumerate(digits):
        row = int(rng.integers(0, SIDE - 28 + 1))
        field[row : row + 28, 28 * k : 28 * k + 28] = digit
    return field


def spaced(digits: Sequence[Gray], rng: np.random.Generator) -> Gray:
    """On one line with 2 to 8 free columns between the boxes."""
    return _line(digits, rng, lambda left, right: int(rng.integers(2, 9)))


def touching(digits: Sequence[Gray], rng: np.random.Generator) -> Gray:
    """On one line, each digit pushed to its neighbour until their ink meets."""
    return _line(digits, rng, lambda left, right: -_clearance(left, right))


def overlapping(share: float) -> Condition:
    """On one line, the boxes overlapping by ``share`` of the narrower digit."""

    def condition(digits: Sequence[Gray], rng: np.random.Generator) -> Gray:
        return _line(digits, rng, lambda left, right: -round(share * min(left.shape[1], right.shape[1])))

    condition.__doc__ = f"On one line, the boxes overlapping by {share:.0%} of the narrower digit."
    return condition


def on_lit_paper(digits: Sequence[Gray], rng: np.random.Generator) -> Gray:
    """Dark ink on unevenly lit paper, three times as large, with grain, blur, a slight turn and JPEG."""
    return _photograph(_enlarge(spaced(digits, rng)), rng)


def in_printed_boxes(digits: Sequence[Gray], rng: np.random.Generator) -> Gray:
    """Dark ink on lit paper, one digit in each of three printed boxes."""
    side = int(rng.integers(100, 116))
    cells = np.zeros((side + 20, 3 * side + 24), np.uint8)
    pen = int(rng.integers(1, 4))
    for k, digit in enumerate(digits):
        big = _enlarge(_tight(digit))
        top = 10 + int(rng.integers(8, side - big.shape[0] - 7))
        left = 12 + k * side + int(rng.integers(8, side - big.shape[1] - 7))
        cells[top : top + big.shape[0], left : left + big.shape[1]] = big
        corners = (12 + k * side, 10), (12 + (k + 1) * side, 10 + side)
        printed = cv2.rectangle(np.zeros_like(cells), *corners, int(rng.integers(150, 256)), pen)
        cells = np.maximum(cells, printed)
    return _photograph(cells, rng)


CONDITIONS: dict[str, Condition] = {
    "triple_mnist": triple_mnist,
    "spaced": spaced,
    "touching": touching,
    "overlapping_10": overlapping(0.1),
    "overlapping_25": overlapping(0.25),
    "overlapping_40": overlapping(0.4),
    "on_lit_paper": on_lit_paper,
    "in_printed_boxes": in_printed_boxes,
}


def compose(
    x: Gray, y: NDArray[np.integer], n: int, *, condition: str, seed: int
) -> tuple[list[Gray], list[str], NDArray[np.int_]]:
    """Compose ``n`` labelled fields from single digits.

    Parameters
    ----------
    x : (m, 28, 28) uint8
        Digits to draw from, each with the same chance, ink bright on 0.
    y : (m,) int
        Their labels.
    condition : str
        A key of :data:`CONDITIONS`.
    seed : int
        Fixes every image.

    Returns
    -------
    images : list of (H, W) uint8
    numbers : list of str
        Three digits each.
    indices : (n, 3) int
        Which digits were used.
    """
    if condition not in CONDITIONS:
        raise ValueError(f"`condition` should be one of {sorted(CONDITIONS)}. Received: {condition!r}.")
    rng = np.random.default_rng(seed)
    indices = rng.integers(len(x), size=(n, 3))
    images = [CONDITIONS[condition](list(x[row]), rng) for row in indices]
    return images, ["".join(str(int(d)) for d in y[row]) for row in indices], indices


def _line(digits: Sequence[Gray], rng: np.random.Generator, gap: Callable[[Gray, Gray], int]) -> Gray:
    """Tight digits side by side on an 84x84 field, rows jittered by 2, the whole put at random."""
    placed = [np.pad(d, ((j, 4 - j), (0, 0))) for d in map(_tight, digits) for j in [int(rng.integers(0, 5))]]
    height = max(d.shape[0] for d in placed)
    placed = [np.pad(d, (((height - d.shape[0]) // 2, (height - d.shape[0] + 1) // 2), (0, 0))) for d in placed]
    line = placed[0]
    for digit in placed[1:]:
        start = line.shape[1] + gap(line, digit)
        wide = np.zeros((height, max(line.shape[1], start + digit.shape[1])), np.uint8)
        wide[:, : line.shape[1]] = line
        view = wide[:, start : start + digit.shape[1]]
        np.maximum(view, digit, out=view)
        line = wide
    field = np.zeros((SIDE, max(SIDE, line.shape[1] + 4)), np.uint8)
    top, left = rng.integers(0, SIDE - height + 1), rng.integers(2, field.shape[1] - line.shape[1] - 1)
    field[top : top + height, left : left + line.shape[1]] = line
    return field


def _tight(digit: Gray) -> Gray:
    left, top, width, height = cv2.boundingRect(digit)
    return digit[top : top + height, left : left + width] if width else np.zeros((1, 1), np.uint8)


def _clearance(left: Gray, right: Gray) -> int:
    """Columns that the right digit can be pushed over the left one's box until their ink meets."""
    reach = np.where(left > 127, np.arange(left.shape[1]), -1000).max(axis=1)
    start = np.where(right > 127, np.arange(right.shape[1]), 1000).min(axis=1)
    # Diagonal neighbours touch, too.
    near = np.stack([reach, np.roll(reach, 1), np.roll(reach, -1)]).max(axis=0)
    free = left.shape[1] - 1 - near + start
    return int(np.clip(free.min(), -4, min(left.shape[1], right.shape[1]) - 2))


def _enlarge(field: Gray, times: int = 3) -> Gray:
    return cv2.resize(field, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC)


def _photograph(ink: Gray, rng: np.random.Generator) -> Gray:
    """Dark ink on a lit sheet, seen by a camera: gradient, grain, turn, blur, JPEG."""
    height, width = ink.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-2.5, 2.5), 1.0)
    ink = cv2.warpAffine(ink, turn, (width, height))
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    angle = rng.uniform(0, 2 * np.pi)
    paper = rng.uniform(170, 230) + rng.uniform(10, 45) * (np.cos(angle) * x + np.sin(angle) * y)
    photo = paper * (1 - rng.uniform(0.55, 0.85) * ink / 255.0)
    photo = cv2.GaussianBlur(photo + rng.normal(0, rng.uniform(2, 7), ink.shape), (0, 0), rng.uniform(0.5, 1.1))
    _, data = cv2.imencode(
        ".jpg", np.clip(photo, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(60, 95))]
    )
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE))
