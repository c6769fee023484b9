"""How digits stand on a field, and what is done to their ink."""

import cv2
import numpy as np
import pytest

from pipeline.synth import layouts


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def block(width=10):
    """A digit that is a filled box, 20 high."""
    digit = np.zeros((28, 28), np.uint8)
    digit[4:24, 4 : 4 + width] = 255
    return digit


def bar(width, side=84):
    """A field with one vertical stroke."""
    field = np.zeros((side, side), np.uint8)
    field[20:60, 30 : 30 + width] = 255
    return field


def ink(image):
    return int((image > 127).sum())


def gaps(field):
    """Widths of the free columns between the digits."""
    inked = np.flatnonzero((field > 127).any(axis=0))
    return [step - 1 for step in np.diff(inked).tolist() if step > 1]


def blobs(image):
    return cv2.connectedComponents((image > 127).astype(np.uint8), connectivity=8)[0] - 1


def test_triple_mnist_has_each_digit_in_its_columns(digit, rng):
    digits = [digit(value) for value in "427"]
    field = layouts.triple_mnist(digits, rng)
    assert field.shape == (84, 84)
    for k, one in enumerate(digits):
        np.testing.assert_array_equal(layouts.tight(field[:, 28 * k : 28 * k + 28]), layouts.tight(one))


def test_spaced_digits_have_2_to_8_free_columns_between_them(rng):
    seen = [gaps(layouts.spaced([block()] * 3, rng)) for _ in range(50)]
    assert {len(pair) for pair in seen} == {2}
    assert {gap for pair in seen for gap in pair} == set(range(2, 9))


def test_touching_digits_meet_and_no_ink_is_lost(rng):
    for _ in range(20):
        field = layouts.touching([block()] * 3, rng)
        assert blobs(field) == 1
        assert ink(field) == 3 * ink(block())


@pytest.mark.parametrize("share", [0.1, 0.25, 0.4])
def test_boxes_overlap_by_the_share(rng, share):
    field = layouts.overlapping([block(20)] * 3, rng, share)
    assert cv2.boundingRect(field)[2] == 60 - 2 * round(share * 20)


def test_a_narrow_one_can_be_touched_from_either_side(digit):
    for seed in range(20):
        digits = [digit(1, seed % 10), digit(7, seed), digit(1, seed)]
        assert layouts.touching(digits, np.random.default_rng(seed)).shape[0] == 84


def test_the_field_grows_where_three_digits_do_not_fit(rng):
    wide = np.full((28, 28), 255, np.uint8)
    field = layouts.spaced([wide] * 3, rng)
    assert field.shape[1] > 84
    assert ink(field) == 3 * 28 * 28


def test_a_blank_digit_takes_one_pixel_of_paper(rng):
    blank = np.zeros((28, 28), np.uint8)
    assert layouts.tight(blank).tolist() == [[0]]
    assert ink(layouts.spaced([block(), blank, block()], rng)) == 2 * ink(block())


@pytest.mark.parametrize("width", [1, 3])
def test_a_stroke_adds_ink_and_takes_none_away(digit, rng, width):
    for _ in range(20):
        field = layouts.spaced([digit(value) for value in "427"], rng)
        struck = layouts.struck(field, rng, width)
        assert (struck >= field).all()
        assert struck.astype(int).sum() > field.astype(int).sum()


def test_a_stroke_is_as_wide_as_asked_and_no_ruled_line():
    field = np.zeros((84, 84), np.uint8)
    field[40:44, 40:44] = 1  # where the number stands; too pale to count
    thin, thick = (layouts.struck(field, np.random.default_rng(0), width) for width in (1, 3))
    assert 2 < ink(thick) / ink(thin) < 6
    for seed in range(30):
        _, _, width, height = cv2.boundingRect((layouts.struck(field, np.random.default_rng(seed), 1) > 50).view("u1"))
        assert np.hypot(width, height) > 14
        assert height > 0.45 * width


@pytest.mark.parametrize("side", [5, 9])
def test_a_cover_takes_ink_within_a_square(rng, side):
    field = bar(20)
    lost = field != layouts.covered(field, rng, side)
    assert 0 < lost.sum() <= side**2
    assert max(cv2.boundingRect(lost.view("u1"))[2:]) == side
    assert (field == bar(20)).all()


@pytest.mark.parametrize(("change", "width"), [(-4, 4), (-2, 5), (2, 7), (4, 8)])
def test_a_pen_changes_the_width_of_a_stroke(rng, change, width):
    changed = layouts.penned(bar(6), rng, change)  # two steps are a pixel
    assert changed.shape == (84, 84)
    assert changed[40].sum() / 255 == pytest.approx(width, abs=0.3)
