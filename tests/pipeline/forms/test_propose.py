"""Places to write are found on a blank page."""

import numpy as np
import pytest

from pipeline.forms.propose import propose

DIGITS = {
    "marks": [(1, 3)] * 11 + [(1, 4)],
    "meters": [(5, 5), (4, 4), (6, 6)] * 4,
    "tally": [(1, 6)] * 12,
    "order": [(1, 5)] * 12,
    "survey": [(n, n) for n in (2, 2, 4, 3, 4, 3, 3, 3, 3, 6, 2, 4)],
}


def shared(one, other):
    """Intersection over union of two boxes."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    both = max(0.0, width) * max(0.0, height)
    return both / sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)) * 2


@pytest.mark.parametrize("name", DIGITS)
def test_every_place_is_found_and_nothing_else(blanks, name):
    fields, ticks = propose(blanks[name].gray)
    assert [field.digits for field in fields] == DIGITS[name]
    for field in fields:
        assert max(shared(field.box, place.box) for place in blanks[name].places) > 0.85
    assert [tick.box for tick in ticks] == [pytest.approx(box, abs=0.4) for _, box in blanks[name].ticks]


def test_an_empty_page_has_no_places():
    assert propose(np.full((2339, 1654), 255, np.uint8)) == ([], [])
