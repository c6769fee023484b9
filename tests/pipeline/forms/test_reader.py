"""Pages -> numbers and ticks, with the status of each."""

import pickle

import numpy as np
import pytest

from pipeline.forms.reader import FormReader
from pipeline.synth.pages.take import photographed, scanned


def right(reading, page):
    """How many numbers are right, how many were accepted, and how many of these wrongly."""
    numbers = [one for one in reading.fields if one.reading is not None]
    good = np.array([one.value == page.numbers[one.name] for one in numbers])
    accepted = np.array([one.status == "accept" for one in numbers])
    return good.sum(), accepted.sum(), (accepted & ~good).sum()


@pytest.mark.parametrize(("name", "take"), [("survey", photographed), ("meters", scanned)])
def test_a_page_is_read(form_reader, filled, name, take):
    page = filled(name, 1)
    reading = form_reader.read(take(page.gray, np.random.default_rng(4)).gray)
    assert reading.form == name
    good, accepted, wrong = right(reading, page)
    assert (good >= 11, accepted >= 8, wrong) == (True, True, 0)
    ticks = {one.name: one.value for one in reading.fields if one.reading is None}
    assert ticks == {name: "ticked" if there else "blank" for name, there in page.ticks.items()}


def test_fields_come_in_the_forms_order_with_their_place_on_the_page(form_reader, forms, filled):
    reading = form_reader.read(filled("survey").gray)
    assert [one.name for one in reading.fields] == [one.name for one in forms["survey"].places]
    left, top, right, bottom = np.array(forms["survey"].fields[0].box) * 200 / 25.4
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    assert reading.fields[0].corners == pytest.approx(np.array(corners), abs=3)


def test_a_batch_of_pages_is_read_as_one_by_one(form_reader, filled):
    pages = [filled("survey").gray, np.full((1000, 700), 250, np.uint8), filled("meters").gray]
    together = form_reader.read_many(pages)
    assert [reading.form for reading in together] == ["survey", "", "meters"]
    for one, alone in zip(together, map(form_reader.read, pages), strict=True):
        assert [f.value for f in one.fields] == [f.value for f in alone.fields]


def test_a_page_of_no_form_is_never_read(form_reader, filled):
    reading = form_reader.read(filled("order").gray)
    assert (reading.form, reading.status, reading.fields) == ("", "unreadable", ())
    assert reading.reason.startswith("fits no form of survey, meters")


def test_forms_need_names_of_their_own(forms, reader):
    with pytest.raises(ValueError, match="names of their own"):
        FormReader([forms["survey"], forms["survey"]], reader)


def test_a_pickled_reader_loads_its_blanks_again(form_reader):
    data = pickle.dumps(form_reader.__reduce__()[1][0])
    assert len(data) < 20_000
    again = FormReader(pickle.loads(data), form_reader.reader)
    assert np.array_equal(again.templates[0].gray, form_reader.templates[0].gray)
