"""Boxes to tick: blank or ticked by the share of ink in them, and what is neither for a person."""

from __future__ import annotations

import numpy as np

from pipeline.forms.cut import EDGE, grown, window_of
from pipeline.forms.form import Box
from pipeline.forms.subtract import written
from segmenter.image import Gray

# Share of ink up to which a box is blank, and from which it is ticked: a stroke from corner to corner, 1/10 of the side
# wide, covers about 14% of it.
BLANK, TICKED = 0.015, 0.06
# Millimetres at the sides of a box that its frame takes.
FRAME = 0.5
# What a box may hold, by its share of ink.
STATES = ("blank", "unclear", "ticked")


def ink_share(page: Gray, blank: Gray, box: Box) -> float:
    """Share of a box on a registered page, its frame not counted, that has ink.

    Parameters
    ----------
    page, blank : (H, W) uint8
        The whole page.
    box : (left, top, right, bottom)
        Millimetres.
    """
    window = window_of(grown(box, EDGE), page.shape)
    ink = written(page[window], blank[window])
    return float(np.mean(ink[window_of(grown(box, -FRAME), page.shape, within=window)]))


def state_of(share: float) -> tuple[str, str]:
    """What a box holds, and why that is for a person; '' if it is plain.

    >>> state_of(0.0), state_of(0.2)
    (('blank', ''), ('ticked', ''))
    >>> state_of(0.03)
    ('unclear', 'neither blank nor ticked: 3.0% ink')
    """
    if share <= BLANK:
        return "blank", ""
    if share >= TICKED:
        return "ticked", ""
    return "unclear", f"neither blank nor ticked: {share:.1%} ink"
