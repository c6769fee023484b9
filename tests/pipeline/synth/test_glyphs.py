"""Digits of many hands as ink of any size."""

import numpy as np
import pytest

from pipeline.synth.glyphs import Hands, Style, draw_strokes, reshape_scan, scans_of, tight
from pipeline.synth.strokes import any_letter, drawn_digits

UPRIGHT = Style(pen=0.1, slant=0.0, aspect=1.0, traced=0.5)
BAR = [np.array([(0.0, 0.0), (0.0, 1.0)], np.float32)]


@pytest.mark.parametrize("height", [8, 20, 60])
def test_a_written_digit_has_about_the_height_asked_for(digits, height):
    hands = Hands(scans_of(*digits), drawn_digits(3, np.random.default_rng(0)))
    for seed in range(20):
        ink = hands.write(5, height, UPRIGHT, np.random.default_rng(seed))
        assert 0.6 * height <= max(ink.shape) <= 1.5 * height + 3
        assert ink.max() > 60


@pytest.mark.parametrize("pen", [1, 4, 9])
def test_a_stroke_is_as_wide_as_its_pen(pen):
    ink = draw_strokes(BAR, 60, pen)
    assert (ink[20:40] > 127).sum(axis=1).mean() == pytest.approx(pen, abs=1.1)


def test_a_broad_nib_widens_what_it_is_pulled_across(digits):
    down, across = ([np.array(ends, np.float32)] for ends in ([(0.5, 0.0), (0.5, 1.0)], [(0.0, 0.5), (1.0, 0.5)]))
    widths = {}
    for angle in (0.0, 90.0):
        style = Style(pen=0.15, slant=0.0, aspect=1.0, traced=1.0, nib=(0.12, angle))
        inks = [Hands({}, {1: [stroke]}).write(1, 60, style, np.random.default_rng(0)) for stroke in (down, across)]
        widths[angle] = [min(ink.shape) for ink in inks]
    assert widths[0.0][0] > widths[0.0][1] + 3
    assert widths[90.0][1] > widths[90.0][0] + 3


def test_slant_moves_the_top_to_the_right():
    ink = draw_strokes(BAR, 60, 3, slant=0.3)
    rows, columns = np.nonzero(ink > 127)
    assert columns[rows < 10].mean() - columns[rows > 50].mean() == pytest.approx(0.3 * 50, abs=4)


def test_a_scan_keeps_its_shape_when_it_grows(digit):
    scan = tight(digit(7))
    grown = reshape_scan(scan, 60, 0.0, 1.0)
    assert grown.shape[0] / grown.shape[1] == pytest.approx(scan.shape[0] / scan.shape[1], rel=0.15)


def test_an_empty_image_is_no_scan():
    assert scans_of(np.zeros((1, 28, 28), np.uint8), np.array([3])) == {}
    assert tight(np.zeros((5, 5), np.uint8)).shape == (1, 1)


def test_every_digit_has_drawn_forms_and_letters_are_strokes():
    drawn = drawn_digits(2, np.random.default_rng(0))
    assert sorted(drawn) == list(range(10))
    assert all(stroke.shape[1] == 2 for forms in drawn.values() for form in forms for stroke in form)
    assert all(stroke.shape[1] == 2 for seed in range(50) for stroke in any_letter(np.random.default_rng(seed)))
