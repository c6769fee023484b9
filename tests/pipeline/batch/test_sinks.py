"""Rows as CSV and JSON lines."""

import csv
import io
import json

import pytest

from pipeline.batch.read import Row
from pipeline.batch.sinks import WRITERS, columns, record


def written(name, *rows):
    file = io.StringIO()
    write = WRITERS[name](file, 3)
    for row in rows:
        write(row)
    return file.getvalue()


def test_csv_keeps_the_columns_and_the_leading_zeros(reader, field):
    text = written("csv", Row("a.png", reader.read(field("007")[0])))
    assert text.splitlines()[0] == ",".join(columns(3))
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["number"], row["status"], row["digit_3"]) == ("007", "accept", "7")
    assert len(row["boxes"].split(";")) == 3


def test_an_error_has_no_number(reader):
    (row,) = csv.DictReader(io.StringIO(written("csv", Row("a.png", None, "The file is empty"))))
    assert (row["status"], row["number"], row["reason"], row["digit_1"]) == ("error", "", "The file is empty", "")


@pytest.mark.parametrize("name", ["=cmd|x.png", "+1.png", "-1.png", "@sum.png"])
def test_a_spreadsheet_runs_no_file_name(name):
    (row,) = csv.DictReader(io.StringIO(written("csv", Row(name, None, "x"))))
    assert row["path"] == "./" + name


def test_names_with_commas_quotes_and_newlines_come_back(reader):
    names = ["a,b.png", 'a"b.png', "a\nb.png"]
    rows = csv.DictReader(io.StringIO(written("csv", *(Row(n, None, "x") for n in names)), newline=""))
    assert [row["path"] for row in rows] == names


def test_json_lines_hold_numbers_and_any_name(reader, field):
    name = "caf\udce9.png"
    text = written("jsonl", Row(name, reader.read(field("427")[0])), Row("b", None, "x"))
    first, second = map(json.loads, text.splitlines())
    assert first["path"] == name
    assert first["number"] == "427"
    assert len(first["boxes"]) == 3
    assert second["boxes"] == []
    assert tuple(first) == columns(3)


def test_a_reading_of_the_whole_image_has_digits_and_no_boxes(whole_reader, field):
    row = Row("a.png", whole_reader.read(field("427")[0]))
    (cells,) = csv.DictReader(io.StringIO(written("csv", row)))
    values = json.loads(written("jsonl", row))
    assert cells["boxes"] == ""
    assert values["boxes"] == []
    assert "".join(str(values[f"digit_{k}"]) for k in (1, 2, 3)) == values["number"] == cells["number"] != ""
    assert 0 < float(cells["probability_3"]) <= 1


def test_a_record_has_every_column():
    assert tuple(record(Row("a", None, "x"), 3)) == columns(3)
