"""Training images stay digits, vary, and follow their generator."""

import numpy as np
import pytest

from classifier.train import augment

CHANGES = {
    "distort": lambda x, y, rng: augment.distort(x, rng, strength=1.0),
    "repen": lambda x, y, rng: augment.repen(x, rng, strength=1.0),
    "other_handwriting": lambda x, y, rng: augment.other_handwriting(x, y, rng, share=1.0),
    "crowd": lambda x, y, rng: augment.crowd(x, rng, share=1.0),
}


@pytest.fixture
def batch(digits):
    x, y = digits
    return (x / 255).astype(np.float32), y


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_follows_its_seed_and_leaves_its_input_alone(name, batch):
    x, y = batch
    before = x.copy()
    first, again, other = (CHANGES[name](x, y, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    np.testing.assert_array_equal(x, before)
    assert first.shape == x.shape
    assert first.dtype == np.float32
    assert first.min() >= 0
    assert first.max() <= 1


def test_no_strength_means_no_distortion(batch):
    x, _ = batch
    np.testing.assert_allclose(augment.distort(x, np.random.default_rng(0), strength=0), x, atol=1e-6)


def test_distortion_keeps_most_ink_in_the_picture(batch):
    x, _ = batch
    ink = augment.distort(x, np.random.default_rng(0), strength=1.0).sum(axis=(1, 2)) / x.sum(axis=(1, 2))
    assert np.median(ink) == pytest.approx(0.9, abs=0.25)
    assert ink.min() > 0.3


def test_other_handwriting_touches_only_ones_and_sevens(batch):
    x, y = batch
    changed = (augment.other_handwriting(x, y, np.random.default_rng(0), share=1.0) != x).any(axis=(1, 2))
    assert set(y[changed]) == {1, 7}
    assert changed[np.isin(y, (1, 7))].mean() > 0.9


def test_blank_images_survive_every_change():
    blank = np.zeros((8, 28, 28), np.float32)
    for change in CHANGES.values():
        assert np.isfinite(change(blank, np.array([1, 7] * 4), np.random.default_rng(0))).all()


@pytest.fixture
def photographs(pictures):
    return pictures(200, side=24)[0]


def test_pictures_are_shifted_mirrored_and_covered_in_part(photographs):
    varied = augment.vary(photographs, np.random.default_rng(0), strength=1.0, flips=True)
    assert varied.shape == photographs.shape
    assert varied.dtype == np.uint8
    covered = (varied == 127).all(axis=3).mean(axis=(1, 2))
    assert 0 < covered.min() <= covered.max() <= 1 / 16
    same = augment.vary(photographs, np.random.default_rng(0), strength=0, flips=False)
    np.testing.assert_array_equal(same, photographs)


def test_another_light_changes_whole_channels_by_about_a_fifth(photographs):
    before = photographs.copy()
    lit = augment.relight(photographs, np.random.default_rng(0), strength=1.0)
    np.testing.assert_array_equal(photographs, before)
    assert lit.dtype == np.uint8
    change = np.log(lit.mean((1, 2)) / photographs.mean((1, 2)))
    assert 0.1 < change.std() < 0.4
    assert abs(change.mean()) < 0.1
    ordered = np.take_along_axis(lit.reshape(200, -1, 3), photographs.reshape(200, -1, 3).argsort(1), 1).astype(int)
    assert (np.diff(ordered, axis=1) >= 0).all()
    np.testing.assert_array_equal(augment.relight(photographs, np.random.default_rng(0), strength=0), photographs)
