"""Ink on paper, as a camera or a scanner sees it."""

import cv2
import numpy as np
import pytest

from pipeline.synth import paper
from pipeline.synth.layouts import spaced


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def scan(field):
    return paper.scanned(paper.enlarge(field("427")[0]))


# As narrow as a 1, so that most of the paper is free.
STICK = np.zeros((28, 28), np.uint8)
STICK[4:24, 12:15] = 255


def steepest(image):
    """Largest step between neighbours in gray levels."""
    return np.abs(np.diff(image.astype(int), axis=1)).max()


@pytest.mark.parametrize(("times", "side"), [(0.5, 42), (3, 252), (6, 504)])
def test_enlarged_fields_keep_their_ink(field, times, side):
    image = field("427")[0]
    large = paper.enlarge(image, times)
    assert large.shape == (side, side)
    assert large.mean() == pytest.approx(image.mean(), rel=0.05)


def test_a_scan_is_dark_ink_on_white_and_nothing_else():
    ink = np.array([[0, 128, 255]], np.uint8)
    assert paper.scanned(ink).tolist() == [[235, 132, 31]]


@pytest.mark.parametrize("sigma", [20, 40])
def test_noise_has_its_standard_deviation(rng, sigma):
    plain = np.full((200, 200), 128, np.uint8)
    seen = paper.noisy(plain, rng, sigma)
    assert seen.dtype == np.uint8
    assert seen.std() == pytest.approx(sigma, rel=0.05)
    assert seen.mean() == pytest.approx(128, abs=2)


def test_blur_flattens_the_edges_more_the_stronger_it_is(scan):
    steps = [steepest(image) for image in (scan, paper.blurred(scan, 2), paper.blurred(scan, 4))]
    assert steps == sorted(steps, reverse=True)
    assert steps[2] < steps[0] / 3
    assert paper.blurred(scan, 4).mean() == pytest.approx(scan.mean(), abs=1)


def test_low_quality_loses_more(scan):
    lost = [np.abs(paper.compressed(scan, quality).astype(int) - scan).mean() for quality in (10, 90)]
    assert lost[0] > 2 * lost[1] > 0


@pytest.mark.parametrize("degrees", [5, 15])
def test_images_turn_either_way_up_to_the_angle(degrees):
    stick = np.full((200, 200), 235, np.uint8)
    stick[40:160, 97:103] = 31
    angles = []
    for seed in range(40):
        seen = paper.turned(stick, np.random.default_rng(seed), degrees)
        y, x = np.nonzero(seen < 128)
        angles.append(np.rad2deg(np.arctan(np.polyfit(y, x, 1)[0])))
        assert seen.shape == stick.shape
    assert -degrees - 0.5 < min(angles) < -0.7 * degrees
    assert 0.7 * degrees < max(angles) < degrees + 0.5


def ruled(image, columns):
    """Rows of the free columns that are darker than the paper around them."""
    profile = np.median(image[:, columns], axis=1).astype(np.uint8)
    around = cv2.medianBlur(profile[None], 31)[0]
    return np.flatnonzero(around.astype(int) - profile > 8)


@pytest.mark.parametrize(("share", "through"), [(0.5, True), (1.05, False)])
def test_a_ruled_line_runs_where_it_should(share, through):
    for seed in range(10):
        ink = paper.enlarge(spaced([STICK] * 3, np.random.default_rng(seed)))  # as it lies under the lines
        left, top, width, height = cv2.boundingRect(ink)
        image = paper.on_ruled_lines([STICK] * 3, np.random.default_rng(seed), share)
        # The free columns beside the number: there the paper's turn moves a line by few rows.
        free = slice(left - 20, left - 4) if left > 126 - width / 2 else slice(left + width + 4, left + width + 20)
        rows = ruled(image, free)
        assert len(rows)
        inside = (rows > top + 0.15 * height) & (rows < top + 0.85 * height)
        assert inside.any() == through


def test_every_digit_has_a_printed_box(digit):
    for seed in range(5):
        image = paper.in_printed_boxes([digit(value) for value in "427"], np.random.default_rng(seed))
        dark = cv2.adaptiveThreshold(image, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, 12)
        dark = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
        _, _, stats, _ = cv2.connectedComponentsWithStats(255 - dark, connectivity=4)
        assert (stats[1:, cv2.CC_STAT_AREA] > 4000).sum() == 4  # three boxes and the paper around them


def test_a_photo_shows_dark_ink_on_lit_paper(field):
    ink = paper.enlarge(field("427")[0])
    for seed in range(10):
        photo = paper.photographed(ink, np.random.default_rng(seed))
        assert photo.shape == ink.shape
        assert np.median(photo) > 100
        assert photo.min() < np.median(photo) - 50


def test_a_bad_photo_is_worse_than_a_good_one():
    blank = np.zeros((252, 252), np.uint8)
    good, bad = (
        np.mean([paper.photographed(blank, np.random.default_rng(seed), severity).std() for seed in range(20)])
        for severity in (1, 2)
    )
    assert bad > 1.4 * good
