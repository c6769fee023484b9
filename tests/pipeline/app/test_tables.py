"""The tables to download."""

import io

import openpyxl
import pytest

from pipeline import NumberReader
from pipeline.app.tables import table
from pipeline.batch.files import find_files
from pipeline.batch.read import Row, read_files
from pipeline.commands import main as cli


@pytest.fixture
def packaged(reader):
    """The reader as the command loads it."""
    return NumberReader(**reader.get_params(deep=False) | {"profile": None})


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_a_table_is_that_of_the_command(folder, tmp_path, form, packaged, monkeypatch):
    monkeypatch.chdir(folder)
    rows = list(read_files(find_files([str(folder)]), packaged))
    assert cli.main(["read", str(folder), "-o", str(tmp_path / f"t.{form}")]) == 3
    assert table(rows, form, 3) == (tmp_path / f"t.{form}").read_bytes()


def test_a_workbook_keeps_zeros_and_runs_nothing(folder, reader):
    rows = list(read_files(find_files([str(folder)]), reader))
    rows += [Row("=HYPERLINK(1)", None, "=1+1"), Row("a\x07b.png", None, "+cmd|' /C calc'!A0")]
    sheet = openpyxl.load_workbook(io.BytesIO(table(rows, "xlsx", 3))).active
    cells = list(sheet.iter_rows(min_row=2))
    assert [row[1].value for row in cells[:1]] == ["007"]
    assert {cell.data_type for row in cells for cell in row} <= {"s", "inlineStr", "n"}
    assert cells[-2][0].value == "./=HYPERLINK(1)"
    assert cells[-1][0].value == "a\N{REPLACEMENT CHARACTER}b.png"
