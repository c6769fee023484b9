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
from typing import Any, Protocol, TextIO

from pipeline.batch.journal import Journal, Progress
from pipeline.batch.parquet import convert, parquet_names, parquet_rows
from pipeline.batch.sinks import Kind, csv_names, csv_rows, encoded, jsonl_names, jsonl_rows, no_formula

# Written as JSON lines first: a Parquet file is none before its end.
PARQUET = "parquet"
Key = tuple[str, ...]


class Layout(Protocol):
    """What a table has, whatever its file: :class:`pipeline.batch.sinks.Numbers`, or pages of forms.

    An item is what is read, a file or a page. Its key names it in the table.
    """

    @property
    def kinds(self) -> Mapping[str, Kind]:
        """Columns in their order, and what each holds."""

    @property
    def told(self) -> Sequence[str]:
        """Columns that tell an item and its status."""

    def writer(self, form: str, file: TextIO) -> Callable[[Any], None]:
        """Write the header of 'csv' or 'jsonl'; the function returned writes what came of an item."""

    def is_table(self, names: Sequence[str]) -> bool:
        """Whether a table of these columns may be replaced by this one."""

    def key_of(self, item: Any) -> Key: ...

    def by_item(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Key, str]]:
        """Key and status of each item, from the columns ``told`` of each row."""


# Names of the columns of a table; these columns of each of its rows.
NAMES: dict[str, Callable[[Path], Sequence[str]]] = {"csv": csv_names, "jsonl": jsonl_names, PARQUET: parquet_names}
ROWS: dict[str, Callable[[Path, Sequence[str]], Iterator[tuple[Any, ...]]]] = {
    "csv": csv_rows,
    "jsonl": jsonl_rows,
    PARQUET: parquet_rows,
}


def check_replaceable(path: Path, form: str, ours: Callable[[Sequence[str]], bool]) -> None:
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
    except (ValueError, TypeError, RecursionError, csv.Error):
        names = ()
    if not ours(names):
        raise ValueError(
            f"{str(path)!r} is there, and would be lost: only a table that this command wrote is replaced. Name "
            "another file, or delete it."
        )


class Table:
    """What came of items on its way into a file, a batch of them in one go.

    Parameters
    ----------
    form : {'csv', 'jsonl'}
    layout : Layout
    put : callable
        Writes text.
    batch_size : int
        Items that are written together.
    begun : Progress
        What is there already.
    keep : callable
        Is told after each batch how far the table has come.

    Attributes
    ----------
    came : Counter of str
        Items by status, those included that were there already.
    written : int
        Items that are in the file.
    """

    def __init__(
        self,
        form: str,
        layout: Layout,
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
        self._write = layout.writer(form, self._text)
        if self._size:  # the header is there
            self._empty()

    def add(self, came: Any) -> None:
        """Take what came of an item: it has a ``reading``, or None. It is written with the others of its batch."""
        self._write(came)
        self.came[came.reading.status if came.reading else "error"] += 1
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
    layout : Layout
    batch_size : int
        Items that are written together.
    """

    path: Path
    form: str
    layout: Layout
    batch_size: int

    @property
    def rows(self) -> Path:
        """Where rows are written while the table is under way."""
        return self._beside(".part") if self.form == PARQUET else self.path

    @property
    def journal(self) -> Journal:
        """Where it stands how far the table has come."""
        return Journal(self.rows, self._beside(".resume"))

    def finished(self, items: Iterable[Any]) -> Counter[str] | None:
        """Items by status, if no journal says otherwise and each has its rows, in order; else None."""
        if self.journal.path.exists() or not self.path.is_file():
            return None
        came = Counter[str]()
        try:
            if list(NAMES[self.form](self.path)) != list(self.layout.kinds):
                return None
            there = self.layout.by_item(ROWS[self.form](self.path, self.layout.told))
            for item, found in zip_longest(items, there):
                if item is None or found is None or found[0] != self._written(self.layout.key_of(item)):
                    return None
                came[found[1]] += 1
        except (ValueError, KeyError, TypeError, RecursionError, csv.Error):  # no table, or one of something else
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
                f"without {self.journal.path.name!r}, whose rows are not these files, or whose columns are others."
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
        check_replaceable(self.path, self.form, self.layout.is_table)

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
            yield (table := Table(form, self.layout, put, batch_size=self.batch_size, begun=begun, keep=keep))
            table.write()
        if self.form == PARQUET:
            convert(self.rows, self.path, self.layout.kinds)
        if kept:
            journal.finish()
        if self.form == PARQUET:
            self.rows.unlink()

    def _beside(self, suffix: str) -> Path:
        return self.path.with_name(f"{self.path.name}{suffix}")

    def _written(self, key: Key) -> Key:
        """An item's key as the table has it."""
        name, *others = key
        name = no_formula(name) if self.form == "csv" else name
        return (name if self.form == "jsonl" else encoded(name).decode(), *others)
