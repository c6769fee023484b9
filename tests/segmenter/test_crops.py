"""Crops are normalised exactly as MNIST's makers normalised theirs."""

import cv2
import numpy as np
import pytest

from segmenter import mnist_crop


def difference(a, b):
    return np.abs(a.astype(int) - b).mean()


def ink_size(crop, level=127):
    """Width and height of the ink."""
    return cv2.boundingRect((crop > level).astype(np.uint8))[2:]


@pytest.mark.parametrize("padding", [((0, 0), (0, 0)), ((5, 3), (17, 9)), ((0, 60), (40, 0))])
def test_repadded_mnist_digit_comes_back_nearly_unchanged(digits, padding):
    x, _ = digits
    assert np.mean([difference(mnist_crop(np.pad(digit, padding)), digit) for digit in x]) < 3


def test_dimmed_digit_is_scaled_to_the_full_range(digit):
    dim = (digit(8) * 0.3).astype(np.uint8)
    crop = mnist_crop(dim)
    assert crop.max() == 255
    assert difference(crop, digit(8)) < 3


@pytest.mark.parametrize("scale", [2, 4, 10])
def test_enlarged_digit_gives_nearly_the_same_crop(digits, scale):
    x, _ = digits
    large = [mnist_crop(np.kron(digit, np.ones((scale, scale), np.uint8))) for digit in x]
    differences = [difference(a, b) for a, b in zip(large, x, strict=True)]
    # Not zero: a box of odd width is centred to half a pixel of MNIST's, which shifts the digit.
    assert np.mean(differences) < 3
    assert np.median(differences) < 1


def test_centre_of_mass_is_the_centre_of_the_crop(digits):
    y, x = np.mgrid[:28, :28]
    for digit in digits[0]:
        crop = mnist_crop(np.pad(digit, ((0, 30), (12, 0)))).astype(float)
        assert (crop * x).sum() / crop.sum() == pytest.approx(14, abs=0.5)
        assert (crop * y).sum() / crop.sum() == pytest.approx(14, abs=0.5)


@pytest.mark.parametrize(("height", "width", "expected"), [(80, 16, (4, 20)), (16, 80, (20, 4)), (40, 40, (20, 20))])
def test_aspect_is_kept_and_the_longer_side_is_twenty(height, width, expected):
    bar = np.zeros((100, 100), np.uint8)
    bar[10 : 10 + height, 7 : 7 + width] = 200
    assert ink_size(mnist_crop(bar)) == expected


@pytest.mark.parametrize("side", [1, 5, 20, 21, 333])
def test_any_size_of_square_fills_twenty_pixels(side):
    crop = mnist_crop(np.full((side, side), 90, np.uint8))
    assert ink_size(crop) == (20, 20)
    assert crop.astype(int).sum() == 20 * 20 * 255


def test_lopsided_ink_stays_inside_the_crop():
    wedge = np.zeros((60, 60), np.uint8)
    wedge[:8] = 255
    wedge[:, 0] = 255
    crop = mnist_crop(wedge)
    assert ink_size(crop, level=30) == (20, 20)
    assert crop[-20:].any()


@pytest.mark.parametrize("shape", [(28, 28), (1, 1), (3, 90)])
def test_no_ink_gives_zeros(shape):
    crop = mnist_crop(np.zeros(shape, np.uint8))
    assert crop.shape == (28, 28)
    assert crop.dtype == np.uint8
    assert not crop.any()


def test_ink_too_faint_for_its_size_does_not_fail():
    ink = np.zeros((300, 300), np.uint8)
    ink[0, 0] = ink[-1, -1] = 50
    assert mnist_crop(ink).shape == (28, 28)


def test_input_is_left_alone(digit):
    ink = digit(3) // 2
    before = ink.copy()
    mnist_crop(ink)
    np.testing.assert_array_equal(ink, before)
