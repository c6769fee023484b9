"""Composed fields have what their condition says."""

import cv2
import numpy as np
import pytest

from pipeline.synth import paper
from pipeline.synth.conditions import CONDITIONS, compose


@pytest.mark.parametrize("condition", CONDITIONS)
def test_fields_follow_their_seed_and_their_labels(digits, condition):
    x, y = digits
    images, numbers, indices = compose(x, y, 4, condition=condition, seed=3)
    again = compose(x, y, 4, condition=condition, seed=3)[0]
    other = compose(x, y, 4, condition=condition, seed=4)[0]
    for one, same, different in zip(images, again, other, strict=True):
        np.testing.assert_array_equal(one, same)
        assert not np.array_equal(one, different)
        assert (one.dtype, one.ndim) == (np.uint8, 2)
    assert numbers == ["".join(map(str, y[row])) for row in indices]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_every_condition_says_what_it_is(condition):
    assert len(CONDITIONS[condition].what.split()) > 2


def ink_blobs(image):
    return cv2.connectedComponents((image > 127).astype(np.uint8), connectivity=8)[0] - 1


def whole(digits):
    """Digits that are one component each."""
    x, y = digits
    kept = [k for k in range(len(x)) if ink_blobs(x[k]) == 1]
    return x[kept], y[kept]


def test_spaced_digits_do_not_touch_and_touching_ones_do(digits):
    x, y = whole(digits)
    assert {ink_blobs(i) for i in compose(x, y, 30, condition="spaced", seed=0)[0]} == {3}
    touching = [ink_blobs(i) for i in compose(x, y, 30, condition="touching", seed=0)[0]]
    assert touching.count(1) >= 25


@pytest.mark.parametrize(
    ("condition", "side"),
    [("triple_mnist", 84), ("half_size", 42), ("six_times", 504), ("on_lit_paper", 252), ("turned_15", 252)],
)
def test_fields_have_their_size(digits, condition, side):
    assert {image.shape for image in compose(*digits, 5, condition=condition, seed=0)[0]} == {(side, side)}


ON_PAPER = ("ruled", "in_", "on_", "shown", "noisy", "blurred", "jpeg", "turned")
DARK = [name for name in CONDITIONS if name.startswith(ON_PAPER)]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_ink_is_dark_on_paper_and_bright_on_nothing(digits, condition):
    for image in compose(*digits, 3, condition=condition, seed=0)[0]:
        if condition in DARK:
            assert np.median(image) > 100
            assert image.min() < np.median(image) - 50
        else:
            assert np.median(image) == 0
            assert image.max() > 200


def test_pens_lose_and_gain_ink(digits):
    thin, plain, thick = (
        np.mean([(image > 127).sum() for image in compose(*digits, 20, condition=condition, seed=0)[0]])
        for condition in ("thin_pen", "spaced", "thick_pen")
    )
    assert thin < 0.8 * plain
    assert thick > 1.3 * plain


def change(digits, condition, reference):
    """How far fields are from those of the same seeds under another condition, in gray levels."""
    pairs = [
        [compose(*digits, 1, condition=name, seed=seed)[0][0].astype(int) for name in (condition, reference)]
        for seed in range(20)
    ]
    # Three times as large, dark on white, where only one of the two is.
    pairs = [(a, b if a.shape == b.shape else paper.scanned(paper.enlarge(b.astype(np.uint8)))) for a, b in pairs]
    return np.mean([np.abs(a - b).mean() for a, b in pairs])


@pytest.mark.parametrize(
    ("mild", "hard"),
    [
        ("struck_1", "struck_3"),
        ("covered_5", "covered_9"),
        ("noisy_20", "noisy_40"),
        ("blurred_2", "blurred_4"),
        ("turned_5", "turned_15"),
    ],
)
def test_a_harder_one_is_further_from_spaced_digits(digits, mild, hard):
    mild, hard = (change(digits, condition, "spaced") for condition in (mild, hard))
    assert 0 < 1.25 * mild < hard


def test_bad_paper_is_less_even(digits):
    spread = {}
    for condition in ("on_lit_paper", "on_bad_paper"):
        images = compose(*digits, 20, condition=condition, seed=0)[0]
        spread[condition] = np.mean([np.diff(np.percentile(image, (40, 90))) for image in images])
    assert spread["on_bad_paper"] > 1.4 * spread["on_lit_paper"]


def test_only_ones_and_sevens_are_written_in_another_hand(digits):
    x, y = digits
    for label in range(10):
        own = x[y == label], y[y == label]
        # The strokes draw from the generator, so that places differ; the ink does not where no stroke was added.
        plain, other = (
            np.sum([image.sum(dtype=int) for image in compose(*own, 10, condition=name, seed=0)[0]])
            for name in ("spaced", "other_handwriting")
        )
        assert other > 1.1 * plain if label in (1, 7) else other == plain


def test_slanted_fields_keep_their_ink_and_broken_ones_lose_some(digits):
    plain, slanted, broken = (
        np.mean([(image > 127).sum() for image in compose(*digits, 20, condition=condition, seed=0)[0]])
        for condition in ("spaced", "slanted", "broken_strokes")
    )
    assert slanted == pytest.approx(plain, rel=0.05)
    assert 0.8 * plain < broken < 0.97 * plain


def test_a_guilloche_is_finer_than_the_ink_and_does_not_hide_it(digits):
    """An opening wider than its lines takes it away and leaves the number."""
    fine, left = {}, {}
    for condition in ("on_lit_paper", "on_guilloche"):
        dark = [255 - image for image in compose(*digits, 10, condition=condition, seed=0)[0]]
        opened = [cv2.morphologyEx(image, cv2.MORPH_OPEN, np.ones((4, 4), np.uint8)) for image in dark]
        fine[condition] = np.mean([d.astype(int) - o for d, o in zip(dark, opened, strict=True)])
        left[condition] = np.mean([np.percentile(o, 99) - np.median(o) for o in opened])
    assert fine["on_guilloche"] > 2 * fine["on_lit_paper"]
    assert left["on_guilloche"] > 0.7 * left["on_lit_paper"]


def test_overlapping_digits_come_closer_and_closer(digits):
    widths = [
        np.mean([cv2.boundingRect(image)[2] for image in compose(*digits, 30, condition=condition, seed=0)[0]])
        for condition in ("spaced", "overlapping_10", "overlapping_25", "overlapping_40")
    ]
    assert (np.diff(widths) < -3).all()


def test_an_unknown_condition_is_named(digits):
    with pytest.raises(ValueError, match="Received: 'upside_down'"):
        compose(*digits, 1, condition="upside_down", seed=0)
