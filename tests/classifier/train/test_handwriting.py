"""Drawn digits look like MNIST's and like what they are called."""

import numpy as np
import pytest
from scipy import ndimage

from classifier.runtime import WEIGHTS, Runtime
from classifier.train.handwriting import STYLES, draw_handwriting


@pytest.fixture(scope="module")
def drawn():
    return draw_handwriting(120, seed=0)


def test_they_follow_their_seed(drawn):
    np.testing.assert_array_equal(draw_handwriting(120, seed=0)[0], drawn[0])
    assert not np.array_equal(draw_handwriting(120, seed=1)[0], drawn[0])


def test_they_are_normalised_as_mnist(drawn):
    images, labels = drawn
    assert (images.shape, images.dtype, labels.dtype) == ((120, 28, 28), np.uint8, np.uint8)
    for image in images:
        sides = [np.ptp(np.flatnonzero((image > 60).any(axis=axis))) + 1 for axis in (0, 1)]
        assert 17 <= max(sides) <= 21
        np.testing.assert_allclose(ndimage.center_of_mass(image), 13.5, atol=0.6)


def test_each_style_is_drawn_about_as_often(drawn):
    counts = np.bincount(drawn[1], minlength=10)
    assert set(np.flatnonzero(counts)) == {label for label, _ in STYLES}
    assert counts[counts > 0].min() > 15


def holes(image):
    """Patches of paper that ink encloses, of more than a pixel."""
    patches, n = ndimage.label(image < 100)
    return sum(np.count_nonzero(patches == k) > 1 for k in range(1, n + 1)) - 1


def test_nines_have_a_loop_above_a_stalk_and_ones_and_fours_have_none(drawn):
    images, labels = drawn
    nines = images[labels == 9]
    assert np.mean([holes(image) == 1 for image in nines]) > 0.8
    stalks = [(image[18:22] > 60).sum(axis=1).max() for image in nines]
    assert np.median(stalks) < 0.7 * np.median([np.ptp(np.flatnonzero((i > 60).any(axis=0))) for i in nines])
    for label in (1, 4):
        assert np.mean([holes(image) == 0 for image in images[labels == label]]) > 0.9


def test_the_package_reads_them(drawn):
    images, labels = drawn
    network = Runtime(WEIGHTS / "cnn_digit_classifier.onnx")
    assert np.mean(network.predict_proba(images).argmax(axis=1) == labels) > 0.9
