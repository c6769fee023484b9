"""How the fused reader weighs its two sources: what it asks, whom it believes."""

import numpy as np
import pytest
from sklearn.base import clone


class Fixed:
    """A network that gives the same answer for every image, and counts what it was asked."""

    def __init__(self, answer):
        self.answer = np.asarray(answer, np.float32)
        self.asked = 0

    def predict_proba(self, images):
        self.asked += len(images)
        return np.repeat(self.answer[None], len(images), axis=0)


@pytest.fixture
def with_whole(reader, probabilities):
    """Function: the fused reader with a whole-image network that reads this number, whatever it sees."""

    def make(number, p=0.99):
        network = Fixed(probabilities(*((int(value), p) for value in number)))
        return clone(reader).set_params(classifier=reader.classifier, number_classifier=network)

    return make


def test_the_second_reader_is_asked_only_where_the_first_is_not_sure(with_whole, field, monkeypatch):
    image = field("427", rows=(28, 28, 28))[0]
    both = with_whole("427")
    monkeypatch.setattr("pipeline.decision.decide.SURE", 0.0)
    assert both.read(image).by_reader == {"segmented": "427"}
    assert both.number_classifier.asked == 0
    monkeypatch.setattr("pipeline.decision.decide.SURE", 1.0)
    assert both.read(image).by_reader == {"segmented": "427", "whole": "427"}
    assert both.number_classifier.asked == 1


def test_readers_that_disagree_are_for_review(with_whole, field, monkeypatch):
    monkeypatch.setattr("pipeline.decision.decide.SURE", 1.0)
    reading = with_whole("421", 0.6).set_params(accept_precision=0.0).read(field("427")[0])
    assert (reading.number, reading.status) == ("427", "review")
    assert reading.reason == "the readers disagree: 427 or 421"
    assert reading.by_reader == {"segmented": "427", "whole": "421"}


def test_a_clear_whole_image_outweighs_doubtful_crops(with_whole, field, monkeypatch):
    monkeypatch.setattr("pipeline.decision.decide.SURE", 1.0)
    reader = with_whole("421", 0.9999)
    reader.set_params(classifier=Fixed(np.where(np.arange(10) == 7, 0.19, 0.09)))
    reading = reader.read(field("427")[0])
    assert (reading.number, reading.status) == ("421", "review")
    assert {digit.value for digit in reading.digits} == {4, 2, 1}


@pytest.mark.parametrize(("p", "status"), [(0.6, "unreadable"), (0.95, "review")])
def test_one_digit_is_padded_for_no_one_but_a_sure_second_reader(with_whole, row_of, p, status):
    reading = with_whole("427", p).read(row_of("4"))
    assert (reading.status, reading.reason) == (status, "found 1 digit: 4")
    assert reading.number == ("427" if status == "review" else "")
    assert reading.by_reader == {"segmented": "", "whole": "427"}


def test_a_blank_page_has_no_number_whatever_the_networks_say(with_whole):
    reading = with_whole("427", 0.9999).read(np.full((60, 200), 255, np.uint8))
    assert (reading.number, reading.status, reading.reason) == ("", "unreadable", "blank image")
