"""Ruled lines and printed boxes go; strokes stay."""

import cv2
import numpy as np
import pytest

from segmenter.ink.printed import remove_rulings

LABELS = ["427", "190", "358", "611", "777", "000", "222", "345"]


@pytest.fixture(scope="module")
def strip(field):
    """Function: three digits, 108 rows by 252 columns, as a mask."""

    def draw(label, sample=0):
        canvas, _ = field(label, sample=sample)
        large = cv2.resize(canvas[24:60], None, fx=3, fy=3, interpolation=cv2.INTER_LINEAR)
        return large > 100

    return draw


def line(shape, start, end, thickness=2):
    drawn = np.zeros(shape, np.uint8)
    cv2.line(drawn, start, end, 1, thickness)
    return drawn > 0


def shares(digits, printed):
    """Share of the digits' ink that is lost, and of the printed lines that is left."""
    kept = remove_rulings(digits | printed)
    only = printed & ~digits
    return (digits & ~kept).sum() / digits.sum(), (kept & only).sum() / only.sum()


@pytest.mark.parametrize("row", [52, 94], ids=["through", "under"])
@pytest.mark.parametrize("thickness", [1, 2, 3])
def test_ruled_line_goes_and_digits_stay(strip, row, thickness):
    results = []
    for sample in range(24):
        digits = strip(LABELS[sample % 8], sample)
        printed = np.zeros_like(digits)
        printed[row : row + thickness] = True
        results.append(shares(digits, printed))
    lost, left = np.array(results).T
    assert lost.max() < 0.05
    assert left.mean() < 0.08


def test_line_that_slopes_by_a_few_pixels_goes(strip):
    digits = strip("427")
    lost, left = shares(digits, line(digits.shape, (0, 95), (251, 99)))
    assert lost < 0.01
    assert left < 0.02


def test_ragged_edge_of_a_line_goes_with_it():
    mask = np.zeros((90, 240), bool)
    mask[50:52] = True
    mask[49, 3::7] = mask[52, 5::11] = True
    assert not remove_rulings(mask).any()


def test_line_that_the_digits_stand_on_goes(strip):
    results = []
    for sample in range(24):
        digits = strip(LABELS[sample % 8], sample)
        foot = np.flatnonzero(digits.any(axis=1)).max()
        printed = np.zeros_like(digits)
        printed[foot : foot + 3] = True
        results.append(shares(digits, printed))
    lost, left = np.array(results).T
    assert lost.max() < 0.1
    assert left.mean() < 0.15


@pytest.mark.parametrize("thickness", [1, 2, 4])
def test_three_printed_boxes_go(strip, thickness):
    for sample in range(16):
        digits = np.pad(strip(LABELS[sample % 8], sample), 12)
        printed = np.zeros(digits.shape, np.uint8)
        for k in range(3):
            cv2.rectangle(printed, (12 + 84 * k, 8), (92 + 84 * k, 120), 1, thickness)
        lost, left = shares(digits, printed > 0)
        assert lost < 0.05
        assert left < 0.05


def test_one_box_with_two_dividers_goes(strip):
    for sample in range(16):
        digits = np.pad(strip(LABELS[sample % 8], sample), 12)
        printed = np.zeros(digits.shape, np.uint8)
        cv2.rectangle(printed, (4, 4), (270, 126), 1, 2)
        for x in (92, 180):
            cv2.line(printed, (x, 4), (x, 126), 1, 2)
        lost, left = shares(digits, printed > 0)
        assert lost < 0.05
        assert left < 0.05


@pytest.mark.parametrize("label", ["111", "000", "777", "427", "555", "444"])
def test_digits_alone_come_back_as_the_same_array(strip, label):
    for sample in range(30):
        mask = strip(label, sample)
        assert remove_rulings(mask) is mask


@pytest.mark.parametrize("width", [3, 8, 20])
def test_upright_one_is_no_ruling(width):
    mask = np.zeros((100, 240), bool)
    for x in (40, 120, 200):
        mask[10:90, x : x + width] = True
    assert remove_rulings(mask) is mask


def test_bar_of_a_straight_seven_is_no_ruling():
    mask = np.zeros((100, 240), bool)
    for x in (20, 100, 180):
        mask[10:16, x : x + 50] = True
        mask |= line(mask.shape, (x + 48, 12), (x + 20, 90), 6)
    assert remove_rulings(mask) is mask


def test_thick_bar_is_no_ruling():
    mask = np.zeros((100, 240), bool)
    mask[40:60, 5:235] = True
    assert remove_rulings(mask) is mask


@pytest.mark.parametrize("width", [202, 200])
def test_free_line_goes_from_end_to_end(width):
    mask = np.zeros((50, width), bool)
    mask[30:32, 20:140] = True
    assert not remove_rulings(mask, min_length=0.5).any()


def test_min_length_decides_what_counts_as_printed():
    mask = np.zeros((50, 200), bool)
    mask[30:32, 20:140] = True
    assert remove_rulings(mask, min_length=0.5).sum() < 0.02 * mask.sum()
    assert remove_rulings(mask, min_length=0.7) is mask


@pytest.mark.parametrize("shape", [(1, 1), (1, 90), (90, 1), (84, 84)])
def test_mask_without_ink_comes_back_as_it_is(shape):
    mask = np.zeros(shape, bool)
    assert remove_rulings(mask) is mask
