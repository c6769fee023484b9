"""Digits in handwriting that MNIST lacks, drawn as strokes.

MNIST's writers are American. Elsewhere a one is a tent, a two begins with a curl, a four is a
stroke of lightning and a nine a loop on a stalk.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Stroke = NDArray[np.float64]
BOX, SIDE = 20, 28
# Points of a drawn stroke.
FINE = 48


def draw_handwriting(n: int, *, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Draw ``n`` digits, each style as often as another.

    Returns
    -------
    images : (n, 28, 28) uint8
        Normalised as MNIST's are: in a box of 20x20, the centre of mass in the middle, ink bright on 0.
    labels : (n,) uint8
        1, 2, 4 or 9.
    """
    rng = np.random.default_rng(seed)
    images, labels = np.zeros((n, SIDE, SIDE), np.uint8), np.zeros(n, np.uint8)
    for k in range(n):
        labels[k], style = STYLES[rng.integers(len(STYLES))]
        images[k] = _drawn([_by_hand(np.array(points), rng) for points in style(rng)], rng)
    return images, labels


def _stalked_nine(rng: np.random.Generator) -> list[Stroke]:
    flat, start = rng.uniform(0.2, 0.32), rng.uniform(0.3, 0.7) * np.pi
    loop = _ellipse((0.5, flat), (rng.uniform(0.2, 0.5), flat), start, start + rng.uniform(1.9, 2.2) * np.pi)
    foot = 0.5 + rng.uniform(-0.4, 0.35), 1.0
    bend = (loop[-1] + foot) / 2 + (rng.uniform(-0.12, 0.12), 0.0)
    return [np.vstack([loop, bend, foot])]


def _tented_one(rng: np.random.Generator) -> list[Stroke]:
    top, foot = rng.uniform(0.35, 0.6), rng.uniform(0.35, 0.6)
    reach = rng.uniform(0.25, 0.6)
    flag = top - reach, reach * rng.uniform(0.9, 1.3)  # flatter, and it is a seven
    return [np.array([flag, (top, 0), (top, 0), (foot, 1)])]


def _lightning_four(rng: np.random.Generator) -> list[Stroke]:
    left, right = (rng.uniform(0, 0.2), rng.uniform(0.5, 0.7)), (rng.uniform(0.5, 0.75), rng.uniform(0.4, 0.6))
    return [np.array([(rng.uniform(0.3, 0.7), 0), left, left, right, right, (rng.uniform(0.2, 0.65), 1)])]


def _curled_two(rng: np.random.Generator) -> list[Stroke]:
    curl = rng.uniform(0.3, 0.5)
    head = [(rng.uniform(0.4, 0.65), curl), (0.2, curl), (0.2, 0.08), (0.6, 0), (0.8, 0.25)]
    return [np.array([*head, (0.5, 0.65), (0, 1), (0, 1), (0.9, rng.uniform(0.88, 1))])]


STYLES: tuple[tuple[int, Callable[[np.random.Generator], list[Stroke]]], ...] = (
    (1, _tented_one), (2, _curled_two), (4, _lightning_four), (9, _stalked_nine),
)  # fmt: skip


def _ellipse(centre: tuple[float, float], radii: tuple[float, float], start: float, end: float) -> Stroke:
    angle = np.linspace(start, end, 14)
    return np.array(centre) + np.array(radii) * np.column_stack([np.cos(angle), np.sin(angle)])


def _by_hand(points: Stroke, rng: np.random.Generator) -> Stroke:
    """Points that a hand would miss by a little, joined and rounded, (48, 2)."""
    points = points + rng.normal(0, 0.02, points.shape)
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1) + 1e-6
    along = np.concatenate([[0], np.cumsum(steps)])
    at = np.linspace(0, along[-1], FINE)
    line = np.column_stack([np.interp(at, along, points[:, k]) for k in (0, 1)])
    return np.asarray(ndimage.gaussian_filter1d(line, rng.uniform(0.5, 2.5), axis=0, mode="nearest"))


def _drawn(strokes: list[Stroke], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Strokes in [0, 1] of width and height, (x, y) -> (28, 28) uint8."""
    slant, aspect, pen = rng.normal(0, 0.15), rng.uniform(0.55, 1.0), rng.uniform(1.4, 3.4)
    strokes = [stroke * (aspect, 1) @ ((1, 0), (-slant, 1)) for stroke in strokes]
    every = np.concatenate(strokes)
    low, size = every.min(axis=0), np.ptp(every, axis=0)
    scale = (BOX - pen) / size.max()
    grid = np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE)), axis=-1)
    image = np.zeros((SIDE, SIDE))
    for stroke in strokes:
        line = (stroke - low - size / 2) * scale + (SIDE - 1) / 2
        distance = np.linalg.norm(grid[:, :, None] - line, axis=-1).min(axis=2)
        np.maximum(image, np.clip(pen / 2 + 0.5 - distance, 0, 1), out=image)
    to_middle = (SIDE - 1) / 2 - np.array(ndimage.center_of_mass(image))
    return (255 * np.clip(ndimage.shift(image, to_middle, order=1), 0, 1)).astype(np.uint8)
