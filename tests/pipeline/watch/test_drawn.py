"""Clips in which a digit is drawn, some of them strange."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from classifier.video.decode import frames
from pipeline.watch.drawn import STEPS, DrawnReader, crops_of, ink_is_bright, look

CLIPS = Path(__file__).parents[3] / "examples" / "clips"


@pytest.fixture(scope="module")
def reader():
    return DrawnReader()


@pytest.mark.parametrize("path", sorted(CLIPS.glob("drawn-*")), ids=lambda path: path.name)
def test_the_sample_clips_are_read(reader, path):
    clip = frames(path)
    reading = reader.read(clip)
    assert (reading.number, reading.status, reading.reason) == (path.name[6], "sure", "")
    assert reading.confidence > 0.9
    assert 1 < reading.sure_from <= clip.read
    assert reading.probabilities.shape == (len(reading.drawn.at), 10)


def test_nothing_is_read_of_a_clip_without_ink(reader):
    rng = np.random.default_rng(0)
    blank = [np.clip(210 + rng.normal(0, 3, (64, 64)), 0, 255).astype(np.uint8) for _ in range(8)]
    reading = reader.read(iter(blank))
    assert (reading.number, reading.status, reading.reason) == ("", "unreadable", "no ink found")


def test_a_clip_of_one_frame_is_a_finished_drawing(reader, digit):
    reading = reader.read([255 - np.pad(digit(3), 10)])
    assert reading.number == "3"
    assert reading.drawn.at == (1,)


def test_what_comes_before_and_after_the_drawing_is_left_out():
    blank = np.full((64, 64), 230, np.uint8)
    half, whole = blank.copy(), blank.copy()
    cv2.line(half, (30, 10), (30, 30), 40, 4)
    cv2.line(whole, (30, 10), (30, 55), 40, 4)
    drawn = look([blank] * 3 + [half] * 2 + [whole] * 5)
    assert drawn.at == (4, 5, 6)
    assert drawn.crops.any(axis=(1, 2)).all()


def test_long_clips_are_thinned_evenly_to_their_end():
    clip = [np.full((40, 40), 230, np.uint8) for _ in range(600)]
    for k, frame in enumerate(clip):
        cv2.line(frame, (20, 4), (20, 5 + k // 20), 40, 3)
    drawn = look(iter(clip))
    assert len(drawn.at) == STEPS
    assert drawn.at[-1] > 560
    assert max(np.diff(drawn.at)) < 2.5 * min(np.diff(drawn.at))


def test_light_on_dark_is_the_same_digit(digit):
    dark = 255 - np.pad(digit(5), 12)
    np.testing.assert_allclose(crops_of([dark]), crops_of([255 - dark]), atol=2)


@pytest.mark.parametrize("thick", [3, 9, 15])
def test_a_thick_pen_does_not_turn_paper_into_ink(thick):
    sheet = np.full((96, 96), 220, np.uint8)
    cv2.circle(sheet, (48, 48), 26, 40, thick)
    assert not ink_is_bright(sheet)
    assert ink_is_bright(255 - sheet)
