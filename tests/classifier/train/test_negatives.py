"""Crops that are no digit."""

import numpy as np

from classifier.train.negatives import make_negatives


def test_negatives_looks_like_crops(digits):
    x = (digits[0] / 255).astype(np.float32)
    negatives = make_negatives(x, 200, np.random.default_rng(0))
    assert negatives.shape == (200, 28, 28)
    assert negatives.dtype == np.float32
    assert (negatives.max(axis=(1, 2)) > 0.5).all()
    rows = np.indices((28, 28))[0]
    centres = (negatives * rows).sum(axis=(1, 2)) / negatives.sum(axis=(1, 2))
    assert np.abs(centres - 14).max() < 2  # a crop is not moved beyond its frame


def test_negatives_follows_its_seed_and_may_be_none(digits):
    x = (digits[0] / 255).astype(np.float32)
    first, again = (make_negatives(x, 20, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert make_negatives(x, 0, np.random.default_rng(0)).shape == (0, 28, 28)


def test_negatives_of_blank_digits_does_not_fail():
    assert np.isfinite(make_negatives(np.zeros((4, 28, 28), np.float32), 60, np.random.default_rng(0))).all()


def test_negatives_show_digits_over_each_other():
    """An upright bar and a level one: a cross lies in no pair, half or dot of them."""
    bars = np.zeros((2, 28, 28), np.float32)
    bars[0, 4:24, 12:16] = bars[1, 12:16, 4:24] = 1
    negatives = make_negatives(bars, 200, np.random.default_rng(0))
    ends = [(4, 14), (23, 14), (14, 4), (14, 23)]
    near = np.stack([negatives[:, y - 2 : y + 3, x - 2 : x + 3].max(axis=(1, 2)) > 0.5 for y, x in ends], -1)
    corners = np.stack(
        [negatives[:, y : y + 6, x : x + 6].max(axis=(1, 2)) < 0.3 for y in (3, 19) for x in (3, 19)], -1
    )
    assert 10 <= (near.all(axis=1) & corners.all(axis=1)).sum() <= 35
