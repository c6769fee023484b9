"""A registered page -> the image of each of its fields, ready to be read."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from pipeline.forms.form import Box, Field, Form
from pipeline.forms.register.align import Alignment
from pipeline.forms.register.template import SCALE, Template
from pipeline.forms.subtract import take_print_out
from segmenter.image import Gray

# Millimetres beside a field that its writing may run into, if no other field is there.
ROOM = 1.2
# Millimetres beside what is cut out that are looked at, too: print at its edge is blurred into it.
EDGE = 1.0


def cut_fields(template: Template, page: Gray) -> list[Gray]:
    """The image of each field of the form, with what was written and without what was printed.

    Parameters
    ----------
    page : (H, W) uint8
        Registered: see :class:`pipeline.forms.register.align.Alignment`.
    """
    images = []
    for field in template.form.fields:
        box = with_room(field, template.form)
        window = window_of(grown(box, EDGE), page.shape)
        image = take_print_out(page[window], template.gray[window])
        images.append(image[window_of(box, page.shape, within=window)])
    return images


def with_room(field: Field, form: Form) -> Box:
    """The box of a field and some paper on each side, at most half of the way to another field or a tick."""
    left, top, right, bottom = field.box
    around = (left - 2 * ROOM, top - 2 * ROOM, right + 2 * ROOM, bottom + 2 * ROOM)
    near = [one.box for one in form.places if one is not field and _meet(one.box, around)]
    beside = [box for box in near if box[1] < bottom and box[3] > top]
    above = [box for box in near if box[0] < right and box[2] > left]
    return (
        left - _room(left - box[2] for box in beside),
        top - _room(top - box[3] for box in above),
        right + _room(box[0] - right for box in beside),
        bottom + _room(box[1] - bottom for box in above),
    )


def _room(gaps: Iterable[float]) -> float:
    return min([ROOM, *(max(0.0, gap / 2) for gap in gaps if gap > -ROOM)])


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def grown(box: Box, by: float) -> Box:
    """The box with so many millimetres more on each side."""
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


Window = tuple[slice, slice]


def window_of(box: Box, shape: tuple[int, ...], *, within: Window | None = None) -> Window:
    """Rows and columns of a registered page that a box covers; ``within`` another window, counted from there."""
    left, top, right, bottom = (round(side * SCALE) for side in box)
    down, along = (within[0].start, within[1].start) if within else (0, 0)
    rows = slice(max(0, top) - down, min(shape[0], bottom) - down)
    return rows, slice(max(0, left) - along, min(shape[1], right) - along)


def corners_of(box: Box, alignment: Alignment) -> NDArray[np.float64]:
    """Corners of a box in the picture, (4, 2), (x, y) in pixels: left top, right top, right bottom, left bottom."""
    left, top, right, bottom = (side * SCALE for side in box)
    corners = np.array([[left, top, 1], [right, top, 1], [right, bottom, 1], [left, bottom, 1]])
    seen = corners @ alignment.to_image.T
    return np.asarray(seen[:, :2] / seen[:, 2:])
