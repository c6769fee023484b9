"""Labelled pictures from tables and folders."""

import numpy as np
import pytest
from PIL import Image

from pipeline.labels.images import load_labels


@pytest.fixture
def table(tmp_path):
    """Function: a table of these lines in a folder of 30 images, each of one brightness: 0 to 29."""
    for k in range(30):
        Image.new("RGB", (12, 8), (k, k, k)).save(tmp_path / f"{k}.png")

    def write(header, lines):
        (tmp_path / "table.csv").write_text("\n".join([header, *lines]) + "\n")
        return tmp_path / "table.csv"

    return write


def brightness(part):
    return part.images[:, 0, 0, 0].tolist()


def test_a_seeded_split_has_every_image_once(table):
    file = table("path,kind", [f"{k}.png,{'ab'[k % 2]}" for k in range(30)])
    parts = load_labels(file, size=4, seed=1)
    assert {name: len(part) for name, part in parts.items()} == {"train": 19, "val": 5, "test": 6}
    assert sorted(k for part in parts.values() for k in brightness(part)) == list(range(30))
    for part in parts.values():
        assert part.images.shape[1:] == (4, 4, 3)
        assert part.labels["kind"].tolist() == ["ab"[k % 2] for k in brightness(part)]
    assert brightness(load_labels(file, size=4, seed=1)["test"]) == brightness(parts["test"])
    assert brightness(load_labels(file, size=4, seed=2)["test"]) != brightness(parts["test"])


def test_a_column_parts_the_images(table):
    lines = [f"{k}.png,{'ab'[k % 2]},{['train', 'val', 'test'][k % 3]}" for k in range(30)]
    parts = load_labels(table("path,kind,split", lines), size=4)
    assert [brightness(parts[name])[0] for name in ("train", "val", "test")] == [0, 1, 2]
    assert list(parts["train"].labels) == ["kind"]


def test_a_table_may_be_split_at_semicolons(table):
    lines = [f"{k}.png;a;{('train', 'val', 'test')[k % 3]}" for k in range(30)]
    assert [len(part) for part in load_labels(table("path;kind;split", lines), size=4).values()] == [10] * 3


def test_images_of_one_value_are_kept_together(table):
    lines = [f"{k}.png,{'ab'[k % 2]},{k // 5}" for k in range(30)]
    parts = load_labels(table("path,kind,photo", lines), size=4, group_by="photo")
    photos = [{k // 5 for k in brightness(part)} for part in parts.values()]
    assert sum(map(len, photos)) == len(set.union(*photos)) == 6
    assert list(parts["train"].labels) == ["kind"]


def test_folders_named_by_label_are_one_group(tmp_path):
    for split in ("train", "val", "test"):
        for label in ("cat", "dog"):
            (tmp_path / split / label).mkdir(parents=True)
            Image.new("L", (5, 5)).save(tmp_path / split / label / "a.png")
    parts = load_labels(tmp_path, size=4)
    assert all(part.labels["label"].tolist() == ["cat", "dog"] for part in parts.values())


def test_images_of_all_kinds_come_to_one_form(tmp_path):
    kinds = {
        "gray": Image.new("L", (9, 5), 100),
        "sixteen": Image.fromarray(np.full((5, 9), 100 * 257, np.uint16)),
        "alpha": Image.new("RGBA", (30, 30), (100, 100, 100, 255)),
        "palette": Image.new("RGB", (4, 4), (100, 100, 100)).convert("P", palette=Image.Palette.ADAPTIVE),
    }
    for name, image in kinds.items():
        image.save(tmp_path / f"{name}.png")
    lines = [f"{name}.png,a,{split}" for split in ("train", "val", "test") for name in kinds]
    (tmp_path / "t.csv").write_text("\n".join(["path,kind,split", *lines]))
    images = load_labels(tmp_path / "t.csv", size=4)["train"].images
    assert images.shape == (4, 4, 4, 3)
    assert np.unique(images).tolist() == [100]


def test_files_that_cannot_be_read_are_listed_and_the_rest_goes_on(table, tmp_path):
    (tmp_path / "damaged.png").write_bytes((tmp_path / "9.png").read_bytes()[:42])
    lines = [f"{k}.png,a,{['train', 'val', 'test'][k % 3]}" for k in range(30)]
    parts = load_labels(table("path,kind,split", ["damaged.png,a,train", "lost.png,b,train", *lines]), size=4)
    assert len(parts["train"]) == 10
    (damaged, why), (lost, gone) = parts["train"].skipped
    assert damaged.endswith("damaged.png")
    assert "damaged" in why
    assert lost.endswith("lost.png")
    assert "No such file" in gone
    assert parts["train"].labels["kind"].tolist() == ["a"] * 10


@pytest.mark.parametrize(
    ("header", "options", "words"),
    [
        ("file,kind", {}, "should have a column 'path' and no name twice. Received: \\['file', 'kind'\\]"),
        ("path,path", {}, "no name twice"),
        ("path,kind", {"groups": ["angle"]}, r"should have the columns \['angle'\]. Received: \['kind'\]"),
        ("path,kind", {"group_by": "photo"}, r"should have the columns \['photo'\]"),
        ("path,split", {}, r"The column 'split' should have \('train', 'val', 'test'\). Received: \['a'\]"),
    ],
)
def test_a_table_that_cannot_be_is_refused(table, header, options, words):
    with pytest.raises(ValueError, match=words):
        load_labels(table(header, [f"{k}.png,a" for k in range(30)]), size=4, **options)


def test_a_part_without_images_is_refused(table):
    lines = [f"{k}.png,a,train" for k in range(30)]
    with pytest.raises(ValueError, match=r"Each part of .* should have images. Empty: \['val', 'test'\]"):
        load_labels(table("path,kind,split", lines), size=4)
