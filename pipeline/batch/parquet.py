"""Rows in JSON lines -> a Parquet file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from pipeline.batch.sinks import Kind, encoded

# Rows that are in memory at a time; fixed, so that the same rows give the same file.
ROW_GROUP = 8192


def convert(rows: Path, output: Path, kinds: Mapping[str, Kind]) -> None:
    """Write ``output``, which is there whole or not at all, from rows in JSON lines.

    Numbers and words are strings, digits int8, pages int32, ``confidence`` and probabilities float64, ``boxes`` a list
    of lists of four int32, ``corners`` one of lists of two float64. Bytes of a name that are no UTF-8 are written as an
    escape.

    Parameters
    ----------
    kinds : mapping
        Columns in their order, and what each holds.

    Raises
    ------
    ImportError
        If pyarrow is not installed.
    """
    import pyarrow as pa
    from pyarrow import parquet

    schema = _schema(kinds)
    new = output.with_name(f"{output.name}.new")
    with rows.open(encoding="utf-8") as file, parquet.ParquetWriter(new, schema, compression="zstd") as writer:
        while group := [_readable(json.loads(line)) for line in islice(file, ROW_GROUP)]:
            writer.write_table(pa.Table.from_pylist(group, schema=schema))
    os.replace(new, output)


def parquet_names(path: Path) -> Sequence[str]:
    """Names of the columns of a table; ValueError if it is none."""
    from pyarrow import parquet

    with _told_as_value_error(path):
        return list(parquet.read_schema(path).names)


def parquet_rows(path: Path, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """These columns of each row of a table.

    Raises
    ------
    ValueError
        If it is none.
    """
    from pyarrow import parquet

    with _told_as_value_error(path), parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(columns=list(names)):
            yield from zip(*(batch[name].to_pylist() for name in names), strict=True)


@contextmanager
def _told_as_value_error(path: Path) -> Iterator[None]:
    """pyarrow tells of damaged files as of files that cannot be read, missing keys, or what it does not know."""
    try:
        yield
    except (OSError, KeyError, NotImplementedError) as error:
        raise ValueError(f"{str(path)!r} should be a table in Parquet. Received: {error}.") from error


def _readable(record: dict[str, Any]) -> dict[str, Any]:
    return record | {name: encoded(record[name]).decode() for name in ("path", "reason")}


def _schema(kinds: Mapping[str, Kind]) -> Any:
    import pyarrow as pa

    types = {
        "text": pa.string(),
        "digit": pa.int8(),
        "count": pa.int32(),
        "share": pa.float64(),
        "boxes": pa.list_(pa.list_(pa.int32())),
        "points": pa.list_(pa.list_(pa.float64())),
    }
    return pa.schema([(name, types[kind]) for name, kind in kinds.items()])
