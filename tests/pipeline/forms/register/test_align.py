"""Pages are laid over their blank to a fraction of a millimetre, however they were taken."""

import cv2
import numpy as np
import pytest

from pipeline.forms.register.align import match, refine
from pipeline.forms.register.template import SCALE, features_of
from pipeline.synth.pages.take import photographed, scanned


def box_error(template, to_image, true):
    """Greatest distance of a corner of a field from where it is, in millimetres of the page."""
    boxes = np.array([place.box for place in template.form.places]) * SCALE
    corners = np.concatenate([boxes[:, [0, 1]], boxes[:, [2, 1]], boxes[:, [2, 3]], boxes[:, [0, 3]]])[None]
    back = cv2.perspectiveTransform(cv2.perspectiveTransform(corners, to_image), np.linalg.inv(true))
    return float(np.linalg.norm(back - corners, axis=2).max() / SCALE)


@pytest.mark.parametrize("take", [scanned, photographed])
@pytest.mark.parametrize("name", ["survey", "meters"])
def test_field_boxes_are_within_a_millimetre(templates, filled, name, take):
    taken = take(filled(name).gray, np.random.default_rng(3))
    to_image, count = match(templates[name], features_of(taken.gray))
    assert count > 20
    alignment = refine(templates[name], taken.gray, to_image)
    assert box_error(templates[name], alignment.to_image, taken.to_image) < 0.15
    assert alignment.fit > 0.6
    assert alignment.page.shape == templates[name].gray.shape


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_turned_pages_are_put_right(templates, filled, turns):
    page = filled("survey").gray
    turned = np.ascontiguousarray(np.rot90(page, turns))
    alignment = refine(templates["survey"], turned, match(templates["survey"], features_of(turned))[0])
    (height, width), once = page.shape, np.array([[0, 1, 0], [-1, 0, 0], [0, 0, 1]])
    true = np.linalg.matrix_power(once, turns)
    true[:2, 2] = [(0, width - 1), (width - 1, height - 1), (height - 1, 0)][turns - 1]
    assert box_error(templates["survey"], alignment.to_image, true) < 0.1


def test_refining_puts_right_a_map_that_is_two_millimetres_off(templates, filled):
    off = np.array([[1, 0, 1.5 * SCALE], [0, 1, -1.5 * SCALE], [0, 0, 1]])
    alignment = refine(templates["survey"], filled("survey").gray, off)
    assert box_error(templates["survey"], alignment.to_image, np.eye(3)) < 0.15


def test_a_mirrored_page_is_not_matched(templates, filled):
    to_image, _ = match(templates["survey"], features_of(np.ascontiguousarray(filled("survey").gray[:, ::-1])))
    assert to_image is None


def test_an_empty_image_is_not_matched(templates):
    assert match(templates["survey"], features_of(np.full((600, 400), 255, np.uint8))) == (None, 0)
