"""Canvases composed from single digits: their targets say what is on them."""

import numpy as np
import pytest
from scipy import ndimage

from classifier.labels import NumberEncoder
from classifier.train.canvases import Composer

HEIGHT, WIDTH = 20, 12
# Above the composer's ink level, all different.
LEVELS = 80 + 17 * np.arange(10)


@pytest.fixture(scope="module")
def blocks():
    """For each class one solid block, 20 x 12, of its own gray level."""
    images = np.zeros((10, 28, 28), np.uint8)
    images[:, 4 : 4 + HEIGHT, 8 : 8 + WIDTH] = LEVELS[:, None, None]
    return images, np.arange(10)


def compose(digits, n=200, seed=0, **params):
    """Canvases as uint8, and targets."""
    canvases, targets = Composer(*digits, **params).compose(n, np.random.default_rng(seed))
    return np.rint(canvases).astype(np.uint8), targets


def numbers_of(targets):
    return NumberEncoder().inverse_transform(targets)


def runs(canvas):
    """Widths of the runs of columns with ink."""
    padded = np.pad((canvas > 0).any(axis=0).astype(int), 1)
    return (np.flatnonzero(np.diff(padded) < 0) - np.flatnonzero(np.diff(padded) > 0)).tolist()


def test_a_seed_fixes_every_canvas(digits):
    composer = Composer(*digits, negative_share=0.2, flips=True)
    (first, targets), (again, same), (other, _) = (
        composer.compose(40, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(targets, same)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("strength", [0.0, 1.0])
def test_canvases_are_written_on_and_stay_in_range(digits, strength):
    canvases, targets = Composer(*digits, strength=strength).compose(100, np.random.default_rng(0))
    assert (canvases.shape, canvases.dtype) == ((100, 84, 84), np.float32)
    assert (targets.shape, targets.dtype) == ((100, 3, 10), np.float32)
    assert canvases.min() == 0
    assert 200 < canvases.max() <= 255
    assert ((canvases > 76).sum(axis=(1, 2)) > 50).all()


def test_targets_name_the_digits_in_columns(blocks):
    canvases, targets = compose(blocks, strength=0, columns=1.0)
    levels = canvases.reshape(-1, 84, 3, 28).max(axis=(1, 3))
    np.testing.assert_array_equal(levels, LEVELS[targets.argmax(axis=2)])
    assert (targets.sum(axis=2) == 1).all()


def test_targets_name_the_digits_on_a_line_from_left_to_right(blocks):
    canvases, targets = compose(blocks, strength=0, columns=0.0)
    for canvas, number in zip(canvases, numbers_of(targets), strict=True):
        drawn = LEVELS[[int(digit) for digit in number]]
        assert set(canvas[canvas > 0]) == set(drawn)
        if len(set(number)) == 3:
            places = [np.nonzero(canvas == level)[1].mean() for level in drawn]
            assert places == sorted(places)


def test_without_strength_the_digits_stand_in_their_columns_as_they_are(digits):
    x, y = digits
    canvases, targets = compose(digits, 30, strength=0, columns=1.0)
    for canvas, number in zip(canvases, numbers_of(targets), strict=True):
        for k, digit in enumerate(number):
            band = canvas[:, 28 * k : 28 * k + 28]
            drawn = band[band.any(axis=1)]
            candidates = [image[image.any(axis=1)] for image in x[y == int(digit)]]
            assert any(np.array_equal(drawn, candidate) for candidate in candidates)


def test_columns_have_any_rows_and_a_line_has_one(blocks):
    def most_apart(canvas):
        tops = [np.nonzero(canvas == level)[0].min() for level in set(canvas[canvas > 0])]
        return max(tops) - min(tops)

    free, _ = compose(blocks, numbers=["427"], strength=0, columns=1.0)
    line, _ = compose(blocks, numbers=["427"], strength=0, columns=0.0)
    assert max(map(most_apart, free)) > 40
    assert max(map(most_apart, line)) <= 4


def test_the_share_in_columns_is_a_parameter(blocks):
    canvases, _ = compose(blocks, 400, strength=0, columns=0.25)
    in_columns = [(c > 0).any(axis=0).nonzero()[0].tolist() == [*range(8, 20), *range(36, 48), *range(64, 76)]
                  for c in canvases]  # fmt: skip
    assert np.mean(in_columns) == pytest.approx(0.25, abs=0.08)


def test_only_the_given_numbers_are_composed(blocks):
    canvases, targets = compose(blocks, 100, numbers=["007", "123"], strength=0)
    assert set(numbers_of(targets)) == {"007", "123"}
    drawn = {frozenset(np.flatnonzero(np.isin(LEVELS, canvas)).tolist()) for canvas in canvases}
    assert drawn == {frozenset({0, 7}), frozenset({1, 2, 3})}


def test_by_default_all_numbers_are_composed(blocks):
    _, targets = compose(blocks, 3000, strength=0)
    assert len(set(numbers_of(targets))) > 900


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_negatives_comes_by_its_share_and_has_the_uniform_target(blocks, share):
    _, targets = compose(blocks, 400, strength=0, negative_share=share)
    uniform = (targets == np.float32(0.1)).all(axis=(1, 2))
    assert uniform.mean() == pytest.approx(share, abs=0.08 if 0 < share < 1 else 0)
    assert set(np.unique(targets[~uniform])) <= {0, 1}


def test_negatives_never_has_three_digits(blocks):
    def counts(**params):
        widths = [runs(canvas) for canvas in compose(blocks, 400, strength=0, columns=0.0, **params)[0]]
        return {len(w) for w in widths if set(w) == {WIDTH}}  # those whose digits stand apart

    assert counts() == {3}
    assert counts(negative_share=1.0) == {1, 2, 4, 5}


def test_neighbours_on_a_line_stand_apart_touch_and_overlap(blocks):
    canvases, _ = compose(blocks, 400, strength=0, columns=0.0)
    parts = np.array([ndimage.label(canvas)[1] for canvas in canvases])
    ink = (canvases > 0).sum(axis=(1, 2))
    whole = 3 * HEIGHT * WIDTH
    apart, touching, overlapping = parts == 3, (parts == 1) & (ink == whole), (parts == 1) & (ink < whole)
    assert (apart | touching | overlapping).all()
    assert apart.mean() == pytest.approx(0.35, abs=0.08)
    assert touching.mean() > 0.2
    assert overlapping.mean() > 0.25


def test_ink_of_real_neighbours_meets(digits):
    x, y = digits
    whole = np.array([ndimage.label(image > 76, np.ones((3, 3)))[1] == 1 for image in x])
    canvases, _ = compose((x[whole], y[whole]), strength=0, columns=0.0)
    parts = np.array([ndimage.label(canvas > 76, np.ones((3, 3)))[1] for canvas in canvases])
    assert parts.max() == 3
    assert 0.5 < (parts < 3).mean() < 0.8


def test_no_neighbour_hides_more_than_45_percent_of_another(blocks):
    canvases, _ = compose(blocks, 400, strength=0, columns=0.0)
    columns = (canvases > 0).any(axis=1).sum(axis=1)
    assert columns.min() == 3 * WIDTH - 2 * round(0.45 * WIDTH)


def test_flips_mirror_and_keep_the_target(digits):
    plain, targets = compose(digits)
    flipped, same = compose(digits, flips=True)
    np.testing.assert_array_equal(targets, same)
    ways = {"as it was": plain, "left-right": plain[:, :, ::-1], "upside down": plain[:, ::-1]}
    share = {way: (flipped == canvases).all(axis=(1, 2)).mean() for way, canvases in ways.items()}
    assert sum(share.values()) == pytest.approx(1)
    assert min(share.values()) > 0.2


def test_a_missing_class_is_refused(digits):
    x, y = digits
    with pytest.raises(ValueError, match=r"all ten classes.*Missing: \[3, 9\]"):
        Composer(x[(y != 3) & (y != 9)], y[(y != 3) & (y != 9)])


def test_numbers_that_are_none_are_refused(digits):
    with pytest.raises(ValueError, match=r"strings of three digits. Received: \['42'\]"):
        Composer(*digits, numbers=["427", "42"])
