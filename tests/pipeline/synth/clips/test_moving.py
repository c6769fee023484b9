"""Fields before a moving camera."""

import cv2
import numpy as np

from pipeline.synth.clips.moving import film


def disc():
    gray = np.full((60, 120), 220, np.uint8)
    cv2.circle(gray, (60, 30), 12, 40, -1)
    return gray


def test_a_clip_is_fixed_by_its_seed():
    one, other = (film(disc(), np.random.default_rng(4), steps=5) for _ in range(2))
    np.testing.assert_array_equal(one, other)
    assert one.shape == (5, 60, 120)
    assert one.dtype == np.uint8


def test_the_camera_moves_and_stays_near_the_field():
    frames = film(disc(), np.random.default_rng(1), steps=16).astype(float)
    middles = []
    for frame in frames:
        dark = np.clip(np.median(frame) - cv2.GaussianBlur(frame, (0, 0), 3), 40, None) - 40
        y, x = np.indices(frame.shape)
        middles.append(((x * dark).sum() / dark.sum(), (y * dark).sum() / dark.sum()))
    assert np.std(middles, axis=0).max() > 1
    assert np.abs(np.array(middles) - (60, 30)).max() < 25


def test_every_frame_has_noise_of_its_own():
    first, second = film(disc(), np.random.default_rng(2), steps=2)[:, :8, :8].astype(float)
    assert first.std() > 5
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.5
