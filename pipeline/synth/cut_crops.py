"""Composed numbers -> what the segmenter cuts out of them: crops of whole digits, and crops of what is none."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.synth.layouts import overlapped
from segmenter import Segmentation, Segmenter

# Dice coefficients of a candidate's ink with the digit that it covers best.
WHOLE, NO_DIGIT = 0.85, 0.6
# Of each kind from one field; neighbouring candidates look alike.
MOST = 4
# What is narrower, as a share of its height, passes for a one, and what is lower than this share of the
# writing for a loop: decoding tells those from digits by their size, the network cannot.
NARROW, LOW = 0.35, 0.7
# Overlap of the boxes as a share of the narrower digit; below 0 they stand apart.
LEAST_OVERLAP, MOST_OVERLAP = -0.2, 0.45


class CutCrops(NamedTuple):
    """What a digit network should know of cuts.

    Attributes
    ----------
    digits : (n, 28, 28) uint8
        Crops of one digit each, with scraps of its neighbours or without some ink of its own.
    labels : (n,) int
    no_digits : (m, 28, 28) uint8
        Crops of parts of digits, and of parts of several.
    """

    digits: NDArray[np.uint8]
    labels: NDArray[np.intp]
    no_digits: NDArray[np.uint8]


def cut_crops(x: NDArray[np.uint8], y: NDArray[np.integer], n: int, *, seed: int) -> CutCrops:
    """Cut ``n`` fields composed from single digits, wherever the segmenter sees a cut.

    Parameters
    ----------
    x : (m, 28, 28) uint8
        Digits to draw from, ink bright on 0.
    y : (m,) int
        Their labels.
    n : int
        Fields.
    seed : int
        Fixes all of them.
    """
    rng = np.random.default_rng(seed)
    segmenter = Segmenter()
    digits: list[NDArray[np.uint8]] = []
    labels: list[int] = []
    no_digits: list[NDArray[np.uint8]] = []
    for _ in range(n):
        chosen = rng.integers(len(x), size=3)
        layers = overlapped(list(x[chosen]), rng, rng.uniform(LEAST_OVERLAP, MOST_OVERLAP))
        cut = segmenter.oversegment(segmenter.find_writing(layers.max(axis=0)))
        if cut.scale != 1.0 or not cut.candidates:
            continue
        dice, owner, negatives = _judged(cut, layers)
        mixed = rng.permutation(len(dice))
        whole = [k for k in mixed if dice[k] > WHOLE][:MOST]
        digits.extend(cut.crops[whole])
        labels.extend(y[chosen[owner[whole]]].tolist())
        no_digits.extend(cut.crops[[k for k in mixed if negatives[k]][:MOST]])
    empty = np.zeros((0, 28, 28), np.uint8)
    return CutCrops(
        np.array(digits) if digits else empty, np.array(labels, np.intp), np.array(no_digits) if no_digits else empty
    )


def _judged(
    cut: Segmentation, layers: NDArray[np.uint8]
) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.bool_]]:
    """For each candidate its Dice coefficient with the digit that it covers best, which one, whether it is no digit."""
    (left, top), (height, width) = cut.origin, cut.gray.shape
    ink = layers[:, top : top + height, left : left + width] > 100
    own = np.stack([cut.pieces.ink_of(c.start, c.stop) for c in cut.candidates])
    common = np.einsum("dhw,chw->cd", ink.astype(np.float32), own.astype(np.float32))
    dice = 2 * common / (ink.sum(axis=(1, 2)) + own.sum(axis=(1, 2))[:, None])
    boxes = np.array(cut.boxes)
    wide, high = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    best = dice.max(axis=1)
    return best, dice.argmax(axis=1), (best < NO_DIGIT) & (wide > NARROW * high) & (high > LOW * cut.text_height)
