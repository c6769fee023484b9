"""The queue and the decisions in one SQLite file: it outlives browsers and servers, and several share it."""

from __future__ import annotations

import sqlite3
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from os import PathLike
from typing import Any

from pipeline.app.review.fields import Decision, Field, Progress
from pipeline.app.review.schema import COLUMNS, field_of, prepare, row_of

# Seconds for which a field that is on one reviewer's screen is shown to no other.
LEASE = 120.0
# Order of a queue -> SQL.
ORDERS = {"doubt": "doubt, id", "read": "id"}
# Decisions that the time left is estimated from.
RECENT = 25


class Store:
    """Fields to review and what was decided of them.

    What was decided is on the disk when a method returns. That no field is decided twice is a rule of the database
    itself; an undone decision stays as a row with the time at which it was taken back.

    Parameters
    ----------
    path : path
        Made if it is not there.

    Raises
    ------
    ValueError
        If the file is no store of this version.
    OSError
        If it cannot be written.
    """

    def __init__(self, path: str | PathLike[str]):
        self.path = path
        self._lock = threading.Lock()
        try:
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
            self._db.row_factory = sqlite3.Row
            self._prepare()
        except sqlite3.OperationalError as error:
            raise OSError(f"cannot write {str(path)!r}: {error}") from error
        except sqlite3.DatabaseError as error:
            raise ValueError(f"{str(path)!r} should be a store of reviews. Received: {error}.") from error

    def _prepare(self) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")  # of a power cut, too
        self._db.execute("PRAGMA foreign_keys = ON")
        with self._transaction():
            prepare(self._db)

    @property
    def secret(self) -> str:
        """A name that cannot be guessed; who knows it may review."""
        with self._lock:
            return str(self._db.execute("SELECT name FROM secret").fetchone()[0])

    def close(self) -> None:
        self._db.close()

    def add(self, fields: Iterable[Field]) -> int:
        """Add fields, all or none; of one that is there, and not decided yet, the reader's answer is replaced.

        Returns
        -------
        int
            How many came new.
        """
        names = ", ".join(COLUMNS)
        kept = ("key", "name", "image")
        replaced = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name not in kept)
        with self._transaction():
            before = self._value("SELECT count(*) FROM field")
            self._db.executemany(
                f"INSERT INTO field ({names}, open) VALUES ({', '.join('?' * (len(COLUMNS) + 1))}) "
                f"ON CONFLICT(key) DO UPDATE SET {replaced}, open = excluded.open WHERE NOT EXISTS "
                "(SELECT 1 FROM decision WHERE decision.field = field.id AND undone IS NULL)",
                map(row_of, fields),
            )
            return self._value("SELECT count(*) FROM field") - before

    def next(self, reviewer: str, *, order: str = "doubt", n: int = 4, first: int | None = None) -> list[Field]:
        """The next fields for a reviewer, who holds them from now on for :data:`LEASE` seconds.

        Parameters
        ----------
        order : {'doubt', 'read'}
            The most doubtful first, or as they were read.
        n : int
            How many; the first is for the screen, the others come next.
        first : int, optional
            Id of a field to begin with, if it is open.
        """
        if order not in ORDERS:
            raise ValueError(f"`order` should be one of {list(ORDERS)}. Received: {order!r}.")
        now = time.time()
        with self._transaction():
            self._db.execute("DELETE FROM claim WHERE until < ? OR reviewer = ?", (now, reviewer))
            free = "SELECT * FROM field WHERE open AND id NOT IN (SELECT field FROM claim)"
            rows = self._db.execute(f"{free} AND id = ?", (first,)).fetchall()
            rows += self._db.execute(
                f"{free} AND id IS NOT ? ORDER BY {ORDERS[order]} LIMIT ?", (first, n - len(rows))
            ).fetchall()
            claims = [(row["id"], reviewer, now + LEASE) for row in rows]
            self._db.executemany("INSERT INTO claim VALUES (?, ?, ?)", claims)
        return [field_of(row) for row in rows]

    def release(self, reviewer: str | None = None) -> None:
        """Let others have what a reviewer holds; without one, what anybody holds."""
        with self._transaction():
            self._db.execute("DELETE FROM claim WHERE reviewer = coalesce(?, reviewer)", (reviewer,))

    def decide(self, decision: Decision) -> bool:
        """Store a decision.

        Returns
        -------
        bool
            Whether it is stored, now or before; False if the field was decided already.

        Raises
        ------
        ValueError
            If there is no such field.
        """
        with self._transaction():
            if self._value("SELECT count(*) FROM decision WHERE token = ?", decision.token):
                return True
            field = self._db.execute(
                "SELECT number, reader, open FROM field WHERE id = ?", (decision.field,)
            ).fetchone()
            if field is None:
                raise ValueError(f"There should be a field {decision.field}. Received: a decision on it.")
            if not field["open"]:
                return False
            self._db.execute(
                "INSERT INTO decision (token, field, verdict, number, former, reader, reviewer, at, seconds) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    decision.token, decision.field, decision.verdict, decision.number, field["number"],
                    field["reader"], decision.reviewer, _now(), decision.seconds,
                ),
            )  # fmt: skip
            self._db.execute("UPDATE field SET open = 0 WHERE id = ?", (decision.field,))
            self._db.execute("DELETE FROM claim WHERE field = ?", (decision.field,))
            return True

    def undo(self, token: str) -> int | None:
        """Take a decision back; returns the field's id, None if there is no such decision or it is taken back."""
        with self._transaction():
            row = self._db.execute("SELECT field FROM decision WHERE token = ? AND undone IS NULL", (token,)).fetchone()
            if row is None:
                return None
            self._reopen("token = ?", token)
            return int(row["field"])

    def ask_again(self) -> int:
        """Open the fields that were skipped; returns how many."""
        with self._transaction():
            skipped = self._value("SELECT count(*) FROM decision WHERE undone IS NULL AND verdict = 'skip'")
            self._reopen("verdict = ?", "skip")
            return skipped

    def _reopen(self, which: str, value: str) -> None:
        chosen = f"SELECT field FROM decision WHERE undone IS NULL AND {which}"
        self._db.execute(f"UPDATE field SET open = 1 WHERE id IN ({chosen})", (value,))
        self._db.execute(f"UPDATE decision SET undone = ? WHERE undone IS NULL AND {which}", (_now(), value))

    def last_token(self, reviewer: str) -> str | None:
        """Token of the last decision of a reviewer that was not taken back."""
        newest = "SELECT token FROM decision WHERE reviewer = ? AND undone IS NULL ORDER BY id DESC LIMIT 1"
        with self._lock:
            row = self._db.execute(newest, (reviewer,)).fetchone()
        return row and row["token"]

    def progress(self, reviewer: str = "") -> Progress:
        """How far the queue has come; what ``reviewer`` holds does not count as held."""
        with self._lock:
            decided = self._value("SELECT count(*) FROM decision WHERE undone IS NULL")
            skipped = self._value("SELECT count(*) FROM decision WHERE undone IS NULL AND verdict = 'skip'")
            left = self._value("SELECT count(*) FROM field WHERE open")
            claimed = "SELECT count(*) FROM claim WHERE reviewer != ? AND until >= ?"
            held = self._value(claimed, reviewer, time.time())
            recent = self._db.execute("SELECT seconds FROM decision ORDER BY id DESC LIMIT ?", (RECENT,)).fetchall()
        each = statistics.median([row["seconds"] for row in recent]) if recent else 0.0
        return Progress(decided - skipped, skipped, left, held, each)

    def field(self, id: int) -> Field:
        """The field with this id; KeyError if there is none."""
        with self._lock:
            row = self._db.execute("SELECT * FROM field WHERE id = ?", (id,)).fetchone()
        if row is None:
            raise KeyError(id)
        return field_of(row)

    def counts(self) -> Counter[str]:
        """How many files of the pile the reader gave each status; 'error' to those that are no images."""
        with self._lock:
            rows = self._db.execute("SELECT status, count(*) FROM field GROUP BY status").fetchall()
        return Counter(dict(map(tuple, rows)))

    def errors(self) -> list[tuple[str, str]]:
        """Name and reason of each file that is no image, and so is not in the queue."""
        with self._lock:
            rows = self._db.execute("SELECT name, reason FROM field WHERE status = 'error' ORDER BY id").fetchall()
        return list(map(tuple, rows))

    def pile(self) -> list[tuple[Field, str, str]]:
        """All of the pile in its order, without the images: field, verdict and number; '' where none is decided."""
        columns = ", ".join(f"field.{name}" for name in COLUMNS if name != "image")
        with self._lock:
            rows = self._db.execute(
                f"SELECT field.id, {columns}, NULL AS image, coalesce(verdict, '') AS verdict, "
                "coalesce(decision.number, '') AS seen FROM field "
                "LEFT JOIN decision ON decision.field = field.id AND undone IS NULL ORDER BY field.id"
            ).fetchall()
        return [(field_of(row), row["verdict"], row["seen"]) for row in rows]

    def counts_of_accepted(self) -> tuple[int, int, int]:
        """Of the accepted fields that a person looked at: those read, those of them wrong, those unreadable."""
        with self._lock:
            row = self._db.execute(
                "SELECT total(verdict IN ('number', 'no number')), total(verdict IN ('number', 'no number') AND "
                "decision.number != former), total(verdict = 'unreadable') FROM decision "
                "JOIN field ON field.id = decision.field WHERE undone IS NULL AND status = 'accept'"
            ).fetchone()
        return int(row[0]), int(row[1]), int(row[2])

    def decided(self) -> list[tuple[Field, Decision, str]]:
        """Every decision that stands, with its field and the time at which it was made, in their order."""
        with self._lock:
            rows = self._db.execute(
                "SELECT field.*, token, verdict, decision.number AS seen, reviewer, at, seconds FROM decision "
                "JOIN field ON field.id = decision.field WHERE undone IS NULL ORDER BY decision.id"
            ).fetchall()
        names = ("token", "id", "verdict", "seen", "reviewer", "seconds")
        return [(field_of(row), Decision(*(row[name] for name in names)), row["at"]) for row in rows]

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _value(self, query: str, *values: Any) -> int:
        return int(self._db.execute(query, values).fetchone()[0])


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
