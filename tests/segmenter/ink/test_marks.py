"""Rings, frames and holes are marks by their shape; digits with holes of their own are none."""

import cv2
import numpy as np
import pytest

from segmenter.ink.marks import find_marks


@pytest.fixture
def ink(field):
    """Three digits, (252, 252) bool."""
    return cv2.resize(field("608")[0], (252, 252), interpolation=cv2.INTER_LINEAR) > 100


def drawn(draw, *args):
    mask = np.zeros((252, 252), np.uint8)
    draw(mask, *args)
    return mask > 0


def test_digits_alone_have_no_marks(ink):
    assert not find_marks(ink).any()


@pytest.mark.parametrize(
    "ring",
    [
        drawn(cv2.ellipse, (126, 126), (122, 70), 0, 0, 360, 1, 4),
        drawn(cv2.rectangle, (3, 70), (248, 182), 1, 3),
        drawn(cv2.ellipse, (126, 128), (39, 50), 0, 0, 360, 1, 3),
    ],
    ids=["round the number", "a frame", "round a digit"],
)
def test_what_holds_digits_is_a_mark(ink, ring):
    free = ring & ~cv2.dilate(ink.view(np.uint8), np.ones((5, 5))).astype(bool)
    assert (free == ring).all(), "the ring touches no digit"
    np.testing.assert_array_equal(find_marks(ink | ring), ring)


def test_a_ring_that_a_digit_touches_stays_with_it(ink):
    ring = drawn(cv2.ellipse, (126, 126), (122, 70), 0, 0, 360, 1, 4)
    touching = ring | drawn(cv2.line, (30, 126), (5, 126), 1, 5)
    assert not (find_marks(ink | touching) & ink).any()


def test_a_punched_hole_is_a_mark(ink):
    wide = np.pad(ink, ((0, 0), (0, 100)))
    hole = cv2.circle(np.zeros(wide.shape, np.uint8), (305, 126), 28, 1, -1) > 0
    np.testing.assert_array_equal(find_marks(wide | hole), hole)


def test_a_slash_in_a_zero_leaves_it_a_zero(ink):
    slash = drawn(cv2.line, (122, 136), (130, 120), 1, 3)
    assert not find_marks(ink | slash).any()
