"""What a reader answered, as rows or as a table -> the fields to review."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from pipeline import __version__
from pipeline.app.review.fields import Field
from pipeline.batch.read import Row
from pipeline.batch.sinks import record

# Of the columns of a table, those that the review needs.
_NEEDED = ("path", "number", "status", "reason", "confidence", "boxes")
# Those of which a person is asked, and all.
_DOUBTFUL = ("review", "unreadable")
_STATUSES = ("accept", *_DOUBTFUL, "error")


@dataclass(frozen=True)
class Answer:
    """One row of a table of ``tridigit read``, whatever its format; see :func:`pipeline.batch.sinks.record`."""

    name: str
    number: str
    status: str
    reason: str
    confidence: float
    boxes: tuple[tuple[int, int, int, int], ...]
    places: int
    probabilities: tuple[float, ...] = ()

    @classmethod
    def of(cls, row: Row, places: int) -> Answer:
        """What a reader answered just now."""
        return _answer(record(row, places))


def to_fields(
    answers: Iterable[tuple[Answer, dict[str, Any]]], *, sample: float = 0.0, seed: int = 0, reader: str = __version__
) -> list[Field]:
    """The fields of a pile, of which those are queued that were not accepted, and a sample of the others.

    Parameters
    ----------
    answers : iterable of (Answer, dict)
        With each answer ``key``, and ``path`` or ``image``, of :class:`pipeline.app.review.fields.Field`.
        Those with an error have no image to look at and are not queued.
    sample : float
        Share of the accepted ones to ask about, in [0, 1]; above 0 at least one.
    seed : int
        Fixes which.
    """
    if not 0 <= sample <= 1:
        raise ValueError(f"`sample` should lie in [0, 1]. Received: {sample!r}.")
    pile = list(answers)
    accepted = [k for k, (answer, _) in enumerate(pile) if answer.status == "accept"]
    doubts = sorted(answer.confidence for answer, _ in pile if answer.status in _DOUBTFUL) or [0.0]
    draw = random.Random(seed)
    count = min(len(accepted), max(1, round(sample * len(accepted)))) if sample else 0
    chosen = set(draw.sample(accepted, count))
    return [
        Field(
            name=answer.name, number=answer.number, status=answer.status, reason=answer.reason,
            confidence=answer.confidence, boxes=answer.boxes, places=answer.places, reader=reader,
            queued=answer.status in _DOUBTFUL or k in chosen,
            doubt=draw.choice(doubts) if answer.status == "accept" else answer.confidence,
            probabilities=answer.probabilities, **where,
        )
        for k, (answer, where) in enumerate(pile)
    ]  # fmt: skip


def load_table(table: str | PathLike[str], images: str | PathLike[str], **options: Any) -> list[Field]:
    """The fields of a table that ``tridigit read`` wrote.

    Parameters
    ----------
    table : path
        CSV, JSON lines or Parquet, by its suffix.
    images : path
        Folder that the table's paths are in.
    **options
        Of :func:`to_fields`.

    Raises
    ------
    OSError, ValueError
        If there is no such file or it is no such table, a path leads out of the folder, or none of its images is there.
    """
    table, images = Path(table), Path(images).resolve()
    if not images.is_dir():
        raise ValueError(f"Expected a folder of images, found none at {str(images)!r}.")
    answers = list(read_table(table))
    placed = [(answer, {"key": answer.name, "path": str(_inside(images, answer.name))}) for answer in answers]
    fields = to_fields(placed, **options)
    named = [field for field in fields if field.status != "error"]
    if named and not any(Path(str(field.path)).is_file() for field in named):
        raise ValueError(f"{table} should be of images in {str(images)!r}. Received: {named[0].name!r}, not there.")
    return fields


def _inside(folder: Path, name: str) -> Path:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder):
        raise ValueError(f"Paths of the table should lie in {str(folder)!r}. Received: {name!r}.")
    return path


def read_table(table: Path) -> Iterator[Answer]:
    """The rows of a table.

    Raises
    ------
    OSError, ValueError
        If there is no such file, or it is no such table.
    """
    readers = {".csv": _csv, ".jsonl": _jsonl, ".ndjson": _jsonl, ".parquet": _parquet}
    if table.suffix.lower() not in readers:
        raise ValueError(f"A table should end in {', '.join(readers)}. Received: {str(table)!r}.")
    try:
        yield from map(_answer, readers[table.suffix.lower()](table))
    except (ValueError, KeyError, TypeError, csv.Error) as error:
        what = f"{table} should be a table of `tridigit read`"
        raise ValueError(f"{what}. Received: {type(error).__name__} {error}.") from error


def _csv(table: Path) -> Iterator[dict[str, Any]]:
    with table.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.DictReader(file)
        if missing := set(_NEEDED) - set(rows.fieldnames or ()):
            raise ValueError(f"no columns {sorted(missing)}")
        for row in rows:
            boxes = [[int(edge) for edge in box.split()] for box in (row["boxes"] or "").split(";") if box.strip()]
            yield row | {"boxes": boxes, "confidence": row["confidence"] or 0}


def _jsonl(table: Path) -> Iterator[dict[str, Any]]:
    with table.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def _parquet(table: Path) -> Iterator[dict[str, Any]]:
    from pyarrow import ArrowInvalid, parquet

    try:
        with parquet.ParquetFile(table) as file:
            for batch in file.iter_batches():
                yield from batch.to_pylist()
    except ArrowInvalid as error:
        raise ValueError(str(error)) from error


def _answer(row: dict[str, Any]) -> Answer:
    boxes = tuple((int(box[0]), int(box[1]), int(box[2]), int(box[3])) for box in row["boxes"] or ())
    places = sum(name.startswith("digit_") for name in row)
    confidence = float(row["confidence"] or 0)
    number, status, reason = str(row["number"] or ""), str(row["status"]), str(row["reason"] or "")
    if status not in _STATUSES:
        raise ValueError(f"the status {status!r}")
    given = (row[f"probability_{k}"] for k in range(1, places + 1) if f"probability_{k}" in row)
    probabilities = tuple(float(p) for p in given if p not in (None, ""))
    return Answer(str(row["path"]), number, status, reason, confidence, boxes, places, probabilities)
