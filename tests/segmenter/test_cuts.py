"""Cuts run from top to bottom through as little ink as there is."""

import cv2
import numpy as np
import pytest

from segmenter.cuts import CUT_GENERATORS, Cut, seam_cuts, stroke_width

SPACING = 8


def tight(mask):
    x, y, w, h = cv2.boundingRect(mask.astype(np.uint8))
    return mask[y : y + h, x : x + w]


def blobs(gap=36):
    """Two discs of radius 19 whose centres lie ``gap`` columns apart."""
    y, x = np.mgrid[:40, : gap + 44]
    return tight(((x - 20) ** 2 + (y - 20) ** 2 < 19**2) | ((x - 20 - gap) ** 2 + (y - 20) ** 2 < 19**2))


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


@pytest.mark.parametrize("name", CUT_GENERATORS)
@pytest.mark.parametrize("gap", [30, 34, 36])
def test_touching_blobs_are_cut_at_the_joint(name, gap):
    mask = blobs(gap)
    cuts = CUT_GENERATORS[name](mask, spacing=SPACING, max_cost=3)
    joint = mask.shape[1] / 2
    nearest = min(cuts, key=lambda cut: np.abs(cut.columns - joint).max())
    assert np.abs(nearest.columns - joint).max() <= 4
    ink_right = (mask & right_of(mask, nearest)).sum()
    assert ink_right == pytest.approx(mask.sum() / 2, rel=0.1)


@pytest.mark.parametrize("name", CUT_GENERATORS)
def test_touching_digits_are_cut_into_mostly_the_two_digits(name, touching):
    purest = []
    for seed in range(60):
        a, b, sample = np.random.default_rng(seed).integers(0, (10, 10, 30))
        left, right = touching(a, b, sample)
        mask = left | right
        cuts = CUT_GENERATORS[name](mask, spacing=SPACING, max_cost=3)
        sides = [right_of(mask, cut) for cut in cuts]
        purest.append(max(((left & ~side).sum() + (right & side).sum()) / (left.sum() + right.sum()) for side in sides))
    assert np.mean(purest) > 0.95
    assert np.mean(np.array(purest) > 0.9) > 0.85


@pytest.mark.parametrize("name", CUT_GENERATORS)
def test_cuts_are_ordered_and_stay_inside(name, touching):
    for sample in range(20):
        mask = touching(sample % 10, 7, sample).any(axis=0)
        cuts = CUT_GENERATORS[name](mask, spacing=SPACING, max_cost=3)
        assert cuts
        for cut in cuts:
            assert cut.columns.shape == (len(mask),)
            assert cut.columns.min() >= 0
            assert cut.columns.max() < mask.shape[1]
        middles = [cut.columns[len(mask) // 2] for cut in cuts]
        assert (np.diff(middles) > 0).all()


def test_cuts_keep_their_distance_at_the_middle_row(touching):
    mask = touching(3, 8, 0).any(axis=0)
    for spacing in (4, 8, 20):
        cuts = seam_cuts(mask, spacing=spacing, max_cost=5)
        middles = [cut.columns[len(mask) // 2] for cut in cuts]
        assert (np.diff(middles) > spacing).all()
        assert middles[0] >= spacing // 2
        assert middles[-1] < mask.shape[1] - spacing // 2


@pytest.mark.parametrize("max_cost", [0.3, 1, 2, 4])
def test_no_cut_costs_more_than_the_limit(touching, max_cost):
    mask = touching(8, 8, 1).any(axis=0)
    assert all(cut.cost <= max_cost for cut in seam_cuts(mask, spacing=SPACING, max_cost=max_cost))


def test_a_higher_limit_gives_more_cuts(touching):
    mask = touching(8, 8, 1).any(axis=0)
    counts = [len(seam_cuts(mask, spacing=4, max_cost=limit)) for limit in (0.1, 1, 2, 5)]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


def test_solid_ink_is_not_cut_within_the_limit():
    assert seam_cuts(np.ones((40, 40), bool), spacing=SPACING, max_cost=0.5) == []


def test_a_gap_costs_next_to_nothing():
    mask = np.zeros((30, 40), bool)
    mask[:, :16] = mask[:, 24:] = True
    (cut,) = seam_cuts(mask, spacing=SPACING, max_cost=0.2)
    assert ((cut.columns >= 16) & (cut.columns <= 24)).all()


def test_cut_follows_a_slanted_gap():
    rows, columns = np.mgrid[:40, :60]
    mask = np.abs(columns - 10 - rows) > 3
    cut = min(seam_cuts(mask, spacing=SPACING, max_cost=3), key=lambda c: c.cost)
    assert not (mask & (columns == cut.columns[:, None])).any()
    assert cut.columns[-1] - cut.columns[0] > 25


@pytest.mark.parametrize("shape", [(1, 1), (1, 20), (20, 1), (2, 3)])
def test_tiny_regions_do_not_fail(shape):
    for cut in seam_cuts(np.ones(shape, bool), spacing=3, max_cost=9):
        assert cut.columns.shape == shape[:1]


@pytest.mark.parametrize("width", [1, 2, 3, 5, 8])
def test_stroke_width_of_a_bar_and_a_ring(width):
    ring = np.zeros((90, 90), bool)
    ring[5:85, 5:85] = True
    ring[5 + width : 85 - width, 5 + width : 85 - width] = False
    assert stroke_width(ring) == pytest.approx(width, rel=0.05)
    bar = np.zeros((110, 30), bool)
    bar[5:105, 10 : 10 + width] = True
    assert stroke_width(bar) == pytest.approx(width, rel=0.1)


def test_cut_is_frozen():
    with pytest.raises(AttributeError):
        Cut(np.zeros(3, int), 1.0).cost = 0.0
