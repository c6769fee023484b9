"""The reader that looks at the whole image."""

import pickle

import cv2
import numpy as np
import pytest
from sklearn.base import clone

from classifier.cascade import predict_shifted
from pipeline import NumberReader
from segmenter import fit_canvas


@pytest.fixture(scope="module")
def fields(field):
    """30 clean fields 84x84 and their numbers."""
    rng = np.random.default_rng(0)
    labels = [f"{n:03d}" for n in rng.integers(0, 1000, 30)]
    return [field(label, rng.integers(0, 57, 3), k)[0] for k, label in enumerate(labels)], labels


def dark_on_paper(field):
    """Three times as large, dark ink on white."""
    return 255 - cv2.resize(field, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)


@pytest.mark.parametrize("seen_as", [np.array, dark_on_paper])
def test_most_clean_fields_are_read(whole_reader, fields, seen_as):
    images, labels = fields
    assert whole_reader.score([seen_as(image) for image in images], labels) > 0.7


def test_a_reading_has_digits_without_boxes(whole_reader, field):
    reading = whole_reader.read(field("427")[0])
    assert [digit.value for digit in reading.digits] == [int(value) for value in reading.number]
    assert {digit.box for digit in reading.digits} == {None}
    assert reading.status in ("accept", "review")
    assert reading.by_reader == {"whole": reading.number}
    assert reading.probabilities.shape == (3, 10)
    assert reading.alternatives()[0] == (reading.number, pytest.approx(reading.confidence))


def test_what_is_accepted_is_what_is_more_confident_than_the_profile_asks(whole_reader, fields):
    """The profile of these tests has the product of the three for a confidence, and asks for 0.9."""
    for reading in whole_reader.read_many(fields[0]):
        product = np.prod([digit.probability for digit in reading.digits])
        assert reading.confidence == pytest.approx(product, abs=1e-3)
        assert reading.status == ("accept" if reading.confidence > 0.9 else "review")


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_a_blank_page_is_unreadable(whole_reader, shade):
    reading = whole_reader.read(np.full((60, 200), shade, np.uint8))
    assert (reading.number, reading.status, reading.reason) == ("", "unreadable", "blank image")
    assert (reading.digits, reading.confidence) == ((), 0)


def test_a_mark_beside_the_number_hands_it_to_a_person(whole_reader, row_of):
    image = np.pad(row_of("427"), ((0, 0), (20, 24)), constant_values=255)
    trusting = clone(whole_reader).set_params(accept_precision=0)
    assert trusting.read(image).status == "accept"
    image[44:51, 2:16] = 0
    reading = trusting.read(image)
    assert (reading.status, reading.reason) == ("review", "ink beside the number was left out")


def test_doubt_names_the_weakest_digit(whole_reader, field, monkeypatch):
    monkeypatch.setattr("pipeline.decision.decide.PLAIN", 1.0)
    reading = clone(whole_reader).set_params(accept_precision=1 - 1e-9).read(field("427")[0])
    weakest = 1 + int(np.argmin([digit.probability for digit in reading.digits]))
    assert reading.status == "review"
    assert f"low confidence on digit {weakest}" in reading.reason


def test_a_stream_is_read_in_order_and_in_parts(whole_reader, fields):
    images = [np.zeros((84, 84), np.uint8), *fields[0][:4]]
    singly = [whole_reader.read(image).number for image in images]
    assert [r.number for r in whole_reader.read_many(iter(images), batch_size=2)] == singly
    assert singly[0] == ""
    assert whole_reader.predict(images).tolist() == singly
    assert list(whole_reader.read_many([])) == []


@pytest.mark.parametrize("make", [clone, lambda reader: pickle.loads(pickle.dumps(reader))], ids=["clone", "pickle"])
def test_a_copy_reads_the_same(whole_reader, field, make):
    image = field("315")[0]
    copy = make(whole_reader)
    assert copy is not whole_reader
    np.testing.assert_array_equal(copy.read(image).probabilities, whole_reader.read(image).probabilities)


def test_only_the_networks_that_are_needed_are_loaded(reader, whole_reader):
    assert reader.reader == "fused"
    assert None not in (reader.classifier, reader.field_classifier, reader.number_classifier)
    segmented, field = (NumberReader.pretrained(reader=way) for way in ("segmented", "field"))
    assert (segmented.field_classifier, segmented.number_classifier) == (None, None)
    assert (field.reader, field.classifier, field.number_classifier) == ("field", None, None)
    assert (whole_reader.reader, whole_reader.classifier, whole_reader.field_classifier) == ("whole", None, None)


def test_parameters_of_the_segmenter_reach_it(field):
    reader = NumberReader.pretrained(reader="whole", max_pixels=100)
    assert reader.get_params()["segmenter__max_pixels"] == 100
    with pytest.raises(ValueError, match="at most 100 pixels"):
        reader.read(field("427")[0])
    assert reader.set_params(segmenter__max_pixels=84 * 84).read(field("427")[0]).number


def test_one_reader_with_all_networks_can_be_switched(reader, whole_reader, field):
    every = NumberReader(
        reader.classifier,
        field_classifier=reader.field_classifier,
        number_classifier=whole_reader.number_classifier,
    )
    image = field("427", rows=(3, 50, 20))[0]
    assert {"segmented", "field"} <= set(every.read(image).by_reader)
    assert every.set_params(reader="segmented").read(image).by_reader == {"segmented": "427"}
    assert every.set_params(reader="field").read(image).by_reader == {"field": "427"}
    assert list(every.set_params(reader="whole").read(image).by_reader) == ["whole"]


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        ("whole", "`number_classifier`"),
        ("field", "`field_classifier`"),
        ("segmented", "`classifier`"),
        ("fused", "`classifier`"),
    ],
)
def test_a_missing_network_is_named(field, kind, missing):
    with pytest.raises(TypeError, match=f"^{missing} should have `predict_proba`. Received: None"):
        NumberReader(reader=kind).read(field("427")[0])


def test_an_unknown_reader_is_refused(whole_reader):
    words = r"`reader` should be one of \['fused', 'segmented', 'field', 'whole'\]. Received: 'psychic'"
    with pytest.raises(ValueError, match=words):
        NumberReader.pretrained(reader="psychic")
    with pytest.raises(ValueError, match=words):
        clone(whole_reader).set_params(reader="psychic").fit()


def test_the_reader_takes_the_mean_answer(whole_reader, row_of):
    images = [row_of(label) for label in ("427", "905", "118", "333")]
    for image in images:  # a stroke through the number
        cv2.line(image, (10, 12), (image.shape[1] - 14, image.shape[0] - 10), 0, 3)
    canvases = np.stack([fit_canvas(whole_reader.segment(image)) for image in images])
    network = whole_reader.number_classifier
    once, expected = network.predict_proba(canvases), predict_shifted(network, canvases)
    assert not np.allclose(once, expected)
    answers = [reading.probabilities for reading in whole_reader.read_many(images)]
    np.testing.assert_allclose(answers, expected, atol=1e-6)
