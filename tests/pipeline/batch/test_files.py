"""Paths -> files, whatever lies in the folder."""

import os
from pathlib import Path

import pytest

from pipeline.batch.files import count_unread, find_files


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


def test_two_stars_stand_for_folders_at_any_depth(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("f/1.png", "f/a/2.png", "f/a/b/3.png"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()
    assert [source.path for source in find_files(["f/**/*.png"])] == ["f/1.png", "f/a/2.png", "f/a/b/3.png"]


def test_files_that_cannot_be_read_here_are_counted(tmp_path):
    (tmp_path / "inside").mkdir()
    for name in ("1.jfif", "2.JPE", "3.heic", "4.PDF", "5.txt", "inside/6.heif"):
        (tmp_path / name).touch()
    assert [source.name for source in find_files([str(tmp_path)])] == ["1.jfif", "2.JPE"]
    assert count_unread([str(tmp_path)]) == 2
    assert count_unread([str(tmp_path)], recursive=True) == 3
    assert count_unread([str(tmp_path / "3.heic")]) == 0  # named outright, it gets a row
