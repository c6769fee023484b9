"""The picture that shows why."""

import numpy as np
import pytest

from pipeline.debug import COLOURS, LEFT_OUT, draw, save_picture


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


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (3000, 4), (84, 84)])
def test_any_image_has_a_picture(reader, shape):
    ((reading, segmentation),) = reader.read_segmented([reader.segment(np.zeros(shape, np.uint8))])
    assert draw(segmentation, reading).shape[2] == 3


@pytest.mark.parametrize("name", ["../../out.png", "/etc/out.png", "a/../../out.png"])
def test_pictures_stay_in_their_folder(reader, field, tmp_path, name):
    ((reading, segmentation),) = reader.read_segmented([reader.segment(field("427")[0])])
    path = save_picture(segmentation, reading, tmp_path, name)
    assert path.resolve().is_relative_to(tmp_path.resolve())
    assert path.exists()
