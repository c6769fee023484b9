"""Rows -> a file, written so that a kill at any moment leaves whole rows and the run can be gone on with."""

from __future__ import annotations

import csv
import io
import os
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from pipeline.batch.files import Source
from pipeline.batch.journal import Journal, Progress
from pipeline.batch.parquet import convert, parquet_names, parquet_rows
from pipeline.batch.read import Row
from pipeline.batch.sinks import (
    WRITERS,
    csv_names,
    csv_rows,
    encoded,
    is_table,
    jsonl_names,
    jsonl_rows,
    no_formula,
)

# Written as JSON lines first: a Parquet file is none before its end.
PARQUET = "parquet"
READERS: dict[str, Callable[[Path], Iterator[tuple[str, str]]]] = {
    "csv": csv_rows,
    "jsonl": jsonl_rows,
    PARQUET: parquet_rows,
}
NAMES: dict[str, Callable[[Path], Sequence[str]]] = {
    "csv": csv_names,
    "jsonl": jsonl_names,
    PARQUET: parquet_names,
}


def check_replaceable(path: Path, form: str, ours: Callable[[Sequence[str]], bool] = is_table) -> None:
    """A file that is there, and not empty, should be a table of an earlier run: any other would be lost.

    Parameters
    ----------
    form : {'csv', 'jsonl', 'parquet'}
    ours : callable
        Says of the names of columns whether the command writes such tables.

    Raises
    ------
    ValueError
        If it is something else.
    """
    if not path.is_file() or not path.stat().st_size:
        return
    try:
        names = NAMES[form](path)
    except (ValueError, TypeError, csv.Error):
        names = ()
    if not ours(names):
        raise ValueError(
            f"{str(path)!r} is there, and would be lost: only a table that this command wrote is replaced. Name "
            "another file, or delete it."
        )


class Table:
    """Rows on their way into a file, a batch of them in one go.

    Parameters
    ----------
    form : str
        A key of :data:`pipeline.batch.sinks.WRITERS`.
    places : int
        Digits that a number has at most.
    put : callable
        Writes text.
    batch_size : int
        Rows that are written together.
    begun : Progress
        What is there already.
    keep : callable
        Is told after each batch how far the table has come.

    Attributes
    ----------
    came : Counter of str
        Rows by status, those included that were there already.
    written : int
        Rows that are in the file.
    """

    def __init__(
        self,
        form: str,
        places: int,
        put: Callable[[str], Any],
        *,
        batch_size: int,
        begun: Progress | None = None,
        keep: Callable[[Progress], None] | None = None,
    ):
        self.begun = begun or Progress()
        self.came = Counter(self.begun.came)
        self.written, self._size, self._checksum = self.begun.rows, self.begun.size, self.begun.checksum
        self._put, self._keep, self._batch_size = put, keep, batch_size
        self._held, self._text = 0, io.StringIO(newline="")
        self._write = WRITERS[form](self._text, places)
        if self._size:  # the header is there
            self._empty()

    def add(self, row: Row) -> None:
        """Take a row; it is written with the others of its batch."""
        self._write(row)
        self.came[row.reading.status if row.reading else "error"] += 1
        self._held += 1
        if self._held == self._batch_size:
            self.write()

    def write(self) -> None:
        """Write the rows that are held."""
        text = self._text.getvalue()
        self._put(text)
        data = encoded(text)
        self.written, self._held = self.written + self._held, 0
        self._size, self._checksum = self._size + len(data), zlib.crc32(data, self._checksum)
        self._empty()
        if self._keep is not None:
            self._keep(Progress(self.written, self._size, self._checksum, self.came))

    def _empty(self) -> None:
        self._text.seek(0)
        self._text.truncate()


@dataclass(frozen=True)
class Output:
    """The file of a table, and the journal beside it until the table is finished.

    Only whole batches are gone on from: so each image is read together with the same others as it would have been, and
    the finished table is the same, byte for byte.

    Attributes
    ----------
    path : Path
    form : {'csv', 'jsonl', 'parquet'}
    places : int
        Digits that a number has at most.
    batch_size : int
        Rows that are written together.
    """

    path: Path
    form: str
    places: int
    batch_size: int

    @property
    def rows(self) -> Path:
        """Where rows are written while the table is under way."""
        return self._beside(".part") if self.form == PARQUET else self.path

    @property
    def journal(self) -> Journal:
        """Where it stands how far the table has come."""
        return Journal(self.rows, self._beside(".resume"))

    def finished(self, sources: Iterable[Source]) -> Counter[str] | None:
        """Rows by status, if no journal says otherwise and each file has its row, in order; else None."""
        if self.journal.path.exists() or not self.path.is_file():
            return None
        came = Counter[str]()
        try:
            for source, row in zip_longest(sources, READERS[self.form](self.path)):
                if source is None or row is None or row[0] != self._name(source):
                    return None
                came[row[1]] += 1
        except (ValueError, KeyError, csv.Error):  # no table, or one of something else
            return None
        return came

    def begun(self, run: Mapping[str, Any]) -> Progress:
        """How far a run that was interrupted came; nothing, if it did not come to its first row.

        Parameters
        ----------
        run : mapping
            What has to be the same for the table to be gone on with: settings, files.

        Raises
        ------
        ValueError
            If there is a table that this run did not begin, or that was changed since.
        """
        if self.rows.exists() and (progress := self.journal.load(run)) is not None:
            return progress
        there = self.path.exists() and (not self.path.is_file() or self.path.stat().st_size)
        if there and not self.journal.path.exists():
            raise ValueError(
                f"{str(self.path)!r} should be the table of a run that was interrupted, or not be there. Received: one "
                f"without {self.journal.path.name!r}, whose rows are not these files."
            )
        return Progress()

    def check_replaceable(self) -> None:
        """Nothing is there that a table begun anew would destroy: results of hours, or a file of something else.

        Raises
        ------
        ValueError
            If a run left the table unfinished, or the file is no finished table.
        """
        if self.journal.path.exists() and self.rows.is_file() and self.rows.stat().st_size:
            raise ValueError(
                f"{str(self.rows)!r} is of a run that was interrupted: --resume goes on with it. To begin anew, delete "
                "it."
            )
        check_replaceable(self.path, self.form)

    @contextmanager
    def opened(self, run: Mapping[str, Any], begun: Progress) -> Iterator[Table]:
        """The table, to be filled with the rows after those that are there.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        kept = not self.path.exists() or self.path.is_file()  # with a pipe or a device there is nothing to go on with
        journal = self.journal
        if kept and not begun.rows:
            self.rows.open("ab").close()  # it can be written, or this says why not; nothing is lost yet
            journal.begin(run)
        with self.rows.open("r+b" if begun.rows else "wb") as file:
            if begun.rows:
                file.truncate(begun.size)
                file.seek(0, os.SEEK_END)

            def put(text: str) -> None:
                file.write(encoded(text))
                file.flush()

            form = "jsonl" if self.form == PARQUET else self.form
            keep = journal.keep if kept else None
            yield (table := Table(form, self.places, put, batch_size=self.batch_size, begun=begun, keep=keep))
            table.write()
        if self.form == PARQUET:
            convert(self.rows, self.path, self.places)
        if kept:
            journal.finish()
        if self.form == PARQUET:
            self.rows.unlink()

    def _beside(self, suffix: str) -> Path:
        return self.path.with_name(f"{self.path.name}{suffix}")

    def _name(self, source: Source) -> str:
        """The file as the table calls it."""
        name = no_formula(source.name) if self.form == "csv" else source.name
        return name if self.form == "jsonl" else encoded(name).decode()
