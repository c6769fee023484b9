"""Rows of numbers -> CSV or JSON lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TextIO

from classifier.number_format import MOST_DIGITS
from pipeline.batch.files import Source
from pipeline.batch.read import Row

# What a column holds.
Kind = Literal["text", "digit", "count", "share", "boxes", "points"]


def columns(places: int) -> tuple[str, ...]:
    """Names of the columns of a table of numbers of up to ``places`` digits."""
    return tuple(Numbers(places).kinds)


def record(row: Row, places: int) -> dict[str, Any]:
    """A row as a dictionary with the keys of :func:`columns`.

    ``boxes`` is a list of [left, top, right, bottom] in pixels of the image; empty if the reader
    looked at the whole image.
    """
    empty: dict[str, Any] = dict.fromkeys(columns(places))
    reading = row.reading
    if reading is None:
        return empty | {"path": row.name, "number": "", "status": "error", "reason": row.error, "boxes": []}
    values: dict[str, Any] = {
        "path": row.name,
        "number": reading.number,
        "status": reading.status,
        "reason": reading.reason,
        "confidence": round(reading.confidence, 5),
        "boxes": [list(digit.box) for digit in reading.digits if digit.box],
    }
    for k, digit in enumerate(reading.digits, 1):
        values |= {f"digit_{k}": digit.value, f"probability_{k}": round(digit.probability, 5)}
    return empty | values


def as_cells(values: dict[str, Any]) -> dict[str, Any]:
    """A record as the cells of a spreadsheet."""
    boxes = "; ".join(" ".join(map(str, box)) for box in values["boxes"])
    return values | {"boxes": boxes, "path": no_formula(values["path"])}


def csv_writer(file: TextIO, places: int) -> Callable[[Row], None]:
    """Write the header; the function returned writes one row. Boxes are "l t r b; l t r b; l t r b"."""
    writer = csv.DictWriter(file, columns(places))
    writer.writeheader()
    return lambda row: writer.writerow(as_cells(record(row, places)))


def jsonl_writer(file: TextIO, places: int) -> Callable[[Row], None]:
    """The function returned writes one row as one line of JSON."""

    def write(row: Row) -> None:
        file.write(json.dumps(record(row, places)) + "\n")

    return write


WRITERS: dict[str, Callable[[TextIO, int], Callable[[Row], None]]] = {"csv": csv_writer, "jsonl": jsonl_writer}


def no_formula(path: str) -> str:
    """A name that a spreadsheet would run is written as ``./name``, which is still the file's path."""
    return f"./{path}" if path.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else path


def encoded(text: str) -> bytes:
    """UTF-8; bytes of a name that are none are written as an escape."""
    return text.encode("utf-8", errors="backslashreplace")


@dataclass(frozen=True)
class Numbers:
    """Layout of a table of numbers: one row a file; see :class:`pipeline.batch.table.Layout`.

    Attributes
    ----------
    places : int
        Digits that a number has at most.
    """

    places: int
    told = ("path", "status")

    @property
    def kinds(self) -> dict[str, Kind]:
        each = range(1, self.places + 1)
        values: dict[str, Kind] = {"path": "text", "number": "text", "status": "text", "reason": "text"}
        digits: dict[str, Kind] = {f"digit_{k}": "digit" for k in each}
        probabilities: dict[str, Kind] = {f"probability_{k}": "share" for k in each}
        return {**values, "confidence": "share", **digits, **probabilities, "boxes": "boxes"}

    def writer(self, form: str, file: TextIO) -> Callable[[Row], None]:
        return WRITERS[form](file, self.places)

    def is_table(self, names: Sequence[str]) -> bool:
        """Of numbers of any count of digits, and without other columns."""
        return tuple(names) in [columns(places) for places in range(1, MOST_DIGITS + 1)]

    def key_of(self, source: Source) -> tuple[str, ...]:
        return (source.name,)

    def by_item(self, rows: Iterable[tuple[str, str]]) -> Iterator[tuple[tuple[str, ...], str]]:
        for path, status in rows:
            yield (path,), status


def csv_names(path: Path) -> Sequence[str]:
    """Names of the columns of a table."""
    with path.open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file), [])


def jsonl_names(path: Path) -> Sequence[str]:
    """Names of the columns of a table, by its first line."""
    with path.open(encoding="utf-8") as file:
        return list(dict(json.loads(file.readline())))


def csv_rows(path: Path, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """These columns of each row of a table."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from (tuple(row[name] for name in names) for row in csv.DictReader(file))


def jsonl_rows(path: Path, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """These columns of each row of a table."""
    with path.open(encoding="utf-8") as file:
        yield from (tuple(row[name] for name in names) for row in map(json.loads, file))
