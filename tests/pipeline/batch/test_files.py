"""Paths -> files, whatever lies in the folder."""

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

from pipeline.batch.files import HEIC_SUFFIXES, count_unread, find_files


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


def test_links_in_a_circle_end(folder):
    (folder / "self").symlink_to(folder, target_is_directory=True)
    (folder / "loop.png").symlink_to(folder / "loop.png")
    found = names(find_files([str(folder)], recursive=True))
    assert found.count("427.png") == 1
    assert "loop.png" in found


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list every folder")
def test_a_folder_that_cannot_be_listed_is_a_row_of_its_own(folder):
    (folder / "locked").mkdir(mode=0)
    (locked,) = [s for s in find_files([str(folder)], recursive=True) if s.name == "locked"]
    assert "cannot be listed" in locked.error


@pytest.fixture
def deep(tmp_path, monkeypatch):
    """Files at three depths of the folder ``f``, where the process stands."""
    monkeypatch.chdir(tmp_path)
    for name in ("f/1.png", "f/a/2.png", "f/a/b/3.png", "f/a/.hidden/4.png", "f/a/note.txt"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()


@pytest.mark.parametrize("pattern", ["f/**/*.png", "**/*.png", "./**/[0-9].png", "?/**/*.png", "f/**"])
def test_two_stars_stand_for_folders_at_any_depth(deep, pattern):
    assert names(find_files([pattern])) == ["f/1.png", "f/a/2.png", "f/a/b/3.png"]


def test_what_lies_in_a_folder_that_matches_is_taken_once(deep):
    assert names(find_files(["f/**/*"])) == ["f/1.png", "f/a/2.png", "f/a/b/3.png", "f/a/note.txt"]


def test_two_stars_follow_no_links(deep):
    for name in ("one", "two"):
        (Path("f") / name).symlink_to("../f", target_is_directory=True)
    assert names(find_files(["f/**/*.png"])) == ["f/1.png", "f/a/2.png", "f/a/b/3.png"]


def test_two_stars_in_a_part_are_refused(deep):
    with pytest.raises(ValueError, match=r"whole part of a pattern, as in 'a/\*\*/\*\.png'. Received: 'f/\*\*.png'"):
        list(find_files(["f/**.png"]))


def test_suffixes_that_cameras_and_scanners_write_are_looked_at(tmp_path):
    every = ["1.jfif", "2.JPE", "3.j2k", "4.jpx", "5.avif", "6.apng", "7.dib", "8.j2c"]
    for name in (*every, "9.txt"):
        (tmp_path / name).touch()
    assert names(find_files([str(tmp_path)])) == every


@pytest.mark.parametrize("suffix", sorted(HEIC_SUFFIXES))
def test_heic_is_looked_at_where_it_can_be_read(tmp_path, suffix):
    (tmp_path / f"1{suffix}").touch()
    readable = find_spec("pillow_heif") is not None
    assert len(names(find_files([str(tmp_path)]))) == readable
    assert count_unread([str(tmp_path)]) == ({} if readable else {suffix: 1})


def test_files_that_cannot_be_read_here_are_counted(tmp_path):
    for name in ("1.pdf", "2.PDF", "3.jxl", "4.txt", "._5.pdf", "inside/6.pdf", ".hidden/7.pdf"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert count_unread([str(tmp_path)]) == {".pdf": 2, ".jxl": 1}
    assert count_unread([str(tmp_path)], recursive=True) == {".pdf": 3, ".jxl": 1}
    assert count_unread([str(tmp_path / "in*")]) == {".pdf": 1}
    assert count_unread([str(tmp_path / "1.pdf")]) == {}  # named outright, it gets a row
