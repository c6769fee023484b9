"""Composed pages, with the truth about them."""

import cv2
import numpy as np
import pytest

from pipeline.forms.pages import MM_PER_INCH
from pipeline.synth.glyphs import Hands, scans_of
from pipeline.synth.pages.blanks import BLANKS
from pipeline.synth.pages.fill import fill
from pipeline.synth.pages.take import photographed, scanned


@pytest.fixture(scope="module")
def hands(digits):
    return Hands(scans_of(*digits), {})


@pytest.mark.parametrize("name", BLANKS)
def test_a_form_has_twelve_places_apart_from_each_other(name):
    blank = BLANKS[name]()
    boxes = [place.box for place in blank.places]
    assert len(boxes) == 12
    assert {place.name for place in blank.places}.isdisjoint(name for name, _ in blank.ticks)
    for k, (left, top, right, bottom) in enumerate(boxes):
        assert 0 < left < right < blank.size[0]
        assert 0 < top < bottom < blank.size[1]
        assert not any(a < right and left < c and b < bottom and top < d for a, b, c, d in boxes[k + 1 :])


@pytest.mark.parametrize("name", BLANKS)
def test_every_number_is_written_in_its_place(name, hands):
    blank = BLANKS[name](dpi=100)
    page = fill(blank, hands, np.random.default_rng(0))
    ink = blank.gray.astype(int) - page.gray > 40
    inside = np.zeros_like(ink)
    for box in [place.box for place in blank.places] + [box for _, box in blank.ticks]:
        left, top, right, bottom = (round(side * 100 / MM_PER_INCH) for side in box)
        inside[top - 4 : bottom + 4, left - 4 : right + 6] = True
        assert ink[top:bottom, left:right].any() or box in [box for _, box in blank.ticks]
    assert np.count_nonzero(ink & ~inside) < 0.01 * np.count_nonzero(ink)
    assert all(len(page.numbers[place.name]) == place.digits for place in blank.places)


def test_what_is_to_be_written_can_be_said(hands):
    blank = BLANKS["order"](dpi=100)
    numbers = {place.name: "7" * place.digits for place in blank.places} | {"kale": ""}
    page = fill(blank, hands, np.random.default_rng(0), numbers)
    left, top, right, bottom = (round(side * 100 / MM_PER_INCH) for side in blank.places[-1].box)
    assert page.numbers == numbers
    assert np.array_equal(page.gray[top:bottom, left:right], blank.gray[top:bottom, left:right])


@pytest.mark.parametrize("take", [scanned, photographed])
def test_each_point_of_the_page_is_where_it_is_said_to_be(take):
    page = np.full((800, 600), 255, np.uint8)
    marks = np.array([[100, 100], [500, 120], [480, 700], [90, 650]], float)
    for x, y in marks.astype(int).tolist():
        cv2.circle(page, (x, y), 12, 0, -1)
    taken = take(page, np.random.default_rng(1))
    for x, y in cv2.perspectiveTransform(marks[None], taken.to_image)[0].round().astype(int).tolist():
        near = taken.gray[y - 40 : y + 41, x - 40 : x + 41].astype(int)
        assert near[38:43, 38:43].mean() < 0.6 * np.percentile(near, 90)
