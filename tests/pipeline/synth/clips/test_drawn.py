"""Pen traces drawn over time."""

import numpy as np
import pytest

from pipeline.synth.clips.drawn import STEPS, any_drawing, as_traced, draw_clip, draw_crops, draw_many, paced

CROSS = [np.array([(0.5, 0), (0.5, 1)], np.float32), np.array([(0, 0.5), (1, 0.5)], np.float32)]


@pytest.fixture
def cross():
    return paced(CROSS)


def test_paced_strokes_have_points_at_even_steps(cross):
    steps = np.linalg.norm(np.diff(cross[0], axis=0), axis=1)
    np.testing.assert_allclose(steps, steps[0], rtol=1e-3)
    assert steps[0] == pytest.approx(0.03, rel=0.1)


def test_the_second_stroke_follows_the_first(cross):
    drawing = as_traced(cross)
    early = list(drawing.until(0.25))
    assert len(early) == 1
    assert early[0][-1, 1] == pytest.approx(0.5, abs=0.1)
    assert len(list(drawing.until(1.0))) == 2
    np.testing.assert_allclose(list(drawing.until(1.0))[1][-1], (1, 0.5), atol=1e-5)


def test_crops_end_with_the_finished_digit(cross):
    crops = draw_crops(as_traced(cross), 6)
    ink = crops.astype(int).sum(axis=(1, 2))
    assert crops.shape == (6, 28, 28)
    assert (ink > 0).all()
    # Only the finished cross reaches to the left and to the right of its middle.
    assert crops[-1, 12:17, :8].max() > 200
    assert crops[2, :, :8].max() == 0


def test_hands_differ_and_are_fixed_by_the_seed(cross):
    one, other = (draw_many([cross, cross], np.random.default_rng(seed)) for seed in (1, 1))
    np.testing.assert_array_equal(one[0], other[0])
    assert (one[0][0] != one[0][1]).any()


def test_frames_after_the_length_are_empty(cross):
    clips, lengths = draw_many([cross] * 20, np.random.default_rng(0))
    assert lengths.min() < STEPS == lengths.max()
    for clip, length in zip(clips, lengths, strict=True):
        assert clip[length - 1].any()
        assert not clip[length:].any()


def test_ink_is_added_in_a_clip_and_nothing_is_lost(cross):
    rng = np.random.default_rng(3)
    clip = draw_clip(any_drawing(cross, rng), rng, side=64, steps=5).astype(int)
    assert clip.shape == (5, 64, 64)
    changed = np.abs(clip - np.median(clip[0])) > 60
    assert (np.diff(changed.sum(axis=(1, 2))) > 0).all()
