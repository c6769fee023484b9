"""Folders of files: every file a row, nothing lost."""

import os

import cv2
import pytest

from pipeline.batch import Source, find_files, read_files


def names(sources):
    return [source.name for source in sources]


def test_a_folder_gives_its_images_by_name(folder):
    (folder / ".hidden.png").touch()
    (folder / "UPPER.PNG").touch()
    expected = ["007.png", "315.png", "427.png", "UPPER.PNG", "broken.png", "empty.jpg"]
    assert names(find_files([str(folder)])) == expected


def test_recursive_names_are_relative_to_the_folder(folder):
    (folder / "sub").mkdir()
    (folder / "sub" / "x.png").touch()
    assert "sub/x.png" not in names(find_files([str(folder)]))
    assert "sub/x.png" in names(find_files([str(folder)], recursive=True))


def test_patterns_and_files_named_outright(folder):
    assert names(find_files([str(folder / "4*.png")])) == [str(folder / "427.png")]
    assert names(find_files([str(folder / "notes.txt")])) == [str(folder / "notes.txt")]
    with pytest.raises(FileNotFoundError, match=r"Expected a file.*none\.png"):
        list(find_files([str(folder / "none.png")]))


def test_a_name_with_brackets_is_a_file_before_it_is_a_pattern(folder):
    (folder / "a[1].png").touch()
    assert names(find_files([str(folder / "a[1].png")])) == [str(folder / "a[1].png")]


@pytest.mark.parametrize("workers", [1, 2])
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
