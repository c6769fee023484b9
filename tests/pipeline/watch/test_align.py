"""Frames laid over each other."""

import cv2
import numpy as np
import pytest

from pipeline.watch.align import MARGIN, find_map, overlay, sharpness


@pytest.fixture
def sheet():
    """A number on a sheet, (80, 200)."""
    gray = np.full((80, 200), 220, np.uint8)
    for x, text in ((20, "4"), (80, "2"), (140, "7")):
        cv2.putText(gray, text, (x, 62), cv2.FONT_HERSHEY_SIMPLEX, 1.8, 40, 5, cv2.LINE_AA)
    return gray


def motion(right, down, degrees=0.0, scale=1.0):
    to_frame = cv2.getRotationMatrix2D((100, 40), degrees, scale)
    to_frame[:, 2] += right, down
    return to_frame


def moved(gray, *how):
    return cv2.warpAffine(gray, motion(*how), (200, 80), borderMode=cv2.BORDER_REPLICATE)


@pytest.mark.parametrize("how", [(0, 0), (6, 0), (0, -5), (4, 3, 3.0), (-3, 2, -2.0, 1.06)])
def test_the_way_back_is_found(sheet, how):
    to_frame, likeness = find_map(moved(sheet, *how), sheet)
    assert likeness > 0.9
    place = np.array([60, 30, 1.0])
    np.testing.assert_allclose(to_frame @ place, motion(*how) @ place, atol=1.0)


def test_what_one_frame_cuts_off_others_show(sheet):
    right = moved(sheet, -40, 0)  # the four leaves it on the left
    picture, _ = overlay([sheet[:, :160], right[:, :160], sheet[:, :160]], 0)
    margin = round(MARGIN * 80)
    assert picture.shape == (80 + 2 * margin, 160 + 2 * margin)
    # The right end of the seven, which the sharpest frame does not show.
    assert picture[margin + 20 : margin + 60, margin + 160 : margin + 168].min() < 140


def test_the_noise_of_many_is_less_than_that_of_one(sheet):
    rng = np.random.default_rng(0)
    frames = [moved(sheet, *rng.uniform(-4, 4, 2)) for _ in range(12)]
    noisy = [np.clip(frame + rng.normal(0, 30, frame.shape), 0, 255).astype(np.uint8) for frame in frames]
    picture, used = overlay(noisy, 0)
    assert used.sum() >= 10
    margin = round(MARGIN * 80)
    assert picture[margin + 4 : margin + 12, 60:140].std() < noisy[0][4:12, 60:140].std() / 2


def test_a_frame_of_something_else_is_left_out(sheet):
    other = np.full_like(sheet, 200)
    picture, used = overlay([sheet, sheet, other, sheet], 0)
    assert used.tolist() == [True, True, False, True]
    margin = round(MARGIN * 80)
    np.testing.assert_allclose(picture[margin:-margin, margin:-margin], sheet, atol=3)


def test_a_blank_clip_has_a_picture():
    blank = np.full((40, 60), 210, np.uint8)
    picture, used = overlay([blank] * 3, 1)
    assert used[1]
    assert set(np.unique(picture)) == {210}


def test_blur_makes_less_sharp_and_noise_does_not_make_sharp(sheet):
    noise = np.random.default_rng(0).normal(0, 10, sheet.shape)
    noisy = np.clip(cv2.GaussianBlur(sheet, (0, 0), 4) + noise, 0, 255).astype(np.uint8)
    assert sharpness(sheet) > 2 * sharpness(cv2.GaussianBlur(sheet, (0, 0), 4))
    assert sharpness(sheet) > 2 * sharpness(noisy)
