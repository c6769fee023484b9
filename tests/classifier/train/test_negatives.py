"""Crops that are no digit."""

import numpy as np

from classifier.train.negatives import make_junk


def test_junk_looks_like_crops(digits):
    x = (digits[0] / 255).astype(np.float32)
    junk = make_junk(x, 200, np.random.default_rng(0))
    assert junk.shape == (200, 28, 28)
    assert junk.dtype == np.float32
    assert (junk.max(axis=(1, 2)) > 0.5).all()
    rows = np.indices((28, 28))[0]
    centres = (junk * rows).sum(axis=(1, 2)) / junk.sum(axis=(1, 2))
    assert np.abs(centres - 14).max() < 2  # a crop is not moved beyond its frame


def test_junk_follows_its_seed_and_may_be_none(digits):
    x = (digits[0] / 255).astype(np.float32)
    first, again = (make_junk(x, 20, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert make_junk(x, 0, np.random.default_rng(0)).shape == (0, 28, 28)


def test_junk_of_blank_digits_does_not_fail():
    assert np.isfinite(make_junk(np.zeros((4, 28, 28), np.float32), 60, np.random.default_rng(0))).all()
