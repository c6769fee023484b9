"""How far a table has come, kept beside it, so that a run that was killed can be gone on with."""

from __future__ import annotations

import json
import os
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_CHUNK = 1 << 20  # bytes of a table that are checked at a time


@dataclass(frozen=True)
class Progress:
    """What of a table is written for good.

    Attributes
    ----------
    rows, size : int
        Rows, and bytes of the table that hold them and the header.
    checksum : int
        CRC-32 of these bytes.
    came : Counter of str
        Rows by status.
    """

    rows: int = 0
    size: int = 0
    checksum: int = 0
    came: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Progress:
        """From a line of a journal; ValueError, KeyError, TypeError or AttributeError if it is none."""
        came = Counter[str](kept["came"])
        numbers = [kept["rows"], kept["size"], kept["checksum"], *came.values()]
        if not all(type(number) is int and number >= 0 for number in numbers) or came.total() != kept["rows"]:
            raise ValueError(f"counts {numbers}")
        return cls(kept["rows"], kept["size"], kept["checksum"], came)


class Journal:
    """The file ``TABLE.resume``: a line that says which run this is, then one for each batch written.

    Parameters
    ----------
    table : path
        Where the rows are written.
    path : path
        The journal.
    """

    def __init__(self, table: Path, path: Path):
        self.table, self.path = table, path

    def begin(self, run: Mapping[str, Any]) -> None:
        """Begin anew. The journal is there, whole, before anything of an older table is lost."""
        new = self.path.with_name(f"{self.path.name}.new")
        new.write_text(json.dumps(run) + "\n", encoding="utf-8")
        os.replace(new, self.path)

    def keep(self, progress: Progress) -> None:
        """A batch is written: all of it, the last line of the table included."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(vars(progress)) + "\n")

    def load(self, run: Mapping[str, Any]) -> Progress | None:
        """How far the table came; None if there is no journal, or nothing in it.

        Raises
        ------
        ValueError
            If that was another run, the table was changed since, or the journal is none.
        """
        if not self.path.exists():
            return None
        begun, progress = self._read()
        if differing := sorted(name for name in {*begun, *run} if begun.get(name) != run.get(name)):
            raise ValueError(
                f"A table should be gone on with as it was begun. Received: other {', '.join(differing)} than "
                f"{str(self.path)!r} has; to begin anew, delete {str(self.table)!r}."
            )
        if progress.size and not self._is_unchanged(progress):
            raise ValueError(f"{str(self.table)!r} was changed since it was left; to begin anew, delete it.")
        self._end_with_a_line()
        return progress

    def finish(self) -> None:
        self.path.unlink(missing_ok=True)

    def _read(self) -> tuple[dict[str, Any], Progress]:
        """Which run this is, and how far it came; a line that a kill cut off does not count."""
        lines = self.path.read_bytes().split(b"\n")[:-1]
        try:
            run = dict(json.loads(lines[0]))
            return run, Progress.of(json.loads(lines[-1])) if len(lines) > 1 else Progress()
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
            what = f"{str(self.path)!r} should be the journal of a table"
            raise ValueError(f"{what}; to begin anew, delete {str(self.table)!r}. Received: {error}.") from error

    def _end_with_a_line(self) -> None:
        """Cut off a line that was not finished: the next one would be written behind it."""
        text = self.path.read_bytes()
        os.truncate(self.path, text.rfind(b"\n") + 1)

    def _is_unchanged(self, progress: Progress) -> bool:
        if not self.table.exists() or self.table.stat().st_size < progress.size:
            return False
        checksum, left = 0, progress.size
        with self.table.open("rb") as file:
            while left:
                chunk = file.read(min(left, _CHUNK))
                checksum, left = zlib.crc32(chunk, checksum), left - len(chunk)
        return checksum == progress.checksum
