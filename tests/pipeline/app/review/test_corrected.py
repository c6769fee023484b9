"""The table of a pile with what was decided in it."""

import csv
import io

import openpyxl
import pytest

from pipeline.app.review.corrected import corrected, in_words
from pipeline.app.review.fields import Decision
from pipeline.app.review.pile import load_table
from pipeline.app.review.store import Store
from pipeline.app.tables import csv_of, workbook
from pipeline.batch.sinks import Numbers
from pipeline.commands import main as cli


@pytest.fixture
def read(folder, tmp_path):
    """A table of three numbers and two files that are no images, and the store of its review."""
    table = tmp_path / "table.csv"
    assert cli.main(["read", str(folder), "-o", str(table)]) == 3
    store = Store(tmp_path / "s.sqlite")
    store.add(load_table(table, folder, sample=1.0))
    yield table, store
    store.close()


def rows_of(data):
    return list(csv.DictReader(io.StringIO(data.decode())))


def decide(store, field, verdict, number=""):
    assert store.decide(Decision(f"t{field}", field, verdict, number, "ann"))


def written(store):
    names, records = corrected(store)
    return csv_of(records, names)


def test_what_nobody_decided_is_as_it_was_read(read):
    table, store = read
    rows = table.read_text().splitlines()[1:]
    assert written(store).decode().splitlines()[1:] == [f"{row}," for row in rows]
    names, _ = corrected(store)
    assert names[-1] == "decided_by"
    assert Numbers(3).is_table(names[:-1])
    assert not Numbers(3).is_table(names)  # so that no run replaces it


def test_a_decision_replaces_the_number_and_says_whose_it_is(read):
    table, store = read
    before = {row["path"]: row for row in rows_of(table.read_bytes())}
    decide(store, 1, "number", "008")
    decide(store, 2, "number", "315")
    decide(store, 3, "unreadable")
    rows = {row["path"]: row for row in rows_of(written(store))}
    replaced, confirmed, unreadable = rows["007.png"], rows["315.png"], rows["427.png"]
    assert [replaced[name] for name in ("number", "status", "reason", "digit_3", "decided_by")] == [
        "008", "accept", "", "8", "person",
    ]  # fmt: skip
    assert {replaced[name] for name in ("confidence", "probability_1", "boxes")} == {""}  # they were of 007
    assert confirmed == before["315.png"] | {"status": "accept", "reason": "", "decided_by": "person"}
    assert [unreadable[name] for name in ("number", "status", "reason")] == [
        "", "unreadable", "a person could not read it",
    ]  # fmt: skip
    assert rows["broken.png"] == before["broken.png"] | {"decided_by": ""}


def test_a_longer_number_has_columns_for_its_digits_and_a_workbook_keeps_zeros(read):
    _, store = read
    decide(store, 1, "number", "0042")
    names, records = corrected(store)
    assert "digit_4" in names
    sheet = openpyxl.load_workbook(io.BytesIO(workbook(records, names))).active
    header, first, *_ = sheet.iter_rows(values_only=True)
    assert dict(zip(header, first, strict=True))["number"] == "0042"


def test_a_table_that_was_corrected_can_be_reviewed_again(read, folder, tmp_path):
    _, store = read
    decide(store, 1, "skip")
    (tmp_path / "corrected.csv").write_bytes(written(store))
    assert [field.name for field in load_table(tmp_path / "corrected.csv", folder)][:3] == [
        "007.png", "315.png", "427.png",
    ]  # fmt: skip


def test_what_was_decided_is_told_in_words(read):
    _, store = read
    decide(store, 1, "number", "008")
    assert in_words(store) == "1 field decided: 1 number (1 other than was read)."
    decide(store, 2, "no number")
    decide(store, 3, "skip")
    assert in_words(store) == "2 fields decided: 1 number (1 other than was read), 1 without a number; 1 skipped."
