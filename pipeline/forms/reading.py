"""What was read on a page of a form."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.forms.form import Form
from pipeline.reading import Reading


@dataclass(frozen=True, eq=False)
class FieldReading:
    """One field.

    Attributes
    ----------
    name : str
    value : str
        Its number, '' if none was read; of a tick 'blank', 'ticked' or 'unclear'.
    status : {'accept', 'review', 'unreadable'}
    reason : str
        Why it is not accepted; '' if it is.
    confidence : float or None
        That the number is right; None of a tick.
    corners : (4, 2) float
        Of the field in the picture of the page, (x, y) in pixels: left top, right top, right bottom, left bottom.
    reading : Reading or None
        All that the reader says; boxes are in pixels of the cut field. None of a tick.
    """

    name: str
    value: str
    status: str
    reason: str
    confidence: float | None
    corners: NDArray[np.float64]
    reading: Reading | None = None


@dataclass(frozen=True, eq=False)
class PageReading:
    """One page.

    Attributes
    ----------
    form : str
        Which form it is; '' if none fits.
    status : {'accept', 'review', 'unreadable'}
        'accept' if all of its fields are, 'unreadable' if no form fits.
    reason : str
        Why it is not accepted: the fields that are not, each with its reason.
    fields : tuple of FieldReading
        In the order of the form, ticks last; empty if no form fits.
    fit : float
        Share of the blank's print that was found again.
    """

    form: str
    status: str
    reason: str
    fields: tuple[FieldReading, ...] = ()
    fit: float = 0.0


def page_reading(form: Form, fields: tuple[FieldReading, ...], fit: float) -> PageReading:
    """The page's reading, after the form's rules were checked on its fields."""
    fields = _checked(form, fields)
    doubts = [f"{one.name}: {one.reason}" for one in fields if one.status != "accept"]
    return PageReading(form.name, "review" if doubts else "accept", "; ".join(doubts), fields, fit)


def _checked(form: Form, fields: tuple[FieldReading, ...]) -> tuple[FieldReading, ...]:
    """Fields whose number breaks a rule are for review, and those that the rule compares with: any may be the wrong."""
    numbers = {one.name: one.value for one in fields if one.reading is not None}
    why: dict[str, str] = {}
    for field in form.fields:
        if broken := field.rules.broken(field.name, numbers):
            why[field.name] = broken
            if field.rules.compares(numbers):
                for other in field.rules.others:
                    why.setdefault(other, f"{field.name}: {broken}")
    return tuple(
        replace(one, status="review", reason=why[one.name]) if one.status == "accept" and one.name in why else one
        for one in fields
    )
