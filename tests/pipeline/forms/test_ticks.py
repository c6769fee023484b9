"""Boxes to tick: blank, ticked, or for a person."""

import cv2
import numpy as np
import pytest

from pipeline.forms.register.template import SCALE
from pipeline.forms.ticks import ink_share, state_of


@pytest.fixture
def box():
    page = np.full((60, 60), 240, np.uint8)
    cv2.rectangle(page, (12, 12), (47, 47), 20, 2)
    return page


@pytest.fixture(params=[-0.15, 0.0, 0.15], ids=["inside", "on", "around"])
def share_of(request, box):
    """Function: the share of ink of a page; its box lies within the frame, on it or around it."""
    left, right = 12 / SCALE - request.param, 47 / SCALE + request.param
    return lambda page: ink_share(page, box, (left, left, right, right))


def test_a_cross_is_ticked_and_its_frame_alone_is_blank(box, share_of):
    crossed = box.copy()
    cv2.line(crossed, (16, 16), (44, 44), 60, 3)
    cv2.line(crossed, (44, 16), (16, 44), 60, 3)
    assert state_of(share_of(cv2.GaussianBlur(box, (0, 0), 1.3))) == ("blank", "")
    assert state_of(share_of(crossed)) == ("ticked", "")


def test_a_stray_dot_is_for_a_person(box, share_of):
    dotted = box.copy()
    cv2.circle(dotted, (30, 30), 3, 60, -1)
    state, doubt = state_of(share_of(dotted))
    assert state == "unclear"
    assert doubt.startswith("neither blank nor ticked: ")
