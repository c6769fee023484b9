"""What stands beside a number, and writing that is hard to see: who notices it, and what is accepted all the same."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from sklearn.base import clone

from pipeline.decision.confidence import NAMES, Confidence

MARKS = {"minus": (2, 44, 16, 51), "point": (-16, 66, -8, 74)}


@pytest.fixture(scope="module")
def careful(reader, profile):
    """The fused reader with a confidence that heeds, as a fitted one does, what is seen beside the digits, too."""
    weights = {"all": 1.0, "certainty": 1.0, "count": 1.0, "plain": 10.0}
    heeds = Confidence(0.0, tuple(weights.get(name, 0.0) for name in NAMES))
    return clone(reader).set_params(profile=replace(profile, confidence=dict.fromkeys(profile.confidence, heeds)))


@pytest.fixture
def marked(row_of):
    """Function: 427 with one of the marks beside it, or with none, so many times as large."""

    def make(name, times=1.0):
        image = np.pad(row_of("427"), ((0, 0), (40, 44)), constant_values=255)
        if name:
            left, top, right, bottom = MARKS[name]
            image[top:bottom, left:right] = 0
        return cv2.resize(image, None, fx=times, fy=times, interpolation=cv2.INTER_AREA)

    return make


@pytest.fixture
def apart(row_of):
    """Function: 4 and 27 with so much more paper between them."""

    def make(gap):
        return np.hstack([row_of("4"), np.full((96, gap), 255, np.uint8), row_of("27")])

    return make


def plain(reader, image):
    """The field reader's probability that there is no other writing."""
    return reader.opinions([reader.segment(image)])[0].by_source["field"][0].plain


@pytest.mark.parametrize("times", [1, 2.5], ids=["small", "large"])  # large writing is looked at twice
@pytest.mark.parametrize("mark", MARKS)
def test_any_mark_beside_the_number_keeps_the_segmented_reader_from_accepting(segmented_reader, marked, mark, times):
    trusting = clone(segmented_reader).set_params(accept_precision=0)
    assert trusting.read(marked("", times)).status == "accept"
    reading = trusting.read(marked(mark, times))
    assert (reading.number, reading.status) == ("427", "review")
    assert reading.reason == "ink beside the number was left out"


@pytest.mark.parametrize("times", [1, 2.5], ids=["small", "large"])
def test_a_minus_beside_the_number_is_other_writing(careful, marked, times):
    assert plain(careful, marked("minus", times)) < 0.75 < plain(careful, marked("", times))
    reading = careful.read(marked("minus", times))
    assert reading.status != "accept"
    assert "beside the number" in reading.reason
    assert careful.read(marked("", times)).status == "accept"


@pytest.mark.parametrize("times", [1, 2.5], ids=["small", "large"])
def test_a_point_beside_the_number_leaves_it_what_it_is(careful, marked, times):
    reading = careful.read(marked("point", times))
    assert (reading.number, reading.status, reading.reason) == ("427", "accept", "")
    assert set(reading.by_reader.values()) == {"427"}


def test_the_profile_of_the_package_does_not_take_a_minus_for_nothing(reader, marked):
    """Whatever its thresholds are: the confidence in a number with a minus is lower than in one with a point."""
    shipped = clone(reader).set_params(profile=None)
    with_minus, with_none = (shipped.read(marked(name)).confidence for name in ("minus", ""))
    assert with_minus < shipped.read(marked("point")).confidence
    assert with_minus < with_none


def test_digits_far_apart_may_be_two_numbers(careful, segmented_reader, apart):
    trusting = clone(segmented_reader).set_params(accept_precision=0)
    for reader in (careful, trusting):
        assert reader.read(apart(10)).status == "accept"
        assert reader.read(apart(260)).status != "accept"
    reading = trusting.read(apart(260))
    assert (reading.number, reading.status) == ("427", "review")
    assert reading.reason == "the digits stand far apart: maybe more than one number"


def test_a_one_at_the_edge_is_not_taken_for_a_dark_margin(careful, segmented_reader, field):
    image = np.pad(field("427")[0][26:58], ((0, 0), (8, 4)))
    image[4:27, :3] = 255
    assert segmented_reader.read(image).reason == "found 4 digits: 1 4 2 7"
    reading = careful.read(image)
    assert (reading.status, reading.reason) == ("review", "a digit touches the edge of the image: it may be cut off")
    image[:, :3] = 255
    assert segmented_reader.read(image).number == careful.read(image).number == "427"


@pytest.mark.parametrize(("paper", "what"), [(20, "paper too dark"), (220, "ink too faint")])
def test_writing_that_can_hardly_be_told_from_the_paper_is_read_by_the_field_reader_alone(
    reader, segmented_reader, whole_reader, field, paper, what
):
    image = (paper - field("427")[0] / 255 * 15).astype(np.uint8)
    reason = f"blank image, or {what}: 15 gray levels between lightest and darkest"
    for blind in (segmented_reader, whole_reader):
        reading = blind.read(image)
        assert (reading.number, reading.status, reading.reason) == ("", "unreadable", reason)
    reading = clone(reader).set_params(accept_precision=0).read(image)
    assert reading.by_reader == {"segmented": "", "field": "427", "whole": ""}
    assert (reading.number, reading.status, reading.reason) == ("427", "review", reason)
