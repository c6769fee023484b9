"""A user's labelled images: folders named by number, or a table."""

import shutil

import numpy as np
import pytest
from PIL import Image

from pipeline.batch.labelled import LabelledFiles, load_labelled, split_labelled


@pytest.fixture
def image(tmp_path_factory, field):
    """A file with a written number."""
    path = tmp_path_factory.mktemp("one") / "a.png"
    Image.fromarray(field("427")[0]).save(path)
    return path


@pytest.fixture
def put(tmp_path, image):
    """Function: put a copy of the image at a path below ``tmp_path``."""

    def copy(name):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        return shutil.copy(image, tmp_path / name)

    return copy


@pytest.fixture
def table(tmp_path, put):
    """Function: write a table of these lines beside two images."""
    put("scans/a.png")
    put("scans/b.png")

    def write(*lines, encoding="utf-8", end="\n"):
        (tmp_path / "labels.csv").write_bytes(end.join([*lines, ""]).encode(encoding))
        return tmp_path / "labels.csv"

    return write


def named(numbers):
    return LabelledFiles(tuple(f"{i}.png" for i in range(len(numbers))), np.array(numbers))


def names(files, folder):
    return [path.relative_to(folder).as_posix() for path in files.paths]


def test_folders_name_the_numbers(tmp_path, put):
    for name in ("427/b.png", "427/a.png", "007/c.png"):
        put(name)
    found = load_labelled(tmp_path)
    assert set(found) == {"all"}
    assert names(found["all"], tmp_path) == ["007/c.png", "427/a.png", "427/b.png"]
    assert found["all"].numbers.tolist() == ["007", "427", "427"]
    assert len(found["all"]) == 3
    assert found["all"].skipped == ()


def test_splits_of_the_folder_are_kept(tmp_path, put):
    for name in ("train/427/a.png", "train/007/a.png", "val/112/a.png", "test/777/a.png"):
        put(name)
    found = load_labelled(str(tmp_path))
    assert {split: files.numbers.tolist() for split, files in found.items()} == {
        "train": ["007", "427"], "val": ["112"], "test": ["777"],
    }  # fmt: skip


def test_a_folder_may_have_some_of_the_splits(tmp_path, put):
    put("train/427/a.png")
    assert set(load_labelled(tmp_path)) == {"train"}


@pytest.mark.parametrize("folder", ["42", "4270", "x12", "４27", "-12"])
def test_a_folder_that_is_no_number_is_skipped_and_listed(tmp_path, put, folder):
    put("427/a.png")
    put(f"{folder}/a.png")
    found = load_labelled(tmp_path)["all"]
    assert found.numbers.tolist() == ["427"]
    assert found.skipped == ((tmp_path / folder, f"{folder!r} is not a number of three digits"),)


def test_a_file_beside_the_folders_is_skipped_and_listed(tmp_path, put):
    put("427/a.png")
    put("loose.png")
    found = load_labelled(tmp_path)["all"]
    assert found.numbers.tolist() == ["427"]
    assert found.skipped == ((tmp_path / "loose.png", "not in a folder named by a number"),)


def test_text_is_no_image_whatever_its_name(tmp_path, put):
    put("427/a.png")
    (tmp_path / "427" / "b.png").write_text("no image")
    (tmp_path / "427" / "c.png").touch()
    found = load_labelled(tmp_path)["all"]
    assert names(found, tmp_path) == ["427/a.png"]
    assert [path.name for path, _ in found.skipped] == ["b.png", "c.png"]
    assert all(why.startswith("no image: ") for _, why in found.skipped)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_a_truncated_image_is_skipped_and_listed(tmp_path, put, field, suffix, share):
    put("427/a.png")
    cut = tmp_path / "427" / f"b.{suffix}"
    Image.fromarray(field("427")[0]).save(cut)
    cut.write_bytes(cut.read_bytes()[: int(share * cut.stat().st_size)])
    found = load_labelled(tmp_path)["all"]
    assert names(found, tmp_path) == ["427/a.png"]
    ((path, why),) = found.skipped
    assert path == cut
    assert why.startswith("no image: ")


def test_a_folder_without_labelled_images_is_an_error(tmp_path):
    with pytest.raises(ValueError, match=r"Expected labelled images, such as '427/a.png', found none in '.*'\.$"):
        load_labelled(tmp_path)


def test_the_error_says_what_was_skipped(tmp_path, put):
    put("seven/a.png")
    put("4271/a.png")
    with pytest.raises(ValueError, match="found none.*'seven' is not a number of three digits") as refused:
        load_labelled(tmp_path)
    assert str(refused.value).endswith("Numbers other than of three digits can only be read, with `--digits`.")


def test_nothing_there_is_an_error(tmp_path):
    with pytest.raises(OSError, match="nothing"):
        load_labelled(tmp_path / "nothing")


@pytest.mark.parametrize(("encoding", "end"), [("utf-8", "\n"), ("utf-8-sig", "\r\n")])
def test_a_table_names_paths_from_its_own_folder(table, tmp_path, encoding, end):
    lines = ["path,number,who", "scans/b.png,007,x", '"scans/a.png",427,y']
    found = load_labelled(table(*lines, encoding=encoding, end=end))
    assert set(found) == {"all"}
    assert names(found["all"], tmp_path) == ["scans/b.png", "scans/a.png"]
    assert found["all"].numbers.tolist() == ["007", "427"]


@pytest.mark.parametrize("delimiter", ";\t")
def test_a_table_is_split_as_the_spreadsheets_of_its_country_do(table, tmp_path, delimiter):
    lines = ["path,number,who", "scans/b.png,007,x", "scans/a.png,427,y"]
    path = table(*(line.replace(",", delimiter) for line in lines), encoding="utf-8-sig", end="\r\n")
    found = load_labelled(path, group_by="who")["all"]
    assert names(found, tmp_path) == ["scans/b.png", "scans/a.png"]
    assert found.numbers.tolist() == ["007", "427"]
    assert found.groups.tolist() == ["x", "y"]


def test_a_table_in_another_encoding_says_which_is_expected(table):
    with pytest.raises(ValueError, match=r"labels\.csv should be a CSV table in UTF-8"):
        load_labelled(table("path;number", "scans/für.png;427", encoding="cp1252"))


def test_a_table_may_name_whole_paths(table, tmp_path, image):
    assert load_labelled(table("number,path", f"427,{image}"))["all"].paths == (image,)


def test_rows_of_a_table_that_are_of_no_use_are_listed(table, tmp_path):
    rows = ["scans/a.png,427", "scans/a.png,7", "scans/gone.png,427", "scans/b.png"]
    found = load_labelled(table("path,number", *rows))["all"]
    assert names(found, tmp_path) == ["scans/a.png"]
    reasons = [why for _, why in found.skipped]
    assert reasons[0] == "'7' is not a number of three digits"
    assert "No such file" in reasons[1]
    assert len(reasons) == 3


@pytest.mark.parametrize(
    ("header", "missing"),
    [("path,label", r"\['number'\]"), ("file;number", r"\['path'\]; split at ';'"), ("", r"\['number', 'path'\]")],
)
def test_a_table_without_a_column_names_it(table, header, missing):
    with pytest.raises(ValueError, match=f"columns path and number. Missing: {missing}"):
        load_labelled(table(header, "scans/a.png,427"))


def test_another_column_gives_the_groups(table):
    path = table("path,number,writer", "scans/a.png,427,ann", "scans/none.png,1,bo", "scans/a.png,315,cy")
    files = load_labelled(path, group_by="writer")["all"]
    assert files.groups.tolist() == ["ann", "cy"]
    assert files.take(np.array([1])).groups.tolist() == ["cy"]
    assert load_labelled(path)["all"].groups is None
    with pytest.raises(ValueError, match=r"columns path and number and hand. Missing: \['hand'\]"):
        load_labelled(path, group_by="hand")
    with pytest.raises(ValueError, match="column of a table. Received: the folder"):
        load_labelled(path.parent, group_by="writer")


def test_images_are_split_64_16_20():
    files = named([f"{i % 50:03d}" for i in range(200)])
    parts = split_labelled(files)
    assert {name: len(part) for name, part in parts.items()} == {"train": 128, "val": 32, "test": 40}
    together = [pair for part in parts.values() for pair in zip(part.paths, part.numbers.tolist(), strict=True)]
    assert sorted(together) == sorted(zip(files.paths, files.numbers.tolist(), strict=True))


def test_split_by_number_no_number_is_in_two_splits():
    files = named([f"{i % 50:03d}" for i in range(200)])
    by_number = [set(part.numbers.tolist()) for part in split_labelled(files, by="number").values()]
    assert [len(numbers) for numbers in by_number] == [32, 8, 10]
    assert len(set.union(*by_number)) == 50
    by_image = [set(part.numbers.tolist()) for part in split_labelled(files).values()]
    assert by_image[0] & by_image[2]


@pytest.mark.parametrize("by", ["image", "number"])
def test_a_seed_fixes_the_split(by):
    files = named([f"{i % 50:03d}" for i in range(200)])
    first, again, other = (split_labelled(files, by=by, seed=seed)["test"].paths for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_an_unknown_way_to_split_is_refused():
    with pytest.raises(ValueError, match="`by` should be 'image' or 'number'. Received: 'writer'"):
        split_labelled(named(["427"] * 10), by="writer")


def test_an_image_that_another_program_would_open_is_skipped_and_starts_none(tmp_path, put, monkeypatch):
    put("427/b.png")
    began = []
    monkeypatch.setattr("subprocess.Popen.__init__", lambda *args, **kwargs: began.append(args))
    page = "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n"
    (tmp_path / "427" / "a.png").write_text(page)
    found = load_labelled(tmp_path)["all"]
    assert names(found, tmp_path) == ["427/b.png"]
    ((path, why),) = found.skipped
    assert (path.name, why[:30]) == ("a.png", "no image: The file is no image")
    assert began == []
