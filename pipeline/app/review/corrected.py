"""The table of a pile with a person's decisions in it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pipeline.app.review.fields import Field
from pipeline.app.review.store import Store
from pipeline.batch.sinks import columns
from pipeline.grammar import how_many

# The column that the table has beside those of `tridigit read`, and what stands there of what a person decided.
DECIDED_BY, PERSON = "decided_by", "person"
# Verdict -> status and reason of a row.
_ROWS = {
    "number": ("accept", ""),
    "unreadable": ("unreadable", "a person could not read it"),
    "no number": ("unreadable", "a person saw no number"),
}


def corrected(store: Store) -> tuple[tuple[str, ...], list[dict[str, Any]]]:
    """Names of the columns, and a record of each file of the pile; see :func:`pipeline.batch.sinks.record`.

    What a person read is accepted. The confidence, the probabilities and the boxes are the reader's: they are left out
    where a person read another number.
    """
    pile = store.pile()
    places = max((max(field.places, len(number)) for field, _, number in pile), default=0)
    return (*columns(places), DECIDED_BY), [_record(*one, places) for one in pile]


def _record(field: Field, verdict: str, seen: str, places: int) -> dict[str, Any]:
    values: dict[str, Any] = dict.fromkeys(columns(places))
    decided = verdict in _ROWS
    number = seen if decided else field.number
    status, reason = _ROWS[verdict] if decided else (field.status, field.reason)
    values |= {"path": field.name, "number": number, "status": status, "reason": reason, "boxes": []}
    if number == field.number and status != "error":
        values |= {"confidence": field.confidence, "boxes": field.boxes}
        values |= {f"probability_{k}": p for k, p in enumerate(field.probabilities, 1)}
    values |= {f"digit_{k}": int(digit) for k, digit in enumerate(number, 1)}
    return values | {DECIDED_BY: PERSON if decided else ""}


def in_words(store: Store) -> str:
    """What was decided, in a sentence."""
    came, others = Counter[str](), 0
    for field, verdict, number in store.pile():
        came[verdict] += 1
        others += verdict == "number" and number != field.number
    said = {
        "number": how_many(came["number"], "number") + (f" ({others:,} other than was read)" if others else ""),
        "unreadable": f"{came['unreadable']:,} unreadable",
        "no number": f"{came['no number']:,} without a number",
    }
    decided = how_many(sum(came[verdict] for verdict in said), "field")
    skipped = f"; {came['skip']:,} skipped" if came["skip"] else ""
    return f"{decided} decided: {', '.join(said[verdict] for verdict in said if came[verdict]) or 'none'}{skipped}."
