"""Pages read -> CSV or JSON lines: one row a page and a column a field, or one row a field."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

from pipeline.batch.sinks import no_formula
from pipeline.forms.form import Form
from pipeline.forms.reading import PageReading


@dataclass(frozen=True, eq=False)
class PageRow:
    """One page's answer: a reading, or the reason why there is none.

    Attributes
    ----------
    name : str
        The file, as the table calls it.
    page : int
        From 1.
    """

    name: str
    page: int
    reading: PageReading | None
    error: str = ""


OF_PAGE = ("path", "page", "form", "status", "reason")
OF_FIELD = ("path", "page", "form", "field", "value", "status", "reason", "confidence", "corners")
Records = Callable[[PageRow], Iterable[dict[str, Any]]]


def columns(forms: Iterable[Form], *, long: bool = False) -> tuple[str, ...]:
    """Names of the columns: those of a page and all fields of the forms, or with ``long`` those of a field."""
    if long:
        return OF_FIELD
    names = dict.fromkeys(one.name for form in forms for one in form.places)
    return (*OF_PAGE, *names)


def is_table(names: Sequence[str]) -> bool:
    """Whether a table of pages or of fields of pages has these columns."""
    return tuple(names) == OF_FIELD or tuple(names[: len(OF_PAGE)]) == OF_PAGE


def page_record(row: PageRow) -> Iterator[dict[str, Any]]:
    """A page as one dictionary: what is known of it, and the value of each field."""
    yield _known(row) | {one.name: one.value for one in (row.reading.fields if row.reading else ())}


def field_records(row: PageRow) -> Iterator[dict[str, Any]]:
    """A page as a dictionary for each of its fields; one without a field if it fits no form.

    ``corners`` is a list of four [x, y] in pixels of the picture: left top, right top, right bottom, left bottom.
    """
    fields = row.reading.fields if row.reading else ()
    if not fields:
        yield _known(row) | {"field": "", "value": "", "confidence": None, "corners": []}
    for one in fields:
        yield _known(row) | {
            "field": one.name,
            "value": one.value,
            "status": one.status,
            "reason": one.reason,
            "confidence": None if one.confidence is None else round(one.confidence, 5),
            "corners": one.corners.round(1).tolist(),
        }


def _known(row: PageRow) -> dict[str, Any]:
    reading = row.reading
    status, reason = ("error", row.error) if reading is None else (reading.status, reading.reason)
    form = "" if reading is None else reading.form
    return {"path": row.name, "page": row.page, "form": form, "status": status, "reason": reason}


def csv_writer(file: TextIO, names: tuple[str, ...], records: Records) -> Callable[[PageRow], None]:
    """Write the header; the function returned writes one page. Corners are "x y; x y; x y; x y"."""
    writer = csv.DictWriter(file, names)
    writer.writeheader()

    def write(row: PageRow) -> None:
        for values in records(row):
            values["path"] = no_formula(values["path"])
            if "corners" in values:
                values["corners"] = "; ".join(f"{x} {y}" for x, y in values["corners"])
            writer.writerow(values)

    return write


def jsonl_writer(file: TextIO, names: tuple[str, ...], records: Records) -> Callable[[PageRow], None]:
    """The function returned writes one page, one line of JSON a record."""

    def write(row: PageRow) -> None:
        for values in records(row):
            file.write(json.dumps(dict.fromkeys(names) | values) + "\n")

    return write


WRITERS = {"csv": csv_writer, "jsonl": jsonl_writer}
