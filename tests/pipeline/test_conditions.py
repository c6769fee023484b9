"""Composed fields have what their condition says."""

import cv2
import numpy as np
import pytest

from pipeline.conditions import CONDITIONS, compose, overlapping


@pytest.mark.parametrize("condition", CONDITIONS)
def test_fields_follow_their_seed_and_their_labels(digits, condition):
    x, y = digits
    images, numbers, indices = compose(x, y, 4, condition=condition, seed=3)
    again = compose(x, y, 4, condition=condition, seed=3)[0]
    for one, other in zip(images, again, strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == np.uint8
    assert numbers == ["".join(map(str, y[row])) for row in indices]


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


@pytest.mark.parametrize("share", [0.1, 0.25, 0.4])
def test_boxes_overlap_by_the_share(share):
    block = np.zeros((28, 28), np.uint8)
    block[4:24, 4:24] = 255
    image = overlapping(share)([block] * 3, np.random.default_rng(0))
    width = cv2.boundingRect(image)[2]
    assert width == 60 - 2 * round(share * 20)


def test_paper_is_brighter_than_ink(digits):
    for condition in ("on_lit_paper", "in_printed_boxes"):
        for image in compose(*digits, 3, condition=condition, seed=0)[0]:
            assert np.median(image) > 100
            assert image.min() < np.median(image) - 50


def test_an_unknown_condition_is_named(digits):
    with pytest.raises(ValueError, match="Received: 'upside_down'"):
        compose(*digits, 1, condition="upside_down", seed=0)


def test_a_narrow_one_can_be_touched_from_either_side(digit):
    for seed in range(20):
        image = CONDITIONS["touching"](
            [digit(1, seed % 10), digit(7, seed), digit(1, seed)], np.random.default_rng(seed)
        )
        assert image.shape[0] == 84
