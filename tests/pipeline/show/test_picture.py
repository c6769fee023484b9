"""The picture that shows why."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from pipeline import Digit, Reading
from pipeline.readers import SOURCES
from pipeline.show.picture import CHOSEN, COLOURS, CUT, LEFT_OUT, draw, save_picture
from segmenter import Segmenter, fit_canvas


def shown(picture, colour, within=12):
    """Pixels of about this colour: lines are smooth at their edges."""
    return int((np.abs(picture.astype(int) - colour).max(axis=-1) <= within).sum())


def test_the_picture_shows_boxes_in_the_colour_of_the_status(reader, field):
    ((reading, segmentation),) = reader.read_segmented([reader.segment(field("427")[0])])
    picture = draw(segmentation, reading)
    assert picture.dtype == np.uint8
    assert (picture[:170] == COLOURS["accept"]).all(axis=-1).sum() > 100


def test_the_picture_shows_what_was_left_out(reader, row_of):
    image = np.pad(row_of("427"), ((0, 0), (20, 24)), constant_values=255)
    ((_, clean),) = reader.read_segmented([reader.segment(image)])
    image[66:74, -16:-8] = 0
    ((reading, dotted),) = reader.read_segmented([reader.segment(image)])
    shown = [(draw(s, reading) == LEFT_OUT).all(axis=-1).sum() for s in (clean, dotted)]
    assert shown[0] == 0
    assert shown[1] > 10


def test_the_picture_of_the_whole_reader_shows_its_canvas_and_no_boxes(whole_reader, field):
    ((reading, writing),) = whole_reader.read_segmented([whole_reader.segment(field("427")[0])])
    picture = draw(writing, reading)
    canvas = np.repeat(np.repeat(fit_canvas(writing), 2, axis=0), 2, axis=1)
    x, y = cv2.minMaxLoc(cv2.matchTemplate(picture[..., 0], canvas, cv2.TM_SQDIFF))[2]
    np.testing.assert_array_equal(picture[y : y + 168, x : x + 168, 0], canvas)
    assert (picture[:170] == COLOURS[reading.status]).all(axis=-1).sum() == 0
    assert (picture[-60:] == COLOURS[reading.status]).all(axis=-1).sum() > 100


def place_of(gray, picture):
    """Where a gray picture stands in another, enlarged twice; None if nowhere."""
    large = np.repeat(np.repeat(gray, 2, axis=0), 2, axis=1)
    if picture.shape[0] < large.shape[0] or picture.shape[1] < large.shape[1]:
        return None
    _, _, (x, y), _ = cv2.minMaxLoc(cv2.matchTemplate(picture[..., 0], large, cv2.TM_SQDIFF))
    same = (picture[y : y + large.shape[0], x : x + large.shape[1], 0] == large).all()
    return (x, y) if same else None


def test_the_picture_shows_what_each_reader_saw(reader, field):
    image = field("427")[0]
    ((reading, writing),) = reader.read_segmented([reader.segment(image)])
    two, three = (dict.fromkeys(sources, "427") for sources in (("segmented", "field"), SOURCES))
    assert place_of(writing.field, draw(writing, replace(reading, by_reader=two))) is not None
    assert place_of(fit_canvas(writing), draw(writing, replace(reading, by_reader=two))) is None
    assert place_of(fit_canvas(writing), draw(writing, replace(reading, by_reader=three))) is not None


def test_the_ink_of_the_whole_reader_is_drawn_region_by_region(whole_reader, row_of):
    image = np.pad(row_of("427"), ((0, 0), (20, 24)), constant_values=255)
    image[66:74, -16:-8] = 0
    ((reading, writing),) = whole_reader.read_segmented([whole_reader.segment(image)])
    picture = draw(writing, reading)
    assert (picture == LEFT_OUT).all(axis=-1).sum() > 10
    for shade in (60, 130):
        assert (picture == shade).all(axis=-1).sum() > 100


@pytest.fixture
def cut(field):
    """A segmentation with cuts, and a reading of three candidates of which the first ends at a cut."""
    segmenter = Segmenter()
    writing = segmenter.oversegment(segmenter.find_writing(np.kron(field("808")[0], np.ones((3, 3), np.uint8))))
    whole = [k for k, c in enumerate(writing.candidates) if writing.pieces.cut_before(c.start) is None]
    cut_off = next(k for k in whole if writing.pieces.cut_before(writing.candidates[k].stop) is not None)
    digits = tuple(Digit(8, 0.9, writing.boxes[k], k) for k in (cut_off, *whole[-2:]))
    return writing, Reading("888", "review", "the cut is uncertain", 0.5, digits)


def test_the_chosen_cuts_stand_out_from_the_candidates(cut):
    writing, reading = cut
    picture = draw(writing, reading)
    assert shown(picture, CHOSEN) > 20
    assert shown(picture, CUT) > 20
    nothing = draw(writing, Reading("", "unreadable", "found 2 digits: 8 8", 0.0))
    assert shown(nothing, CHOSEN) == 0
    assert shown(nothing, CUT) > shown(picture, CUT)


def test_a_number_that_only_the_whole_image_reader_sees_is_shown_on_its_canvas(cut):
    writing, _ = cut
    digits = tuple(Digit(8, 0.9) for _ in range(3))
    said = {"segmented": "", "whole": "888"}
    picture = draw(writing, Reading("888", "review", "found 2 digits: 8 8", 0.5, digits, by_reader=said))
    canvas = np.repeat(np.repeat(fit_canvas(writing), 2, axis=0), 2, axis=1)
    x, y = cv2.minMaxLoc(cv2.matchTemplate(picture[..., 0], canvas, cv2.TM_SQDIFF))[2]
    np.testing.assert_array_equal(picture[y : y + 168, x : x + 168, 0], canvas)
    assert shown(picture, CHOSEN) == 0


@pytest.mark.parametrize("kind", ["reader", "segmented_reader", "whole_reader"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (3000, 4), (84, 84)])
def test_any_image_has_a_picture(request, kind, shape):
    reader = request.getfixturevalue(kind)
    ((reading, writing),) = reader.read_segmented([reader.segment(np.zeros(shape, np.uint8))])
    assert draw(writing, reading).shape[2] == 3


@pytest.mark.parametrize("name", ["../../out.png", "/etc/out.png", "a/../../out.png"])
def test_pictures_stay_in_their_folder(reader, field, tmp_path, name):
    ((reading, segmentation),) = reader.read_segmented([reader.segment(field("427")[0])])
    path = save_picture(segmentation, reading, tmp_path, name)
    assert path.resolve().is_relative_to(tmp_path.resolve())
    assert path.exists()
