"""The images that the package's own profile is made from: composed numbers under many conditions, and no numbers."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from classifier.number_format import FORMAT
from pipeline.synth.conditions import compose
from pipeline.synth.no_number import no_numbers

Gray = NDArray[np.uint8]
CALIBRATED_ON = (
    "triple_mnist", "spaced", "touching", "overlapping_10", "overlapping_25", "overlapping_40", "thin_pen", "thick_pen",
    "in_printed_boxes", "on_lit_paper", "on_bad_paper", "ruled_through",
)  # fmt: skip
# CRC-32 of a digit -> what it shows. MNIST's training digit 59,915 is labelled 4 and is a plain seven; composed into
# hundreds of images, it would decide which precision can be promised.
MISLABELLED = {2583511555: 7}
# Images without a number, for each condition's worth of images.
NO_NUMBERS = 2


def calibration_images(
    x: NDArray[np.uint8], y: NDArray[np.integer], n: int, *, seed: int
) -> Iterator[tuple[list[Gray], NDArray[np.str_]]]:
    """Images and their numbers, '' for none: ``n`` of every condition, then some that show no number.

    Parameters
    ----------
    x : (m, 28, 28) uint8
        Digits that no network was trained on.
    y : (m,) int
        Their labels.
    """
    y = np.array([MISLABELLED.get(zlib.crc32(digit.tobytes()), label) for digit, label in zip(x, y, strict=True)])
    for k, condition in enumerate(CALIBRATED_ON):
        images, numbers, _ = compose(x, y, n, condition=condition, seed=seed + k)
        yield images, np.array(numbers)
    yield no_numbers(x, NO_NUMBERS * n, seed=seed), np.full(NO_NUMBERS * n, "", dtype=FORMAT.dtype)
