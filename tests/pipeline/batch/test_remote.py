"""Files of fsspec's memory and local file systems are found and read as local ones are."""

import sys

import cv2
import fsspec
import pytest

from pipeline.batch import remote
from pipeline.batch.files import Source, find_files
from pipeline.batch.read import read_files
from pipeline.commands import main as cli


@pytest.fixture
def store(folder):
    """The folder of images, and one inside, in memory; gives its URL."""
    fs = fsspec.filesystem("memory")
    for path in folder.iterdir():
        fs.pipe(f"/scans/{path.name}", path.read_bytes())
    fs.pipe("/scans/inside/980.png", (folder / "427.png").read_bytes())
    fs.pipe("/scans/.hidden.png", b"")
    fs.pipe("/scans/a[1].png", b"")
    yield "memory://scans"
    fs.rm("/scans", recursive=True)


def names(sources):
    return [source.name for source in sources]


def test_a_folder_gives_its_images_by_name(store):
    expected = ["007.png", "315.png", "427.png", "a[1].png", "broken.png", "empty.jpg"]
    assert names(find_files([store])) == expected
    assert names(find_files([store], recursive=True)) == [*expected, "inside/980.png"]


def test_several_places_are_told_apart_by_their_urls(store, folder):
    (other,) = names(find_files([str(folder / "427.png")]))
    assert names(find_files([f"{store}/427.png", other])) == ["memory:///scans/427.png", other]
    assert "memory:///scans/427.png" in names(find_files([store, other]))


def test_a_pattern_gives_what_it_matches_and_a_name_with_brackets_is_a_file(store):
    assert [s.path for s in find_files([f"{store}/4*.png"])] == ["memory:///scans/427.png"]
    assert len(list(find_files([f"{store}/**/[0-9]*.png"]))) == 4
    assert [s.path for s in find_files([f"{store}/a[1].png"])] == ["memory:///scans/a[1].png"]


@pytest.mark.parametrize("url", ["memory://nowhere", "memory://nowhere/*.png"])
def test_nothing_there_is_an_error(url):
    with pytest.raises(FileNotFoundError):
        list(find_files([url]))


def test_an_unknown_kind_of_url_is_an_error():
    with pytest.raises(ValueError, match="nosuch"):
        list(find_files(["nosuch://bucket/a.png"]))


def test_what_a_store_s_own_library_raises_is_an_oserror():
    class Away(fsspec.AbstractFileSystem):
        def info(self, path, **kwargs):
            raise RuntimeError("no such endpoint")

    fsspec.register_implementation("away", Away, clobber=True)
    with pytest.raises(OSError, match="'away://bucket/scans' cannot be listed: no such endpoint"):
        list(find_files(["away://bucket/scans"]))


def test_rows_are_those_of_the_same_files_here(reader, store, folder):
    here = {row.name: row for row in read_files(find_files([str(folder)]), reader)}
    there = {row.name: row for row in read_files(find_files([store]), reader)}
    assert set(there) - set(here) == {"a[1].png"}
    for name, row in here.items():
        assert there[name].error == row.error
        assert row.reading is None or there[name].reading.number == row.reading.number


def test_a_file_that_is_gone_is_a_row(reader):
    (row,) = read_files([Source("memory://scans/gone.png", "gone.png")], reader)
    assert row.reading is None
    assert "cannot be read" in row.error
    assert "gone.png" in row.error


def test_a_name_that_is_no_url_of_a_store_costs_no_other_file(reader, store):
    urls = ["nosuch://bucket/a.png", f"{store}/427.png"]
    wrong, right = read_files([Source(url, url) for url in urls], reader)
    assert "nosuch" in wrong.error
    assert right.reading.number == "427"


def test_a_file_that_is_too_large_is_not_fetched(reader, store, monkeypatch):
    monkeypatch.setattr(remote, "MAX_BYTES", 10)
    (row,) = read_files(find_files([f"{store}/427.png"]), reader)
    assert "at most 10 bytes" in row.error


def test_local_urls_give_the_table_of_local_paths(capsys, folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    assert cli.main(["read", str(folder), "-o", str(out / "a.csv")]) == 3
    assert cli.main(["read", folder.as_uri(), "-o", str(out / "b.csv")]) == 3
    assert (out / "a.csv").read_bytes() == (out / "b.csv").read_bytes()


def test_a_missing_library_is_named(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    with pytest.raises(SystemExit) as stop:
        cli.main(["read", "gs://bucket/scans"])
    assert stop.value.code == 2
    assert "gcsfs" in capsys.readouterr().err


def test_a_picture_is_drawn_of_a_file_elsewhere(reader, store, tmp_path):
    list(read_files(find_files([f"{store}/427.png"]), reader, debug=tmp_path / "why"))
    (picture,) = (tmp_path / "why").rglob("*.png")
    assert cv2.imread(str(picture)).shape[0] > 300
