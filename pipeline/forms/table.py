"""Pages read -> CSV or JSON lines: one row a page and a column a field, or one row a field."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TextIO

from pipeline.batch.sinks import Kind, no_formula
from pipeline.forms.reading import PageReading

if TYPE_CHECKING:
    from pipeline.forms.read import Page


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


Records = Callable[[PageRow], Iterable[dict[str, Any]]]
OF_PAGE: dict[str, Kind] = {"path": "text", "page": "count", "form": "text", "status": "text", "reason": "text"}
OF_FIELD: dict[str, Kind] = {
    "path": "text",
    "page": "count",
    "form": "text",
    "field": "text",
    "value": "text",
    "status": "text",
    "reason": "text",
    "confidence": "share",
    "corners": "points",
}


@dataclass(frozen=True)
class Pages:
    """Layout of a table of pages: one row a page; see :class:`pipeline.batch.table.Layout`.

    Attributes
    ----------
    fields : tuple of str
        All fields of the forms, a column each.
    """

    fields: tuple[str, ...]
    told: ClassVar[Sequence[str]] = ("path", "page", "status")

    @property
    def kinds(self) -> dict[str, Kind]:
        fields: dict[str, Kind] = dict.fromkeys(self.fields, "text")
        return OF_PAGE | fields

    def writer(self, form: str, file: TextIO) -> Callable[[PageRow], None]:
        return WRITERS[form](file, tuple(self.kinds), page_record)

    def is_table(self, names: Sequence[str]) -> bool:
        """A table of fields is one, too: either may take the other's place."""
        return tuple(names) == tuple(OF_FIELD) or tuple(names[: len(OF_PAGE)]) == tuple(OF_PAGE)

    def key_of(self, page: Page) -> tuple[str, ...]:
        return page.source.name, str(page.number)

    def by_item(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[tuple[str, ...], str]]:
        for path, page, status in rows:
            yield (path, str(page)), status


class PageFields(Pages):
    """Layout of a table with one row a field."""

    told: ClassVar[Sequence[str]] = ("path", "page", "form", "field", "status")

    @property
    def kinds(self) -> dict[str, Kind]:
        return OF_FIELD

    def writer(self, form: str, file: TextIO) -> Callable[[PageRow], None]:
        return WRITERS[form](file, tuple(self.kinds), field_records)

    def by_item(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[tuple[str, ...], str]]:
        for of_page in _pages(rows):
            path, page, form, _, first = of_page[0]
            together = "accept" if {status for *_, status in of_page} == {"accept"} else "review"
            yield (path, str(page)), together if form else first


def _pages(rows: Iterable[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    """Rows page by page; where a page is there twice in succession, its first field begins anew."""
    page: list[tuple[Any, ...]] = []
    for row in rows:
        if page and (row[:3] != page[0][:3] or row[3] == page[0][3]):
            yield page
            page = []
        page.append(row)
    if page:
        yield page


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
            if isinstance(values.get("corners"), list):  # a field of a form may be called so
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
