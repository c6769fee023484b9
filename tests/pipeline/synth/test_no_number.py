"""Images that show no three-digit number."""

import zlib
from itertools import islice

import cv2
import numpy as np
import pytest

from pipeline import NumberReader
from pipeline.calibrate.images import CALIBRATED_ON, NO_NUMBERS, calibration_images
from pipeline.synth.conditions import CONDITIONS
from pipeline.synth.no_number import KINDS, no_numbers, other_count


def blobs(image):
    return cv2.connectedComponents((image > 127).astype(np.uint8), connectivity=8)[0] - 1


def test_other_counts_are_never_three():
    block = np.zeros((28, 28), np.uint8)
    block[4:24, 4:14] = 255
    touch = [other_count([block] * 5, np.random.default_rng(seed)) for seed in range(60)]
    counts = [round((image > 127).sum() / 200) for image in touch]
    assert set(counts) == {1, 2, 4, 5}
    apart = sum(blobs(image) == n for image, n in zip(touch, counts, strict=True) if n > 1)
    assert 0 < apart < sum(n > 1 for n in counts)  # some touch


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"blank", "noise"}))
def test_every_kind_is_ink_on_a_field(digits, kind):
    for seed in range(20):
        image = KINDS[kind](list(digits[0][:5]), np.random.default_rng(seed))
        assert image.dtype == np.uint8
        assert image.shape[0] == 84
        assert 0.005 < np.mean(image > 100) < 0.5


def test_blank_is_blank_and_noise_is_not():
    rng = np.random.default_rng(0)
    assert not KINDS["blank"]([], rng).any()
    noise = KINDS["noise"]([], rng)
    assert noise.max() - noise.min() > 250
    assert noise.std() > 20


def test_the_seed_fixes_all_images(digits):
    first, again, other = (no_numbers(digits[0], 12, seed=seed) for seed in (3, 3, 4))
    assert len(first) == 12
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))


def test_half_is_on_lit_paper(digits):
    images = no_numbers(digits[0], 60, seed=0)
    dark = [bool(np.median(image) > 100) for image in images]
    assert 15 < sum(dark) < 45


def test_the_package_accepts_none(digits):
    readings = list(NumberReader.pretrained().read_many(no_numbers(digits[0], 100, seed=5)))
    assert [reading.number for reading in readings if reading.status == "accept"] == []
    assert sum(reading.status == "unreadable" for reading in readings) > 50


def test_calibration_images_are_of_every_condition_and_of_none(digits):
    parts = list(calibration_images(*digits, 2, seed=0))
    assert set(CALIBRATED_ON) <= set(CONDITIONS)
    assert tuple(kind for kind, _, _ in parts[: len(CALIBRATED_ON)]) == CALIBRATED_ON
    for _, images, numbers in parts[: len(CALIBRATED_ON)]:
        assert len(images) == len(numbers) == 2
        assert all(len(number) == 3 and number.isdecimal() for number in numbers)
    _, images, numbers = parts[-1]
    assert len(images) == NO_NUMBERS * 2
    assert set(numbers) == {""}


def of_conditions(x, y, n):
    """Numbers of each condition."""
    return [numbers for _, _, numbers in islice(calibration_images(x, y, n, seed=0), len(CALIBRATED_ON))]


def test_no_two_conditions_show_the_same_numbers(digits):
    numbers = [tuple(numbers) for numbers in of_conditions(*digits, 5)]
    assert len(set(numbers)) == len(numbers)


def test_a_known_mislabelled_digit_is_calibrated_as_what_it_shows(digits, monkeypatch):
    """All digits are the same one: labelled 4, known to be a 7."""
    image = digits[0][:1]
    x, y = np.repeat(image, 20, axis=0), np.full(20, 4)
    monkeypatch.setattr("pipeline.calibrate.images.MISLABELLED", {zlib.crc32(image[0].tobytes()): 7})
    assert set(np.concatenate(of_conditions(x, y, 2))) == {"777"}
