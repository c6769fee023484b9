"""Folders of files: every file a row, nothing lost."""

import os

import cv2
import pytest

from pipeline.batch.files import Source, find_files
from pipeline.batch.read import read_files


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_bad_files_are_rows_of_their_own(reader, folder, workers):
    rows = list(read_files(find_files([str(folder)]), reader, batch_size=2, workers=workers))
    read = {row.name: row.reading.number for row in rows if row.reading}
    errors = {row.name: row.error for row in rows if not row.reading}
    assert read == {"427.png": "427", "007.png": "007", "315.png": "315"}
    assert "no image" in errors["broken.png"]
    assert "empty" in errors["empty.jpg"]
    assert [row.name for row in rows] == sorted(row.name for row in rows)


def test_a_missing_file_is_a_row(reader):
    (row,) = read_files([Source("nowhere.png", "nowhere.png")], reader)
    assert row.reading is None
    assert "No such file" in row.error


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_a_pipe_does_not_hang_the_batch(reader, folder):
    os.mkfifo(folder / "pipe.png")
    rows = {row.name: row for row in read_files(find_files([str(folder)]), reader)}
    assert "no regular file" in rows["pipe.png"].error
    assert rows["427.png"].reading.number == "427"


def test_a_picture_that_cannot_be_written_costs_no_row(reader, folder, tmp_path_factory):
    blocked = tmp_path_factory.mktemp("debug") / "file"
    blocked.touch()
    with pytest.warns(UserWarning, match="No picture of '427.png'"):
        (row,) = read_files([Source(str(folder / "427.png"), "427.png")], reader, debug=blocked)
    assert row.reading.number == "427"


def test_files_are_read_as_they_are_asked_for(reader, folder):
    taken = []

    def sources():
        for _ in range(100):
            taken.append(1)
            yield Source(str(folder / "427.png"), "427.png")

    rows = read_files(sources(), reader, batch_size=4)
    next(rows)
    assert len(taken) == 4


@pytest.mark.parametrize("name", ["a b.png", "a,b.png", 'a"b.png', "a\nb.png", "=1+1.png", os.fsdecode(b"caf\xe9.png")])
def test_strange_names_are_read(reader, tmp_path, field, name):
    (tmp_path / name).write_bytes(cv2.imencode(".png", field("427")[0])[1].tobytes())
    (row,) = read_files(find_files([str(tmp_path)]), reader, debug=tmp_path / "debug")
    assert (row.name, row.reading.number) == (name, "427")
    assert (tmp_path / "debug" / (name + ".png")).exists()


@pytest.mark.parametrize("params", [{"batch_size": 0}, {"workers": 0}])
def test_counts_below_one_are_refused(reader, params):
    with pytest.raises(ValueError, match="at least 1"):
        list(read_files([], reader, **params))
