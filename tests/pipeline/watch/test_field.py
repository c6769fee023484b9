"""Fields before a moving camera, read from all frames."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from classifier.video.decode import frames
from pipeline.reading import Reading
from pipeline.synth.clips.moving import film
from pipeline.watch.field import FilmReader, join, mean_log, most_given, number_of, weights_of

CLIPS = Path(__file__).parents[3] / "examples" / "clips"


@pytest.fixture(scope="module")
def film_reader(reader):
    return FilmReader(reader)


@pytest.mark.parametrize("path", sorted(CLIPS.glob("field-*")), ids=lambda path: path.name)
def test_the_sample_clips_are_read(path):
    read = FilmReader().read(frames(path))
    assert read.reading.number == path.name[6:9]
    assert read.at == tuple(range(1, 17))
    assert read.used.sum() > 8


def test_all_frames_together_are_read_better_than_one(film_reader, field):
    together, alone = [], []
    for sample, number in enumerate(["427", "315", "608"]):
        image = np.full((112, 112), 215, np.uint8) - np.pad(field(number, sample=sample)[0], 14) // 2
        noisy = film(image, np.random.default_rng(sample), steps=9)
        together.append(film_reader.read(iter(noisy)).reading.number == number)
        alone += [found.number == number for found in film_reader.reader.read_many(noisy)]
    assert np.mean(together) > np.mean(alone)


def test_a_clip_of_one_frame_is_an_image(film_reader, field):
    image = 255 - np.pad(field("315")[0], 20)
    read = film_reader.read([image])
    assert (read.reading.number, read.at, read.sharpest) == ("315", (1,), 0)


def test_a_clip_without_a_number(film_reader):
    rng = np.random.default_rng(0)
    blank = [np.clip(200 + rng.normal(0, 4, (60, 120)), 0, 255).astype(np.uint8) for _ in range(6)]
    reading = film_reader.read(blank).reading
    assert (reading.number, reading.status) == ("", "unreadable")


def test_what_the_frames_do_not_give_is_not_accepted(probabilities, evidence):
    p = probabilities((4, 0.99), (2, 0.99), (7, 0.99))
    digits = evidence("427").digits
    picture = Reading("427", "accept", "", 0.99, digits, p, {"field": "427"})
    assert join(picture, [evidence("427")], "427").status == "accept"
    joined = join(picture, [evidence("421")], "421")
    assert (joined.number, joined.status, joined.reason) == ("427", "review", "the frames one by one give 421")
    assert joined.by_reader == {"field": "427", "frames": "421"}


def test_a_doubtful_number_is_that_of_picture_and_frames(probabilities, evidence):
    p = probabilities((4, 0.99), (2, 0.99), (7, 0.4))
    picture = Reading("427", "review", "low", 0.4, evidence("427").digits, p, {})
    joined = join(picture, [evidence("421", 0.99)] * 3, "421")
    assert (joined.number, joined.status, joined.reason) == ("421", "review", "low")
    assert [digit.value for digit in joined.digits] == [4, 2, 1]


def test_blurred_frames_count_less_and_others_not_at_all(evidence):
    said = [evidence("427"), evidence("421"), evidence("421"), replace(evidence("427"), digits=())]
    weights = weights_of(said, np.array([4.0, 1.0, 9.0, 4.0]), np.array([True, True, False, True]))
    np.testing.assert_allclose(weights, [0.8, 0.2, 0, 0])
    assert most_given(said, weights) == "427"
    assert most_given(said, np.zeros(4)) == ""


def test_the_mean_of_log_probabilities(evidence):
    said = [evidence("427", 0.999), evidence("421", 0.4), evidence("421", 0.4)]
    assert number_of(mean_log(said)) == "427"
