"""Where digits stand beside each other."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from pipeline.synth.arrange import _until_ink_meets, write_number
from pipeline.synth.glyphs import Hands, scans_of

BAR, SLASH = np.zeros((2, 20, 20), np.uint8)
BAR[:, 8:12] = 255
cv2.line(SLASH, (2, 17), (17, 2), 255, 3)


def pieces(overlap):
    """Pieces of ink of a bar and a slash whose boxes overlap by so many columns."""
    field = np.zeros((20, 60), np.uint8)
    field[:, :20] = BAR
    place = field[:, 20 - overlap : 40 - overlap]
    np.maximum(place, SLASH, out=place)
    return cv2.connectedComponents(field)[0] - 1


def test_ink_meets_where_a_slash_is_pushed_to_a_bar():
    overlap = _until_ink_meets(BAR, SLASH, 0)
    assert (pieces(overlap), pieces(overlap - 2)) == (1, 2)


def test_digits_of_different_rows_do_not_meet():
    assert _until_ink_meets(BAR, SLASH, 25) == 0


@pytest.fixture(scope="module")
def free_shares(digits):
    """Of neighbours of many free lines: paper between their boxes, in widths of the narrower; below 0 they overlap."""
    hands, shares = Hands(scans_of(*digits), {}), []
    for seed in range(200):
        sheet = write_number("42", hands, np.random.default_rng(seed), detail=(1.5, 1.5), in_cells=False, room=0.0)
        for left, right in pairwise(sheet.boxes):
            narrower = max(1, min(left[2] - left[0], right[2] - right[0]))
            shares.append((right[0] - left[2]) / narrower)
    return np.array(shares)


def test_digits_stand_apart_close_and_over_each_other(free_shares):
    assert (free_shares > 0.1).mean() > 0.3
    assert (np.abs(free_shares) < 0.1).mean() > 0.05
    assert (free_shares < -0.3).mean() > 0.05
