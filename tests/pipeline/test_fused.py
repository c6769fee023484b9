"""How the fused reader weighs its three sources: what it asks, whom it believes."""

import numpy as np
import pytest
from sklearn.base import clone

from classifier.ctc import N_SYMBOLS, NOTHING, OTHER


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


def columns(symbols, p=0.999):
    """What a field network says that reads these symbols, 'x' for other writing, with nothing between."""
    answer = np.zeros((2 * len(symbols) + 1, N_SYMBOLS), np.float32)
    answer[::2, NOTHING] = 1
    for k, symbol in enumerate(symbols):
        answer[2 * k + 1, :NOTHING] = (1 - p) / (NOTHING - 1)
        answer[2 * k + 1, OTHER if symbol == "x" else int(symbol)] = p
    return answer


def test_the_third_source_is_asked_only_where_the_first_two_are_not_sure(with_whole, field, monkeypatch):
    image = field("427", rows=(28, 28, 28))[0]
    fused = with_whole("427").set_params(field_classifier=Fixed(columns("427")))
    monkeypatch.setattr("pipeline.decision.decide.SURE", 0.0)
    assert list(fused.read(image).by_reader.items()) == [("segmented", "427"), ("field", "427")]
    assert fused.number_classifier.asked == 0
    asked = fused.opinions([fused.segment(image)], ask_all=True)[0]
    assert list(asked.by_source) == ["segmented", "field", "whole"]
    assert fused.number_classifier.asked == 1
    monkeypatch.setattr("pipeline.decision.decide.SURE", 1.0)
    three = [("segmented", "427"), ("field", "427"), ("whole", "427")]
    assert list(fused.read(image).by_reader.items()) == three
    assert fused.number_classifier.asked == 2
    monkeypatch.setattr("pipeline.decision.decide.SURE", 0.0)
    monkeypatch.setattr("pipeline.decision.decide.SURE_FIELD", 1.0)
    assert list(fused.read(image).by_reader.items()) == three
    assert fused.number_classifier.asked == 3


def test_a_field_reader_that_gives_another_number_is_not_sure(with_whole, field, monkeypatch):
    monkeypatch.setattr("pipeline.decision.decide.SURE", 0.0)
    fused = with_whole("427").set_params(field_classifier=Fixed(columns("421")), accept_precision=0.0)
    reading = fused.read(field("427")[0])
    assert fused.number_classifier.asked == 1
    assert (reading.status, reading.reason) == ("review", "the readers disagree: 427 or 421")
    assert reading.by_reader == {"segmented": "427", "field": "421", "whole": "427"}


def test_readers_that_disagree_are_for_review(with_whole, field, monkeypatch):
    monkeypatch.setattr("pipeline.decision.decide.SURE", 1.0)
    reading = with_whole("421", 0.6).set_params(accept_precision=0.0).read(field("427")[0])
    assert (reading.number, reading.status) == ("427", "review")
    assert reading.reason == "the readers disagree: 427 or 421"
    assert reading.by_reader == {"segmented": "427", "field": "427", "whole": "421"}


def test_a_clear_whole_image_outweighs_doubtful_crops_and_columns(with_whole, field, monkeypatch):
    monkeypatch.setattr("pipeline.decision.decide.SURE", 1.0)
    reader = with_whole("421", 0.9999)
    crops, doubtful = np.where(np.arange(10) == 7, 0.19, 0.09), Fixed(columns("427", 0.5))
    reader.set_params(classifier=Fixed(crops), field_classifier=doubtful, accept_precision=0.0)
    reading = reader.read(field("427")[0])
    assert (reading.number, reading.status) == ("421", "review")
    assert {digit.value for digit in reading.digits} == {4, 2, 1}


@pytest.mark.parametrize("p", [0.6, 0.95, 0.9999])
def test_one_digit_is_padded_for_no_whole_image_network_however_sure(with_whole, row_of, p):
    reading = with_whole("427", p).set_params(accept_precision=0.0).read(row_of("4"))
    assert (reading.number, reading.status, reading.reason) == ("", "unreadable", "found 1 digit: 4")
    assert reading.by_reader == {"segmented": "", "field": "", "whole": "427"}


def test_a_number_of_which_the_field_reader_sees_another_count_is_for_review_and_says_so(with_whole, field):
    fused = with_whole("427", 0.9999).set_params(field_classifier=Fixed(columns("4427")), accept_precision=0.0)
    reading = fused.read(field("427")[0])
    assert (reading.number, reading.status, reading.reason) == ("427", "review", "found 4 digits: 4 4 2 7")
    assert reading.by_reader == {"segmented": "427", "field": "", "whole": "427"}


def test_the_field_readers_count_is_believed_where_only_the_whole_image_network_sees_a_number(with_whole, row_of):
    fused = with_whole("427", 0.9999).set_params(field_classifier=Fixed(columns("4427")), accept_precision=0.0)
    reading = fused.read(row_of("4"))
    assert (reading.number, reading.status, reading.reason) == ("", "unreadable", "found 4 digits: 4 4 2 7")


def test_other_writing_is_a_doubt_that_only_the_field_reader_has(with_whole, field):
    fused = with_whole("427").set_params(field_classifier=Fixed(columns("427x")), accept_precision=1 - 1e-9)
    reading = fused.read(field("427")[0])
    assert (reading.number, reading.status) == ("427", "review")
    assert reading.reason == "other writing beside the number"
    assert set(reading.by_reader.values()) == {"427"}


def test_a_blank_page_has_no_number_whatever_the_whole_image_network_says(with_whole):
    reading = with_whole("427", 0.9999).set_params(accept_precision=0.0).read(np.full((60, 200), 255, np.uint8))
    assert (reading.number, reading.status, reading.reason) == ("", "unreadable", "blank image")
    assert reading.by_reader["field"] == reading.by_reader["segmented"] == ""
