"""Which form a page is of; and pages that are of none."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from pipeline.forms.register.choose import choose
from pipeline.forms.register.template import SCALE, Template
from pipeline.synth.pages.take import photographed, scanned


def with_picture(page, picture, x, y):
    """The page with a picture on it, its upper left corner at (x, y) mm."""
    page = page.copy()
    top, left = round(y * SCALE), round(x * SCALE)
    page[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return page


def template_of(form, page, path, **said):
    cv2.imwrite(str(path), page)
    return Template.of(replace(form, blank=path, **said))


@pytest.mark.parametrize("take", [scanned, photographed])
def test_the_form_that_fits_is_chosen(templates, filled, take):
    for name in ("tally", "order"):
        chosen, _ = choose(list(templates.values()), take(filled(name).gray, np.random.default_rng(1)).gray)
        assert chosen.form.name == name


def test_a_page_of_another_form_fits_none(templates, filled):
    others = [template for name, template in templates.items() if name != "survey"]
    assert choose(others, scanned(filled("survey").gray, np.random.default_rng(2)).gray).startswith("fits no form of")


@pytest.mark.parametrize("name", ["marks", "meters", "survey"])
def test_another_edition_of_a_form_is_refused_with_what_is_missing(templates, filled, name):
    """Rows moved down by four millimetres from the middle of the page on."""
    page = filled(name).gray
    moved, middle, by = page.copy(), page.shape[0] // 2, round(4 * SCALE)
    moved[middle:] = 255
    moved[middle + by :] = page[middle:-by]
    why = choose([templates[name]], scanned(moved, np.random.default_rng(3)).gray)
    assert isinstance(why, str)
    assert f"like {name}, but of the print around " in why


def test_blank_pages_are_said_to_be_blank(templates):
    shade = np.tile(np.linspace(150, 250, 1000).astype(np.uint8), (1400, 1))
    noise = np.random.default_rng(0).normal(240, 6, (1400, 1000)).clip(0, 255).astype(np.uint8)
    assert [choose([templates["survey"]], page) for page in (shade, noise)] == ["blank page"] * 2


def test_a_page_turned_over_is_not_read(templates, filled):
    """Its print shines through, mirrored."""
    page = filled("survey").gray[:, ::-1]
    back = (255 - 0.25 * cv2.GaussianBlur(255 - page, (0, 0), 2)).astype(np.uint8)
    assert isinstance(choose(list(templates.values()), scanned(back, np.random.default_rng(4)).gray), str)


def test_writing_of_another_kind_fits_none(templates):
    page, rng = np.full((1400, 1000), 255, np.uint8), np.random.default_rng(0)
    for y in range(60, 1350, 30):
        words = "".join(rng.choice(list("abcdefghijklmnopqrstuvw   "), 55))
        cv2.putText(page, words, (60, y), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 0, 1, cv2.LINE_AA)
    assert choose([templates["order"]], page).startswith("fits no form of order")


def test_a_code_names_the_form_among_two_that_look_the_same(forms, blanks, filled, tmp_path):
    def coded(page, text):
        code = cv2.QRCodeEncoder.create().encode(text)
        return with_picture(page, cv2.resize(code, None, fx=6, fy=6, interpolation=cv2.INTER_NEAREST), 150, 255)

    both = [
        template_of(forms["survey"], coded(blanks["survey"].gray, text), tmp_path / f"{text}.png", name=text, code=text)
        for text in ("A-1", "B-2")
    ]
    for text in ("A-1", "B-2"):
        chosen, _ = choose(both, scanned(coded(filled("survey").gray, text), np.random.default_rng(5)).gray)
        assert chosen.form.name == text
    other = scanned(coded(filled("survey").gray, "C-3"), np.random.default_rng(5)).gray
    assert choose(both, other) == "the page's code is of no form: C-3"


def test_markers_show_where_a_page_lies_that_has_nothing_else_to_be_known_by(forms, filled, blanks, tmp_path):
    known = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)

    def marked(page):
        for k, (x, y) in enumerate([(5, 5), (190, 5), (190, 275), (5, 275)]):
            page = with_picture(page, cv2.aruco.generateImageMarker(known, k, 110), x, y)
        return page

    template = template_of(forms["order"], marked(blanks["order"].gray), tmp_path / "order.png", aruco="4x4_50")
    assert sorted(template.markers) == [0, 1, 2, 3]
    blind = replace(template, features=replace(template.features, points=template.features.points[:0]))
    page = photographed(marked(filled("order").gray), np.random.default_rng(6)).gray
    chosen, alignment = choose([blind], page)
    assert chosen is blind
    assert alignment.fit > 0.6


def test_a_form_whose_markers_are_not_on_its_blank_is_refused(forms, blanks, tmp_path):
    with pytest.raises(ValueError, match="three markers of 4x4_50 at least. Received: 0"):
        template_of(forms["order"], blanks["order"].gray, tmp_path / "order.png", aruco="4x4_50")
