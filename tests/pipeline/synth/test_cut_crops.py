"""What a digit network learns of cuts."""

import numpy as np
import pytest

from pipeline.synth import cut_crops as module
from pipeline.synth.cut_crops import cut_crops
from segmenter import Segmenter, mnist_crop

# Mean difference in gray levels up to which two crops show the same digit image.
SAME = 5


@pytest.fixture(scope="module")
def cut(digits):
    return cut_crops(*digits, 60, seed=0)


@pytest.fixture(scope="module")
def apart(digits):
    """Of fields whose digits stand half a digit apart."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "LEAST_OVERLAP", -0.5)
        patch.setattr(module, "MOST_OVERLAP", -0.4)
        return cut_crops(*digits, 40, seed=0)


def nearest(crop, known):
    """Mean absolute difference to each of the known digits at the best of the nine shifts by up to a pixel."""
    shifts = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1)]
    return np.min([np.abs(known - np.roll(crop, shift, (0, 1)).astype(int)).mean(axis=(1, 2)) for shift in shifts], 0)


def test_crops_are_of_both_kinds_and_as_a_network_takes_them(cut):
    assert cut.digits.shape == (len(cut.labels), 28, 28)
    assert cut.no_digits.shape[1:] == (28, 28)
    assert cut.digits.dtype == cut.no_digits.dtype == np.uint8
    assert 100 < len(cut.digits) <= 60 * module.MOST
    assert 100 < len(cut.no_digits) <= 60 * module.MOST
    assert set(cut.labels) == set(range(10))


def test_digits_that_stand_apart_are_the_digits_own_crops(apart, digits):
    x, y = digits
    own = np.stack([mnist_crop(digit) for digit in x]).astype(int)
    differences = np.stack([nearest(crop, own) for crop in apart.digits])
    clean = differences.min(axis=1) < SAME
    assert clean.mean() > 0.6  # the others lack some ink of their own
    np.testing.assert_array_equal(y[differences.argmin(axis=1)][clean], apart.labels[clean])


def test_labels_are_those_of_the_digits_that_the_crops_show(cut, reader):
    found = reader.classifier.predict_proba(cut.digits).argmax(axis=1)
    assert np.mean(found == cut.labels) > 0.85


def test_what_is_no_digit_looks_like_none(apart, digits):
    own = np.stack([mnist_crop(digit) for digit in digits[0]]).astype(int)
    assert len(apart.no_digits) > 30
    assert min(nearest(crop, own).min() for crop in apart.no_digits) > SAME


def test_the_seed_fixes_all(digits):
    first, again, other = (cut_crops(*digits, 3, seed=seed) for seed in (1, 1, 2))
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(first.digits, other.digits)


def test_fields_without_candidates_give_nothing():
    blank = np.zeros((3, 28, 28), np.uint8)
    found = cut_crops(blank, np.arange(3), 2, seed=0)
    assert [part.shape for part in found] == [(0, 28, 28), (0,), (0, 28, 28)]


def test_whole_digits_are_judged_whole_and_halves_are_not(digit):
    """Two digits side by side and one beyond: of the candidates, the three digits alone are whole."""
    layers = np.zeros((3, 84, 110), np.uint8)
    for k, (layer, value) in enumerate(zip(layers, "808", strict=True)):
        layer[28:56, 10 + 32 * k : 38 + 32 * k] = digit(value)
    segmenter = Segmenter()
    found = segmenter.oversegment(segmenter.find_writing(layers.max(axis=0)))
    dice, owner, negatives = module._judged(found, layers)
    for k in range(3):
        mine = owner == k
        assert dice[mine].max() > 0.9
        assert not negatives[mine][dice[mine].argmax()]
    assert negatives.any()
    assert dice[negatives].max() < module.NO_DIGIT
