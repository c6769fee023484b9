"""The images that the package's own profile is made from."""

from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest

from pipeline.calibrate import images as made
from pipeline.calibrate.images import CALIBRATED_ON, MANY, MANY_TIMES, NO_NUMBERS, calibration_images, trained_kinds
from pipeline.synth.compose import KEPT_OUT, KINDS

EACH = 6


@pytest.fixture(scope="module")
def composed(digits):
    """Kind -> images and numbers, and the fields that were composed on the way."""
    fields, compose = [], made.compose_field

    def noting(*args, **options):
        fields.append(compose(*args, **options))
        return fields[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(made, "compose_field", noting)
        parts = list(calibration_images(*digits, EACH, seed=3))
    return parts, fields


def test_every_trained_kind_is_there_once_and_no_kept_out_one(composed):
    parts, fields = composed
    every = {name for names in KINDS.values() for name in names}
    names = [kind for kind, _, _ in parts]
    assert names == [*CALIBRATED_ON, *trained_kinds(), *[MANY] * MANY_TIMES, "no number"]
    assert set(trained_kinds()) == every - KEPT_OUT
    shown = {kind for field in fields for kind in field.kinds}
    assert not shown & KEPT_OUT
    assert shown >= set(trained_kinds())


def test_there_are_as_many_of_each_as_it_says(composed):
    counts = Counter()
    for kind, images, _ in composed[0]:
        counts[kind] += len(images)
    assert counts == dict.fromkeys(CALIBRATED_ON, EACH) | dict.fromkeys(trained_kinds(), EACH // 6) | {
        MANY: MANY_TIMES * EACH, "no number": NO_NUMBERS * EACH,
    }  # fmt: skip
    for kind, images, numbers in composed[0]:
        assert len(numbers) == len(images), kind
        assert numbers.dtype == "<U3"
        assert all(image.dtype == np.uint8 and image.ndim == 2 for image in images)


def test_a_field_of_each_kind_shows_it(composed):
    for kind, field in zip(trained_kinds(), composed[1], strict=False):
        assert kind in field.kinds


def test_more_or_less_than_a_number_of_three_digits_is_labelled_as_none(composed):
    """Other counts, other writing beside the number, and what was struck out."""
    numbers = np.concatenate([numbers for kind, _, numbers in composed[0] if kind in {*trained_kinds(), MANY}])
    fields = composed[1]
    for field, number in zip(fields, numbers.tolist(), strict=True):
        plain = field.sequence.isdecimal() and len(field.sequence) == 3
        assert number == (field.number if plain else "")
    labelled = Counter(("x" in field.sequence, len(field.number) == 3) for field in fields)
    assert len(labelled) == 4  # each of them occurs
    assert "" not in numbers[[field.sequence == field.number and len(field.number) == 3 for field in fields]]


@pytest.mark.parametrize(
    ("sequence", "label"),
    [("427", "427"), ("007", "007"), ("x427", ""), ("427x", ""), ("4x27", ""), ("42", ""), ("4270", ""), ("x", "")],
)
def test_the_label_goes_by_everything_that_the_field_shows(digits, monkeypatch, sequence, label):
    shown = SimpleNamespace(image=np.zeros((64, 128), np.uint8), sequence=sequence, number=sequence.replace("x", ""))
    monkeypatch.setattr(made, "compose_field", lambda *_, **__: shown)
    monkeypatch.setattr(made, "CALIBRATED_ON", ())
    parts = {kind: numbers.tolist() for kind, _, numbers in calibration_images(*digits, EACH, seed=0)}
    assert set(parts.pop("no number")) == {""}
    assert {number for numbers in parts.values() for number in numbers} == {label}


def test_three_digits_are_asked_for_three_times_of_four():
    rng = np.random.default_rng(0)
    counts = Counter(len(made._number(rng)) for _ in range(4000))
    assert set(counts) == {1, 2, 3, 4, 5, 6}
    assert counts[3] == pytest.approx(3000, abs=120)


def test_of_the_fewest_images_each_kind_has_one(digits):
    """A kind without any would have no opinions to join."""
    for kind, images, numbers in calibration_images(*digits, 1, seed=0):
        assert len(images) == len(numbers) >= 1, kind


def test_a_seed_fixes_every_pixel(digits, composed):
    again = list(calibration_images(*digits, EACH, seed=3))
    for (_, images, numbers), (_, other, theirs) in zip(composed[0], again, strict=True):
        assert numbers.tolist() == theirs.tolist()
        for one, two in zip(images, other, strict=True):
            np.testing.assert_array_equal(one, two)
