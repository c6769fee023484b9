"""Every generator cuts touching ink where two digits meet."""

import cv2
import numpy as np
import pytest

from segmenter.cut_paths import Strokes
from segmenter.cut_points import CUT_GENERATORS

SPACING = 8


def tight(mask):
    x, y, w, h = cv2.boundingRect(mask.astype(np.uint8))
    return mask[y : y + h, x : x + w]


def blobs(gap=36):
    """Two discs of radius 19 whose centres lie ``gap`` columns apart."""
    y, x = np.mgrid[:40, : gap + 44]
    return tight(((x - 20) ** 2 + (y - 20) ** 2 < 19**2) | ((x - 20 - gap) ** 2 + (y - 20) ** 2 < 19**2))


def cuts_of(name, mask, spacing=SPACING):
    return list(CUT_GENERATORS[name](Strokes(255 * mask.astype(np.uint8), mask), spacing=spacing))


def right_of(mask, cut):
    return np.arange(mask.shape[1]) >= cut.columns[:, None]


@pytest.fixture(scope="module")
def touching(digit):
    """Function: masks (2, 84, W) of two digits pushed together until their ink touches."""

    def push(a, b, sample):
        left, right = (np.kron(tight_columns(digit(v, sample)) > 100, np.ones((3, 3), bool)) for v in (a, b))
        for width in range(left.shape[1] + right.shape[1] + 3, 0, -1):
            masks = np.zeros((2, 84, width), bool)
            masks[0, :, : left.shape[1]] = left
            masks[1, :, width - right.shape[1] :] = right
            if (cv2.dilate(masks[0].astype(np.uint8), np.ones((3, 3))) & masks[1]).any():
                return masks
        raise AssertionError("the digits never met")

    return push


def tight_columns(image):
    columns = np.flatnonzero((image > 100).any(axis=0))
    return image[:, columns[0] : columns[-1] + 1]


# Two discs have a skeleton without branches.
@pytest.mark.parametrize("name", sorted(set(CUT_GENERATORS) - {"skeleton"}))
@pytest.mark.parametrize("gap", [30, 34, 36])
def test_touching_blobs_are_cut_at_the_joint(name, gap):
    mask = blobs(gap)
    cuts = cuts_of(name, mask)
    joint = mask.shape[1] / 2
    nearest = min(cuts, key=lambda cut: np.abs(cut.columns - joint).max())
    assert np.abs(nearest.columns - joint).max() <= 4
    ink_right = (mask & right_of(mask, nearest)).sum()
    assert ink_right == pytest.approx(mask.sum() / 2, rel=0.1)


def purity(names, touching):
    """Over 60 pairs the share of the ink that the best cut leaves on its digit's side."""
    purest = []
    for seed in range(60):
        a, b, sample = np.random.default_rng(seed).integers(0, (10, 10, 30))
        left, right = touching(a, b, sample)
        sides = [right_of(left, cut) for name in names for cut in cuts_of(name, left | right)]
        shares = [((left & ~side).sum() + (right & side).sum()) / (left.sum() + right.sum()) for side in sides]
        purest.append(max(shares, default=0.5))
    return np.array(purest)


@pytest.mark.parametrize("name", CUT_GENERATORS)
def test_touching_digits_are_cut_into_mostly_the_two_digits(name, touching):
    assert purity([name], touching).mean() > 0.9


def test_all_generators_together_find_what_one_misses(touching):
    alone, together = purity(["seam"], touching), purity(CUT_GENERATORS, touching)
    assert together.mean() > alone.mean()
    assert (together > 0.97).mean() > 0.9


@pytest.mark.parametrize("name", CUT_GENERATORS)
def test_cuts_are_ordered_and_stay_inside(name, touching):
    for sample in range(20):
        mask = touching(sample % 10, 7, sample).any(axis=0)
        cuts = cuts_of(name, mask)
        assert cuts
        for cut in cuts:
            assert cut.columns.shape == (len(mask),)
            assert cut.columns.min() >= 0
            assert cut.columns.max() < mask.shape[1]


def test_seams_keep_their_distance_at_the_middle_row(touching):
    mask = touching(3, 8, 0).any(axis=0)
    for spacing in (4, 8, 20):
        middles = sorted(cut.columns[len(mask) // 2] for cut in cuts_of("seam", mask, spacing))
        assert (np.diff(middles) > spacing).all()
        assert middles[0] >= spacing // 2
        assert middles[-1] < mask.shape[1] - spacing // 2


@pytest.mark.parametrize("name", CUT_GENERATORS)
@pytest.mark.parametrize("shape", [(1, 1), (1, 20), (20, 1), (2, 3), (40, 40)])
def test_regions_without_form_do_not_fail(name, shape):
    for cut in cuts_of(name, np.ones(shape, bool), spacing=3):
        assert cut.columns.shape == shape[:1]
