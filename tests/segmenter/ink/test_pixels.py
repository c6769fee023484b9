"""Ink told from all else pixel by pixel: what a network says decides, and it is asked only where that may matter."""

import cv2
import numpy as np
import pytest

from segmenter import Segmenter
from segmenter.canvas import FIELD
from segmenter.ink.kinds import INK, MARK, PAPER, SURROUNDING, WRITING
from segmenter.ink.pixels import Told, fit_pixels


def teller(kinds, asked=None):
    """What a network would say that knows what each pixel shows."""

    def tell(field):
        if asked is not None:
            asked.append(field)
        return np.eye(5, dtype=np.float32)[fit_pixels(kinds)]

    return tell


@pytest.fixture
def page(field):
    """Three digits as dark ink on paper, 252x252, and what its pixels show."""
    large = cv2.resize(field("427")[0], None, fx=3, fy=3, interpolation=cv2.INTER_LINEAR)
    return 230 - (large // 4 * 3), np.where(large > 90, INK, PAPER).astype(np.uint8)


def numbers(segmentation):
    return len(segmentation.regions)


def test_pixels_fit_into_a_field_as_gray_values_do():
    kinds = np.zeros((30, 20), np.uint8)
    kinds[5:25, 10] = INK
    kinds[:, 0] = MARK
    shown = fit_pixels(kinds)
    assert shown.shape == FIELD
    assert set(np.unique(shown).tolist()) == {PAPER, INK, MARK}
    assert (shown[:, :40] == PAPER).all()


def test_a_plain_number_is_not_asked_about(page):
    image, kinds = page
    asked = []
    plain = Segmenter().segment(image)
    told = Segmenter().segment(image, tell=teller(kinds, asked))
    assert asked == []
    np.testing.assert_array_equal(plain.mask, told.mask)


def test_a_slanting_line_through_the_number_is_told_from_it(page):
    image, kinds = page
    cv2.line(image, (0, 80), (251, 160), 40, 4)
    line = cv2.line(np.zeros_like(kinds), (0, 80), (251, 160), 1, 4)
    kinds[(line > 0) & (kinds != INK)] = MARK
    asked = []
    assert numbers(Segmenter().segment(image)) != 3
    found = Segmenter().segment(image, tell=teller(kinds, asked))
    assert numbers(found) == 3
    assert asked
    assert (found.kinds == MARK).any()
    assert len(found.regions.left_out) == 0


def test_other_writing_is_left_out_and_said(page):
    image, kinds = page
    image, kinds = (np.pad(part, ((0, 0), (0, 80)), mode="edge") for part in (image, kinds))
    cv2.ellipse(image, (280, 126), (20, 45), 0, -80, 80, 40, 6)
    bracket = cv2.ellipse(np.zeros_like(kinds), (280, 126), (20, 45), 0, -80, 80, 1, 6)
    kinds[bracket > 0] = WRITING
    found = Segmenter().segment(image, tell=teller(kinds))
    assert numbers(Segmenter().segment(image)) == 4
    assert numbers(found) == 3
    assert len(found.regions.left_out) == 1


@pytest.mark.parametrize("desk", [0, 90, 255])
def test_a_slip_is_seen_on_any_desk(page, desk):
    image, kinds = page
    turn = cv2.getRotationMatrix2D((126, 126), 8, 0.7)
    size = 252, 252
    seen = cv2.warpAffine(image, turn, size, borderValue=desk)
    shown = cv2.warpAffine(kinds, turn, size, flags=cv2.INTER_NEAREST, borderValue=SURROUNDING)
    found = Segmenter().segment(seen, tell=teller(shown))
    assert numbers(found) == 3
    assert found.contrast > 100


@pytest.mark.parametrize("inverted", [False, True])
def test_polarity_is_that_of_what_is_ink(inverted):
    image = np.full((60, 120), 200, np.uint8)
    kinds = np.zeros_like(image)
    image[15:45, 30:90] = 60  # more ink than strokes have
    kinds[15:45, 30:90] = INK
    image = 255 - image if inverted else image
    told = Told.of(image, teller(kinds))
    assert told.on_paper(image)[1] == inverted


def test_without_any_ink_there_is_none(page):
    image, kinds = page
    found = Segmenter().segment(255 - image[:120], tell=teller(np.where(kinds == INK, MARK, kinds)[:120]))
    assert numbers(found) == 0
    assert not found.mask.any()
