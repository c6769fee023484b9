"""A page of a form with its fields drawn, to be looked at."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.forms.form import Field, Form
from pipeline.forms.register.template import SCALE
from segmenter.image import Gray

# Blue, green, red (Okabe & Ito, "Color universal design", 2008): fields, and boxes to tick.
FIELD, TICK = (178, 114, 0), (0, 94, 213)
# Longer side of a picture in pixels.
SIDE = 1400


def draw(page: Gray, form: Form) -> NDArray[np.uint8]:
    """A registered page with the boxes of the form and their names, (H, W, 3) uint8, BGR."""
    shrink = SIDE / max(page.shape)
    small = cv2.resize(page, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    picture = cv2.cvtColor(small, cv2.COLOR_GRAY2BGR)
    for place in form.places:
        colour = FIELD if isinstance(place, Field) else TICK
        left, top, right, bottom = (round(side * SCALE * shrink) for side in place.box)
        cv2.rectangle(picture, (left, top), (right, bottom), colour, 2)
        words = f"{place.name} ({_count(place.digits)})" if isinstance(place, Field) else place.name
        cv2.putText(picture, words, (left, top - 4), cv2.FONT_HERSHEY_SIMPLEX, 0.4, colour, 1, cv2.LINE_AA)
    return np.asarray(picture, np.uint8)


def _count(digits: tuple[int, int]) -> str:
    low, high = digits
    return str(low) if low == high else f"{low}-{high}"
