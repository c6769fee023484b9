"""Tables in Parquet."""

import pyarrow as pa
import pytest
from pyarrow import parquet

from pipeline.batch import parquet as sink
from pipeline.batch.journal import Progress
from pipeline.batch.read import Row
from pipeline.batch.sinks import Numbers, columns
from pipeline.batch.table import Output


def written(path, rows, places=3):
    with Output(path, "parquet", Numbers(places), batch_size=2).opened({}, Progress()) as table:
        for row in rows:
            table.add(row)
    return parquet.read_table(path)


def test_values_have_their_types(reader, field, tmp_path):
    reading = reader.read(field("007")[0])
    table = written(tmp_path / "a.parquet", [Row("a.png", reading), Row("b.png", None, "The file is empty")])
    assert tuple(table.column_names) == columns(3)
    first, second = table.to_pylist()
    assert (first["number"], first["status"], first["digit_3"]) == ("007", "accept", 7)
    assert first["confidence"] == round(reading.confidence, 5)
    assert first["boxes"] == [list(digit.box) for digit in reading.digits]
    assert (second["number"], second["status"], second["digit_1"], second["boxes"]) == ("", "error", None, [])
    kinds = {name: table.schema.field(name).type for name in ("number", "digit_1", "confidence", "boxes")}
    boxes = pa.list_(pa.list_(pa.int32()))
    assert kinds == {"number": pa.string(), "digit_1": pa.int8(), "confidence": pa.float64(), "boxes": boxes}


def test_a_name_that_is_no_utf_8_is_escaped(tmp_path):
    (row,) = written(tmp_path / "a.parquet", [Row("caf\udce9.png", None, "x")]).to_pylist()
    assert row["path"] == "caf\\udce9.png"


@pytest.mark.parametrize("places", [1, 6])
def test_a_table_without_rows_has_its_columns(tmp_path, places):
    table = written(tmp_path / "a.parquet", [], places)
    assert (table.num_rows, tuple(table.column_names)) == (0, columns(places))


def test_rows_are_written_in_groups_of_a_fixed_size(tmp_path, monkeypatch):
    monkeypatch.setattr(sink, "ROW_GROUP", 3)
    written(tmp_path / "a.parquet", [Row(f"{k}.png", None, "x") for k in range(7)])
    with parquet.ParquetFile(tmp_path / "a.parquet") as file:
        assert [file.metadata.row_group(k).num_rows for k in range(file.num_row_groups)] == [3, 3, 1]
