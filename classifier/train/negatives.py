"""Crops that are no digit, so that a network learns to be unsure of them.

A segmentation that tries several cuts shows the network halves, pairs, dots and box corners.
Trained on digits alone it answers them with confidence; trained to answer them with the uniform
distribution (outlier exposure: Hendrycks, Mazeika & Dietterich, 2019) it keeps its ten classes and
its low probability says "no digit".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from classifier.train.augment import SIZE, Batch, _draw


def make_negatives(images: Batch, n: int, rng: np.random.Generator) -> Batch:
    """Compose ``n`` crops that are no digit from a batch of digits.

    Parameters
    ----------
    images : (m, 28, 28) float32
        Digits in [0, 1], ink bright.
    n : int
        How many to make.
    rng : numpy.random.Generator
        Source of every choice.

    Returns
    -------
    (n, 28, 28) float32
        Pairs (38%), fragments (38%), one digit over another (10%), dots and dashes (7%), lines and corners (7%).
    """
    makers = (_pair, _fragment, _overwritten, _dot, _lines)
    kinds = rng.choice(len(makers), n, p=(0.38, 0.38, 0.1, 0.07, 0.07))
    return np.stack([makers[kind](images, rng) for kind in kinds]) if n else images[:0]


def _pair(images: Batch, rng: np.random.Generator) -> Batch:
    """Two digits side by side, one of them sometimes only in part, or three."""
    digits = [_tight(images[i]) for i in rng.integers(len(images), size=rng.choice([2, 3], p=[0.85, 0.15]))]
    if len(digits) == 2 and rng.random() < 0.4:
        digits[1] = digits[1][:, : max(4, int(digits[1].shape[1] * rng.uniform(0.4, 0.8)))]
        if rng.random() < 0.5:
            digits = [digits[1][:, ::-1] if rng.random() < 0.3 else digits[1], digits[0]]
    canvas = np.zeros((40, 120), np.float32)
    left = 4
    for digit in digits:
        top = int(rng.integers(5, 15))
        h, w = digit.shape
        view = canvas[top : top + h, left : left + w]
        np.maximum(view, digit, out=view)
        left = max(left + 2, left + w + int(rng.integers(-4, 3)))
    return _normalise(canvas)


def _fragment(images: Batch, rng: np.random.Generator) -> Batch:
    """One side of a digit cut along a slanted line, wide enough not to pass for a straight one."""
    for _ in range(8):
        digit = _tight(images[rng.integers(len(images))])
        h, w = digit.shape
        rows, columns = np.indices((h, w))
        line = columns - w * rng.uniform(0.35, 0.65) - rng.uniform(-0.4, 0.4) * (rows - h / 2)
        piece = _tight(np.where(line < 0 if rng.random() < 0.5 else line > 0, digit, 0).astype(np.float32))
        if piece.shape[1] > 0.3 * piece.shape[0]:
            return _normalise(piece)
    return _dot(images, rng)


def _overwritten(images: Batch, rng: np.random.Generator) -> Batch:
    """A digit corrected by another over it, of both enough to be seen: either may be meant."""
    for _ in range(8):
        under, over = images[rng.integers(len(images), size=2)]
        over = np.roll(over, rng.integers(-2, 3, 2), axis=(0, 1))
        own = under > 0.5, over > 0.5
        alone = min((own[0] & ~own[1]).sum(), (own[1] & ~own[0]).sum())
        # By the larger one: a slender stroke through a digit leaves it readable, as the slash of a zero does.
        if alone > 0.4 * max(own[0].sum(), own[1].sum()):
            return _normalise(np.maximum(under, over))
    return _pair(images, rng)


def _dot(images: Batch, rng: np.random.Generator) -> Batch:
    """A dot, comma or dash blown up to the size of a digit."""
    rows, columns = np.indices((30, 30)) - 14.5
    angle, long = rng.uniform(0, np.pi), rng.uniform(1, 3.5)
    u, v = rows * np.cos(angle) + columns * np.sin(angle), columns * np.cos(angle) - rows * np.sin(angle)
    radius = np.hypot(u * long, v)
    if abs(np.cos(angle)) < 0.7 and long > 1.6:  # an upright dash is a one
        radius = np.hypot(rows, columns)
    return _normalise(np.clip(13.5 - radius, 0, 1).astype(np.float32))


def _lines(images: Batch, rng: np.random.Generator) -> Batch:
    """Printed lines: a bar, a corner, a tee, sometimes with a piece of digit on it."""
    canvas = np.zeros((SIZE, SIZE), np.float32)
    row, column, width = rng.uniform(5, 23), rng.uniform(5, 23), rng.uniform(1, 3)
    _draw(canvas, (row, 3), (row + rng.uniform(-1, 1), 25), width)
    if rng.random() < 0.6:
        _draw(canvas, (3, column), (25, column + rng.uniform(-1, 1)), width)
    if rng.random() < 0.4:
        canvas = np.maximum(canvas, images[rng.integers(len(images))])
    return _normalise(canvas)


def _tight(image: Batch) -> Batch:
    """Cut to the ink's bounding box."""
    rows, columns = np.flatnonzero(image.max(axis=1) > 0.2), np.flatnonzero(image.max(axis=0) > 0.2)
    if not len(rows):
        return np.ones((4, 4), np.float32)
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _normalise(image: Batch) -> Batch:
    """Fit the ink into 20x20 and put its centre of mass at the centre of 28x28, as MNIST's were."""
    tight = _tight(image)
    factor = 20 / max(tight.shape)
    if factor < 1:
        tight = ndimage.gaussian_filter(tight, 0.35 / factor)
    small = ndimage.zoom(tight, factor, order=1, grid_mode=True, mode="grid-constant")
    centre: NDArray[np.float64] = np.array(ndimage.center_of_mass(small + 1e-6))
    top, left = np.clip(np.round(SIZE / 2 - centre).astype(int), 0, SIZE - np.array(small.shape))
    out = np.zeros((SIZE, SIZE), np.float32)
    out[top : top + small.shape[0], left : left + small.shape[1]] = small
    return np.clip(out / max(float(out.max()), 0.2), 0, 1)
