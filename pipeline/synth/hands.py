"""Whose digits fields are composed of: MNIST's writers, others where their files are at hand, and drawn forms."""

from __future__ import annotations

from os import PathLike

import numpy as np
from numpy.typing import NDArray

from classifier.data.writers import load_traces, load_usps
from pipeline.synth.glyphs import Hands, any_style, scans_of
from pipeline.synth.strokes import drawn_digits
from segmenter.crops import mnist_crop

# Of each drawn form.
DRAWN = 100
# Digits of other writers that a digit network learns from, about a quarter of all; and their height before they are
# made crops of, in pixels.
WRITTEN, HEIGHT = 20_000, 48


def hands_of(
    x: NDArray[np.uint8],
    y: NDArray[np.integer],
    *,
    seed: int,
    usps: str | PathLike[str] | None = None,
    traces: str | PathLike[str] | None = None,
) -> Hands:
    """Hands to compose fields of.

    Parameters
    ----------
    x : (n, 28, 28) uint8
        Digits, ink bright on 0.
    y : (n,) int
        Their labels.
    seed : int
        Of the drawn digits.
    usps, traces : path, optional
        Files with the training digits of other writers; see :mod:`classifier.data.writers`.
    """
    scans, strokes = scans_of(x, y), drawn_digits(DRAWN, np.random.default_rng(seed))
    if usps is not None:
        for digit, images in scans_of(*load_usps(usps)).items():
            scans[digit] = scans.get(digit, []) + images
    if traces is not None:
        for digit, found in load_traces(traces).items():
            strokes[digit] = found + strokes[digit]
    return Hands(scans, strokes)


def written_crops(
    n: int = WRITTEN,
    *,
    seed: int,
    usps: str | PathLike[str] | None = None,
    traces: str | PathLike[str] | None = None,
) -> tuple[NDArray[np.uint8], NDArray[np.intp]]:
    """Single digits of other writers than MNIST's, and drawn ones, with any pen.

    Parameters
    ----------
    n : int
        How many.
    seed, usps, traces
        As for :func:`hands_of`.

    Returns
    -------
    crops : (n, 28, 28) uint8
        MNIST-normalised, ink bright on 0.
    labels : (n,) int
    """
    rng, none = np.random.default_rng(seed), np.zeros(0, np.intp)
    hands = hands_of(np.zeros((0, 28, 28), np.uint8), none, seed=seed, usps=usps, traces=traces)
    labels = rng.choice(sorted({*hands.scans, *hands.traces}), n)
    crops = [mnist_crop(hands.write(int(digit), HEIGHT, any_style(rng), rng)) for digit in labels]
    return np.array(crops, np.uint8).reshape(n, 28, 28), labels
