"""The tables of a store's SQLite file, and a field as a row of them."""

from __future__ import annotations

import json
import secrets
import sqlite3
from typing import Any

from pipeline.app.review.fields import Field

_VERSION = 2
_KIND = 0x54524944  # stands in the header of such a file: TRID
_SCHEMA = """
CREATE TABLE field (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, name TEXT NOT NULL, number TEXT NOT NULL, status TEXT NOT NULL,
    reason TEXT NOT NULL, confidence REAL NOT NULL, boxes TEXT NOT NULL, places INTEGER NOT NULL, reader TEXT NOT NULL,
    queued INTEGER NOT NULL, doubt REAL NOT NULL, path TEXT, image BLOB, open INTEGER NOT NULL,
    probabilities TEXT NOT NULL DEFAULT '[]'
);
CREATE INDEX open_by_doubt ON field(doubt, id) WHERE open;
CREATE INDEX open_as_read ON field(id) WHERE open;
CREATE TABLE decision (
    id INTEGER PRIMARY KEY, token TEXT NOT NULL UNIQUE, field INTEGER NOT NULL REFERENCES field(id),
    verdict TEXT NOT NULL, number TEXT NOT NULL, former TEXT NOT NULL, reader TEXT NOT NULL, reviewer TEXT NOT NULL,
    at TEXT NOT NULL, seconds REAL NOT NULL, undone TEXT
);
CREATE UNIQUE INDEX one_decision ON decision(field) WHERE undone IS NULL;
CREATE TABLE secret (name TEXT NOT NULL);
CREATE TABLE claim (field INTEGER PRIMARY KEY REFERENCES field(id), reviewer TEXT NOT NULL, until REAL NOT NULL);
"""
# A store of the first version is one without the probabilities.
_FROM_FIRST = "ALTER TABLE field ADD COLUMN probabilities TEXT NOT NULL DEFAULT '[]'"
COLUMNS = (
    "key", "name", "number", "status", "reason", "confidence", "boxes", "places", "reader", "queued", "doubt",
    "probabilities", "path", "image",
)  # fmt: skip
_AS_JSON = ("boxes", "probabilities")


def prepare(db: sqlite3.Connection) -> None:
    """Make the tables in an empty file, within a transaction; sqlite3.DatabaseError if it is a file of another kind."""
    version, kind, tables = (
        db.execute(query).fetchone()[0]
        for query in ("PRAGMA user_version", "PRAGMA application_id", "SELECT count(*) FROM sqlite_master")
    )
    if not tables:
        for statement in _SCHEMA.split(";\n"):
            db.execute(statement)
        db.execute("INSERT INTO secret VALUES (?)", (secrets.token_urlsafe(24),))
        db.execute(f"PRAGMA application_id = {_KIND}")
    elif (version, kind) == (1, _KIND):
        db.execute(_FROM_FIRST)
    elif (version, kind) != (_VERSION, _KIND):
        raise sqlite3.DatabaseError(f"a database of another kind, or of version {version}, not {_VERSION}")
    if version != _VERSION:
        db.execute(f"PRAGMA user_version = {_VERSION}")


def row_of(field: Field) -> tuple[Any, ...]:
    """The values of :data:`COLUMNS`, and whether the field is open."""
    values = [json.dumps(getattr(field, name)) if name in _AS_JSON else getattr(field, name) for name in COLUMNS]
    return (*values, field.queued)


def field_of(row: sqlite3.Row) -> Field:
    """The field of a row that has all :data:`COLUMNS` and ``id``."""
    values = {name: row[name] for name in (*COLUMNS, "id")}
    boxes = tuple(tuple(box) for box in json.loads(row["boxes"]))
    probabilities = tuple(json.loads(row["probabilities"]))
    return Field(**values | {"boxes": boxes, "probabilities": probabilities, "queued": bool(row["queued"])})
