"""What was read, as files to download: the tables of the command, and a workbook."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pipeline.batch.parquet import convert
from pipeline.batch.read import Row
from pipeline.batch.sinks import WRITERS, Numbers, as_cells, columns, encoded, record


def table(rows: Iterable[Row], form: str, places: int) -> bytes:
    """Rows as a file, byte for byte as ``tridigit read`` writes it.

    Parameters
    ----------
    form : {'csv', 'jsonl', 'parquet', 'xlsx'}
        The last the command does not write.
    places : int
        Digits that a number has at most.
    """
    if form == "xlsx":
        return workbook((record(row, places) for row in rows), columns(places))
    text = io.StringIO(newline="")
    write = WRITERS["jsonl" if form == "parquet" else form](text, places)
    for row in rows:
        write(row)
    data = encoded(text.getvalue())
    return _parquet(data, places) if form == "parquet" else data


def _parquet(lines: bytes, places: int) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        (part := Path(folder) / "rows").write_bytes(lines)
        convert(part, made := Path(folder) / "table", Numbers(places).kinds)
        return made.read_bytes()


def csv_of(records: Iterable[dict[str, Any]], names: Sequence[str]) -> bytes:
    """Records of :func:`pipeline.batch.sinks.record`, with more columns maybe, as CSV."""
    writer = csv.DictWriter(text := io.StringIO(newline=""), names)
    writer.writeheader()
    writer.writerows(map(as_cells, records))
    return encoded(text.getvalue())


def workbook(records: Iterable[dict[str, Any]], names: Sequence[str]) -> bytes:
    """Such records as a workbook: numbers are text, so that 007 stays 007, and no text is a formula."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = Workbook(write_only=True)
    sheet = book.create_sheet("tridigit")
    sheet.append(names)
    for values in map(as_cells, records):
        cells = [values[name] for name in names]
        for k, value in enumerate(cells):
            if isinstance(value, str):
                cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", value))
                cell.data_type = "s"  # whatever it begins with
                cells[k] = cell
        sheet.append(cells)
    book.save(data := io.BytesIO())
    return data.getvalue()
