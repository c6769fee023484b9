"""Whose digits fields are composed of."""

import numpy as np

from pipeline.synth.hands import hands_of, written_crops


def usps_of(digits, folder):
    """A file as USPS's is, 16x16."""
    x = digits[0][:40, 4:24, 4:24][:, :16, :16]
    np.savez(folder / "usps.npz", x_train=x, y_train=digits[1][:40], x_test=x[:2], y_test=digits[1][:2])
    return folder / "usps.npz"


def test_drawn_digits_are_hands_without_any_file():
    hands = hands_of(np.zeros((0, 28, 28), np.uint8), np.zeros(0, int), seed=0)
    assert not hands.scans
    assert sorted(hands.traces) == list(range(10))


def test_other_writers_join_mnists(digits, tmp_path):
    alone, joined = (hands_of(*digits, seed=0, usps=usps) for usps in (None, usps_of(digits, tmp_path)))
    assert sum(map(len, joined.scans.values())) == sum(map(len, alone.scans.values())) + 40


def test_written_crops_look_like_mnist(digits, tmp_path):
    crops, labels = written_crops(60, seed=3, usps=usps_of(digits, tmp_path))
    assert crops.shape == (60, 28, 28)
    assert crops.dtype == np.uint8
    assert set(labels.tolist()) == set(range(10))
    assert (crops.max(axis=(1, 2)) > 200).all()
    rows = np.indices((28, 28))[0]
    centres = (crops * rows).sum(axis=(1, 2)) / crops.sum(axis=(1, 2))
    assert np.abs(centres - 14).max() < 2
    again, same = written_crops(60, seed=3, usps=tmp_path / "usps.npz")
    np.testing.assert_array_equal(crops, again)
    np.testing.assert_array_equal(labels, same)
