"""What a page's fields say together."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.forms.form import Field, Form
from pipeline.forms.reading import FieldReading, page_reading
from pipeline.forms.rules import Rules
from pipeline.reading import Reading


@pytest.fixture
def form():
    names, rules = ("a", "b", "total"), (Rules(), Rules(range=(0, 50)), Rules(sum_of=("a", "b")))
    boxes = [(10, 10 + 20 * k, 40, 20 + 20 * k) for k in range(3)]
    fields = tuple(Field(name, box, (1, 3), rule) for name, box, rule in zip(names, boxes, rules, strict=True))
    return Form("bill", Path("blank.png"), (210, 297), fields)


def said(name, number, status="accept", reason=""):
    reading = Reading(number, status, reason, 0.99)
    return FieldReading(name, number, status, reason, 0.99, np.zeros((4, 2)), reading)


def test_a_page_whose_fields_are_all_accepted_is(form):
    page = page_reading(form, (said("a", "12"), said("b", "30"), said("total", "042")), 0.9)
    assert (page.form, page.status, page.reason) == ("bill", "accept", "")


def test_a_sum_that_is_wrong_sends_all_its_fields_to_a_person(form):
    page = page_reading(form, (said("a", "12"), said("b", "30"), said("total", "43")), 0.9)
    assert {one.name: one.status for one in page.fields} == dict.fromkeys(("a", "b", "total"), "review")
    why = "43 is not the sum of a, b: 12 + 30"
    assert [one.reason for one in page.fields] == [f"total: {why}", f"total: {why}", why]
    assert page.status == "review"


def test_a_sum_with_an_unread_part_is_for_a_person(form):
    fields = (said("a", "", "unreadable", "blank image"), said("b", "30"), said("total", "42"))
    page = page_reading(form, fields, 0.9)
    assert [one.status for one in page.fields] == ["unreadable", "accept", "review"]
    assert page.reason == "a: blank image; total: cannot be checked: a was not read"


def test_a_number_out_of_range_keeps_the_readers_own_doubt(form):
    form = replace(form, fields=form.fields[:2])
    page = page_reading(form, (said("a", "12"), said("b", "70", "review", "the cut is uncertain")), 0.9)
    assert page.fields[1].reason == "the cut is uncertain"
    page = page_reading(form, (said("a", "12"), said("b", "70")), 0.9)
    assert (page.fields[1].status, page.fields[1].reason) == ("review", "70 is not within 0 to 50")
