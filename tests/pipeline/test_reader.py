"""From an image to a reading."""

import csv
import inspect
import io
import re
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, KFold

from pipeline import NumberReader
from pipeline.decision.profile import Acceptance
from pipeline.readers import WAYS
from segmenter import Segmenter

EXAMPLES = Path(__file__).parent.parent.parent / "examples"


@pytest.mark.parametrize("label", ["427", "007", "112", "777", "965"])
def test_a_clean_field_is_read_and_accepted(reader, field, label):
    reading = reader.read(field(label, rows=(31, 28, 25))[0])
    assert (reading.number, reading.status, reading.reason) == (label, "accept", "")
    assert [digit.value for digit in reading.digits] == [int(d) for d in label]
    assert 0.9 < reading.confidence <= 1
    assert set(reading.by_reader.values()) == {label}
    assert {"segmented", "field"} <= set(reading.by_reader)


@pytest.mark.parametrize("label", ["427", "007", "112", "777", "965"])
def test_digits_strewn_over_the_rows_are_read_but_may_be_for_review(reader, field, label):
    """They may be more than one number."""
    reading = reader.read(field(label, rows=(3, 50, 20))[0])
    assert reading.number == label
    assert reading.status in ("accept", "review")


def test_every_kind_of_source_reads_the_same(reader, field, tmp_path):
    image = field("427")[0]
    picture = Image.fromarray(image)
    picture.save(tmp_path / "field.png")
    stored = io.BytesIO()
    picture.save(stored, "PNG")
    sources = [image, picture, tmp_path / "field.png", str(tmp_path / "field.png"), stored.getvalue(), 255 - image]
    assert {reader.read(source).number for source in sources} == {"427"}


def test_boxes_lie_around_the_digits(reader, field):
    reading = reader.read(field("427", rows=(0, 28, 56))[0])
    for k, digit in enumerate(reading.digits):
        left, top, right, bottom = digit.box
        assert 28 * k <= left < right <= 28 * (k + 1)
        assert 28 * k <= top < bottom <= 28 * (k + 1)


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_a_blank_page_is_unreadable(reader, shade):
    reading = reader.read(np.full((60, 200), shade, np.uint8))
    assert (reading.number, reading.status, reading.reason) == ("", "unreadable", "blank image")
    assert reading.digits == ()


def test_one_digit_is_one_digit(reader, row_of):
    reading = reader.read(row_of("4"))
    assert (reading.status, reading.number, reading.reason) == ("unreadable", "", "found 1 digit: 4")


@pytest.mark.parametrize("n", [2, 4, 5])
def test_other_counts_are_found_and_never_accepted(reader, row_of, n):
    rng = np.random.default_rng(n)
    labels = ["".join(map(str, rng.integers(0, 10, n))) for _ in range(30)]
    readings = list(reader.read_many(map(row_of, labels)))
    assert "accept" not in {reading.status for reading in readings}
    counted = [reading.reason.startswith(f"found {n} digits") for reading in readings]
    assert np.mean(counted) > 0.5  # the others are handed to a person
    for reading, count in zip(readings, counted, strict=True):
        if reading.status == "unreadable":
            assert (reading.number, reading.digits) == ("", ())  # never padded
            assert count or "found" in reading.reason


def test_noise_is_not_accepted(reader):
    noise = np.random.default_rng(0).integers(0, 256, (80, 200), dtype=np.uint8)
    assert reader.read(noise).status != "accept"


def test_touching_digits_are_cut(reader, digit):
    canvas = np.zeros((40, 76), np.uint8)
    for k, value in enumerate("507"):
        view = canvas[6:34, 4 + 19 * k : 32 + 19 * k]
        np.maximum(view, digit(value, 1), out=view)
    segmentation = reader.segment(canvas)
    assert segmentation.cuts
    assert reader.read(canvas).number == "507"


def test_a_stream_is_read_in_order_and_in_parts(reader, field):
    labels = ["427", "007", "315", "898", "260"]
    images = (field(label)[0] for label in labels)
    assert [reading.number for reading in reader.read_many(images, batch_size=2)] == labels


def test_what_is_no_image_raises(reader):
    with pytest.raises(ValueError, match="no image"):
        reader.read(b"text")
    with pytest.raises(TypeError, match="Received: int"):
        reader.read(3)
    with pytest.raises(OSError, match="nowhere"):
        reader.read("nowhere.png")


def test_a_field_that_doubts_is_handed_to_a_person(segmented_reader, field):
    reading = clone(segmented_reader).set_params(accept_precision=1 - 1e-9).read(field("427")[0])
    assert (reading.number, reading.status) == ("427", "review")
    assert re.fullmatch(r"low confidence on digit [123] \([01]\.\d{3}\)", reading.reason)


def test_the_package_alone_reads_and_accepts_at_a_precision_that_it_promises(field):
    shipped = NumberReader.pretrained()
    assert (shipped.reader, shipped.profile, shipped.accept_precision) == ("fused", None, 0.99)
    readings = list(shipped.set_params(accept_precision=0.9).read_many(field(label)[0] for label in ("427", "315")))
    assert [(reading.number, reading.status) for reading in readings] == [("427", "accept"), ("315", "accept")]


def test_the_sample_images_are_read(reader):
    with (EXAMPLES / "labels.csv").open(newline="") as file:
        truth = {row["path"]: row["number"] for row in csv.DictReader(file)}
    readings = list(reader.read_many(EXAMPLES / name for name in truth))
    right = [reading.number == number for reading, number in zip(readings, truth.values(), strict=True)]
    assert np.mean(right) > 0.85
    assert all(ok for reading, ok in zip(readings, right, strict=True) if reading.status == "accept")
    assert sum(reading.status == "accept" for reading in readings) > len(truth) / 2


def test_it_is_an_estimator(profile):
    reader = NumberReader.pretrained(blur_sigma=0.01)
    assert reader.get_params()["segmenter__blur_sigma"] == 0.01
    assert isinstance(clone(reader).segmenter, Segmenter)
    with pytest.raises(ValueError, match=r"'blurr'"):
        NumberReader.pretrained().segmenter.set_params(blurr=1)
    reader.set_params(profile=profile, accept_precision=0.95, segmenter__cut_generators=("seam",))
    copy = clone(reader).get_params()
    assert copy["profile"].acceptance == profile.acceptance
    assert copy["segmenter__cut_generators"] == ("seam",)
    assert (copy["accept_precision"], copy["reader"]) == (0.95, "fused")
    assert set(copy) >= set(inspect.signature(NumberReader).parameters)


def test_scikit_learn_searches_the_segmentation(field):
    labels = ["427", "007", "315", "898"]
    images = [field(label)[0] for label in labels]
    search = GridSearchCV(
        NumberReader.pretrained(reader="segmented"), {"segmenter__min_contrast": [24, 255]}, cv=KFold(2)
    )
    search.fit(images, labels)
    assert search.best_params_ == {"segmenter__min_contrast": 24}
    assert search.best_score_ > search.cv_results_["mean_test_score"].min()


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"accept_precision": float("nan")}, r"`accept_precision` should lie in \[0, 1\). Received: nan"),
        ({"accept_precision": 1}, r"`accept_precision` should lie in \[0, 1\). Received: 1"),
        ({"accept_precision": "x"}, "`accept_precision` should be a number. Received: 'x'"),
        ({"profile": "mine.json"}, "`profile` should be a Profile. Received: 'mine.json'"),
        ({"reader": "both"}, r"`reader` should be one of \['fused', 'segmented', 'field', 'whole'\]. Received: 'both'"),
        ({"field_classifier": None}, "`field_classifier` should have `predict_proba`"),
        ({"number_classifier": None}, "`number_classifier` should have `predict_proba`"),
        ({"segmenter": 3}, "`segmenter` should be a Segmenter. Received: 3"),
        ({"classifier": None}, "`classifier` should have `predict_proba`"),
        ({"digits": 7}, "`digits` should lie between 1 and 6. Received: 7"),
        ({"digits": "3"}, r"`digits` should be a number or a pair of them, such as \(1, 6\). Received: '3'"),
        ({"reader": "whole", "digits": 4}, "whole-image reader reads three digits. Received: digits=4"),
    ],
)
def test_bad_parameters_are_named(field, params, words):
    reader = NumberReader.pretrained().set_params(**params)
    with pytest.raises((ValueError, TypeError), match=words):
        reader.fit()


def test_one_path_is_no_stream_of_images(reader):
    with pytest.raises(TypeError, match="iterable of images. Received one str"):
        list(reader.read_many("folder"))


def test_a_batch_size_below_one_is_refused(reader):
    with pytest.raises(ValueError, match="Received: 0"):
        list(reader.read_many([], batch_size=0))


def test_the_first_alternative_has_the_confidence(reader, row_of):
    reading = reader.read(row_of("427"))
    assert reading.alternatives()[0] == (reading.number, pytest.approx(reading.confidence))


def test_single_digits_are_never_accepted(reader, digits):
    for digit in digits[0][::3]:
        page = cv2.resize(np.pad(digit, 12), None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
        assert reader.read(page).status != "accept"


def test_a_reading_does_not_change_with_the_array_it_came_from(reader, field):
    image = field("427")[0].copy()
    segmentation = reader.segment(image)
    before = segmentation.gray.copy()
    image[:] = 0
    np.testing.assert_array_equal(segmentation.gray, before)


def test_alternatives_come_in_order(reader, field):
    alternatives = reader.read(field("427")[0]).alternatives(4)
    assert alternatives[0][0] == "427"
    shares = [share for _, share in alternatives]
    assert shares == sorted(shares, reverse=True)
    assert len({number for number, _ in alternatives}) == 4


def test_readings_in_a_batch_are_those_of_the_images_alone(reader, field, row_of):
    images = [field("427")[0], np.zeros((84, 84), np.uint8), row_of("47"), row_of("898"), field("007", (3, 50, 20))[0]]
    together = list(reader.read_many(images))
    for image, reading in zip(images, together, strict=True):
        alone = reader.read(image)
        for name in ("number", "status", "reason", "by_reader"):
            assert getattr(alone, name) == getattr(reading, name)
        assert alone.confidence == pytest.approx(reading.confidence, abs=1e-3)
    assert [reading.number for reading in together[:2]] == ["427", ""]


@pytest.mark.parametrize("way", WAYS)
def test_each_reader_is_accepted_by_its_own_promise(reader, profile, row_of, way):
    nothing = Acceptance(measured_on=10, n=0, wrong=())
    for promised, status in ((way, "accept"), (None, "review")):
        acceptance = {name: profile.acceptance[name] if name == promised else nothing for name in WAYS}
        own = clone(reader).set_params(
            reader=way, profile=replace(profile, acceptance=acceptance), accept_precision=0.9
        )
        assert own.read(row_of("898")).status == status


def test_a_stricter_precision_accepts_less(reader, field, row_of):
    images = [field("427")[0], row_of("898")]
    strict = clone(reader).set_params(accept_precision=1 - 1e-9)
    assert {reading.status for reading in strict.read_many(images)} == {"review"}
    assert [r.number for r in strict.read_many(images)] == [r.number for r in reader.read_many(images)]
