"""Whose digits fields are composed of: MNIST's writers, others where their files are at hand, and drawn forms."""

from __future__ import annotations

from os import PathLike

import numpy as np
from numpy.typing import NDArray

from classifier.data.writers import load_traces, load_usps
from pipeline.synth.glyphs import Hands, scans_of
from pipeline.synth.strokes import drawn_digits

# Of each drawn form.
DRAWN = 100


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
