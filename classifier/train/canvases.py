"""Labelled canvases composed from single digits on the fly: what the whole-image networks are trained on."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classifier.labels import NumberEncoder
from classifier.number_format import FORMAT
from classifier.train import augment
from classifier.train.augment import SIZE, Batch, Pose

SIDE = 84
# Digits are pasted whole; the margin takes what reaches over the canvas.
MARGIN = 2 * SIZE
# Shares of the canvases.
PLAIN, REPENNED, CLUTTERED = 0.2, 0.5, 0.12
# How neighbours stand on one line: free columns between them, just touching, overlapping.
SPACED, TOUCHING, OVERLAPPING = range(3)
LINE_KINDS = (0.35, 0.25, 0.4)
MOST_OVERLAP = 0.45


class Composer:
    """Draws three-digit numbers, and digits of them, and sets them on 84x84 canvases.

    Some canvases have the layout of the public Triple MNIST (columns 0, 28, 56, any rows); on the
    others the digits stand on one line, from wide apart to overlapping by 45% of the narrower one.

    Parameters
    ----------
    digits : (m, 28, 28) uint8
        Ink bright on 0.
    labels : (m,) int
        0-9, each at least once.
    numbers : sequence of str, optional
        Numbers to compose, each as often as another. Default: all 1,000.
    strength : float
        Of rotation, slant, scale, pen and position; 0 sets the digits as they are.
    columns : float
        Share of the canvases in the layout of Triple MNIST.
    negative_share : float
        Share of the canvases with another count than three digits; their target is the uniform distribution.
    flips : bool
        Mirror two thirds of the canvases left-right or upside down, labels unchanged.
    """

    def __init__(
        self,
        digits: NDArray[np.uint8],
        labels: NDArray[np.integer],
        *,
        numbers: ArrayLike | None = None,
        strength: float = 1.0,
        columns: float = 0.25,
        negative_share: float = 0.0,
        flips: bool = False,
    ):
        self.digits = digits
        self.by_label = [np.flatnonzero(labels == digit) for digit in range(10)]
        if missing := [digit for digit, found in enumerate(self.by_label) if not len(found)]:
            raise ValueError(f"There should be digits of all ten classes to compose from. Missing: {missing}.")
        self.numbers = NumberEncoder().digits(FORMAT.numbers() if numbers is None else numbers)
        self.strength, self.columns, self.negative_share, self.flips = strength, columns, negative_share, flips

    def compose(self, n: int, rng: np.random.Generator) -> tuple[Batch, NDArray[np.float32]]:
        """Compose ``n`` canvases.

        Returns
        -------
        canvases : (n, 84, 84) float32
            0-255, ink bright on 0.
        targets : (n, 3, 10) float32
            One-hot for each position; uniform for negatives.
        """
        numbers = self.numbers[rng.integers(len(self.numbers), size=n)]
        counts = np.full(n, FORMAT.positions)
        negatives = rng.random(n) < self.negative_share
        counts[negatives] = rng.choice([1, 2, 4, 5], int(negatives.sum()), p=[0.2, 0.4, 0.3, 0.1])
        owner = np.repeat(np.arange(n), counts)
        labels = rng.integers(10, size=len(owner))
        labels[~negatives[owner]] = numbers[~negatives].ravel()
        images = self._written(labels, owner, counts, rng)
        canvases = np.stack(
            [_arrange(group, self.columns, self.strength, rng) for group in np.split(images, np.cumsum(counts)[:-1])]
        )
        if self.strength:
            for i in np.flatnonzero(rng.random(n) < CLUTTERED):
                _clutter(canvases[i], rng)
        if self.flips:
            augment.flip(canvases, rng)
        targets = np.eye(10, dtype=np.float32)[numbers]
        targets[negatives] = 0.1
        return canvases * 255, targets

    def _written(self, labels: NDArray, owner: NDArray, counts: NDArray, rng: np.random.Generator) -> Batch:
        """A digit of each label, those of one canvas in one hand."""
        chosen = np.empty(len(labels), np.intp)
        for digit, pool in enumerate(self.by_label):
            wanted = labels == digit
            chosen[wanted] = rng.choice(pool, int(wanted.sum()))
        images = (self.digits[chosen] / 255).astype(np.float32)
        if not self.strength:
            return images
        n = len(counts)
        changed = augment.other_handwriting(images, labels, rng, share=0.12 * self.strength)
        room = np.minimum(1.0, 3.4 / counts)  # four and five digits fit only when they are smaller
        scale = room * np.exp(rng.uniform(-0.25, 0.12, n) * self.strength)
        angle, slant = rng.normal(0, 4, n) * self.strength, rng.normal(0, 0.12, n) * self.strength
        pose = Pose(angle[owner], slant[owner], scale[owner])
        changed = augment.distort(changed, rng, strength=0.6 * self.strength, pose=pose)
        pen = np.flatnonzero((rng.random(n) < REPENNED)[owner])
        changed[pen] = augment.repen(changed[pen], rng, strength=self.strength)
        plain = ((rng.random(n) < PLAIN) & (counts <= FORMAT.positions))[owner]
        changed[plain] = images[plain]
        return changed


def _arrange(images: Batch, columns: float, strength: float, rng: np.random.Generator) -> Batch:
    """One canvas (84, 84) of the digits (k, 28, 28)."""
    on_line = len(images) != FORMAT.positions or rng.random() >= columns
    canvas = np.zeros((SIDE + 2 * MARGIN, SIDE + 2 * MARGIN), np.float32)
    tops, lefts = _line(images, strength, rng) if on_line else _columns(strength, rng)
    for image, top, left in zip(images, tops + MARGIN, lefts + MARGIN, strict=True):
        view = canvas[top : top + SIZE, left : left + SIZE]
        np.maximum(view, image, out=view)
    return canvas[MARGIN:-MARGIN, MARGIN:-MARGIN]


def _columns(strength: float, rng: np.random.Generator) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Tops and lefts as in the public Triple MNIST."""
    shift = int(rng.integers(-3, 4)) if strength else 0
    return rng.integers(0, SIDE - SIZE + 1, FORMAT.positions), SIZE * np.arange(FORMAT.positions) + shift


def _line(images: Batch, strength: float, rng: np.random.Generator) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Tops and lefts of digits side by side on one line."""
    ink = images > 0.3
    (first, last), (top, bottom) = (_extent(np.asarray(ink.any(axis=axis))) for axis in (1, 2))
    middle = (top + bottom) / 2
    kind, spread = rng.choice(3, p=LINE_KINDS), rng.uniform(1, 15)
    share = rng.uniform(0, MOST_OVERLAP)
    jitter = rng.integers(-3, 4, len(images)) if strength else rng.integers(-2, 3, len(images))
    tilt = rng.normal(0, 0.05) * strength
    tops = np.zeros(len(images), np.intp)
    lefts = np.zeros(len(images), np.intp)
    tops[0] = jitter[0] - round(middle[0])
    lefts[0] = -first[0]
    for k in range(1, len(images)):
        if strength and rng.random() < 0.15:  # not all neighbours of a number stand alike
            kind, share = rng.choice(3, p=LINE_KINDS), rng.uniform(0, MOST_OVERLAP)
        end = lefts[k - 1] + last[k - 1] + 1
        tops[k] = round(jitter[k] - middle[k] + tilt * end)
        if kind == SPACED:
            gap = max(1, round(spread + rng.uniform(-2, 2)))
        elif kind == TOUCHING:
            gap = -_clearance(ink[k - 1], ink[k], tops[k] - tops[k - 1], last[k - 1], first[k])
        else:
            gap = -round(share * min(last[k - 1] - first[k - 1] + 1, last[k] - first[k] + 1))
        lefts[k] = end + gap - first[k]
    width = lefts[-1] + last[-1] + 1
    if kind == SPACED and width > SIDE - 2:
        lefts -= np.round(np.arange(len(images)) * (width - SIDE + 2) / max(1, len(images) - 1)).astype(np.intp)
    up, low = (tops + top).min(), (tops + bottom).max() + 1
    left, right = (lefts + first).min(), (lefts + last).max() + 1
    centred = bool(strength) and rng.random() < 0.6
    return tops + _place(up, low, centred, rng), lefts + _place(left, right, centred, rng)


def _place(start: int, stop: int, centred: bool, rng: np.random.Generator) -> int:
    """Shift that brings start..stop onto the canvas: about its centre, or anywhere."""
    middle = (SIDE - start - stop) // 2
    if centred:
        return middle + int(rng.integers(-4, 5))
    free = max(0, SIDE - 2 - (stop - start)) // 2
    return middle + int(rng.integers(-free, free + 1))


def _extent(present: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """First and last True of each row; (0, 0) where there is none."""
    first = present.argmax(axis=1)
    last = np.where(present.any(axis=1), present.shape[1] - 1 - present[:, ::-1].argmax(axis=1), 0)
    return first, last


def _clearance(left: NDArray[np.bool_], right: NDArray[np.bool_], lower: int, last: int, first: int) -> int:
    """Columns by which ``right``, ``lower`` rows further down, can be pushed over ``left`` until their ink meets."""
    columns = np.arange(SIZE)
    free_left = last - np.where(left, columns, -SIZE).max(axis=1)
    free_right = np.where(right, columns, 2 * SIZE).min(axis=1) - first
    a, b = max(0, lower), max(0, -lower)
    rows = SIZE - abs(lower)
    if rows < 1:
        return 0
    return int(np.clip((free_left[a : a + rows] + free_right[b : b + rows]).min(), 0, SIZE // 2))


def _clutter(canvas: Batch, rng: np.random.Generator) -> None:
    """What lies on fields beside the digits: the rest of a ruled line, a stroke through, a patch, specks."""
    kind = rng.integers(4)
    if kind == 0:
        row = rng.uniform(0, SIDE)
        augment._draw(canvas, (row, 0), (row + rng.uniform(-3, 3), SIDE), rng.uniform(0.6, 2))
    elif kind == 1:
        start, end = rng.uniform(4, SIDE - 4, 2), rng.uniform(-25, 25, 2)
        augment._draw(canvas, tuple(start), tuple(start + end), rng.uniform(1, 3))
    elif kind == 2:
        top, left = rng.integers(20, SIDE - 28, 2)
        height, width = rng.integers(3, 9, 2)
        canvas[top : top + height, left : left + width] = rng.choice([0.0, 0.0, 1.0])
    else:
        for row, column in rng.integers(0, SIDE - 2, (int(rng.integers(2, 8)), 2)):
            canvas[row : row + int(rng.integers(1, 3)), column : column + int(rng.integers(1, 3))] = rng.uniform(0.4, 1)
