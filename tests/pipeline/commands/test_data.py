"""``tridigit make-data``: folders of Triple MNIST."""

import contextlib
import io
import re

import cv2
import numpy as np
import pytest

from classifier.data.triple_mnist import make_triples
from pipeline.batch.labelled import load_labelled
from pipeline.commands import main as cli


def make_data(folder, mnist_file, *args):
    """What the command prints."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        assert cli.main(["make-data", str(folder), "--mnist", str(mnist_file), *args]) == 0
    return printed.getvalue()


@pytest.fixture(scope="module")
def made(mnist_file, tmp_path_factory):
    """The leak-free folder with one image a number, and what was printed."""
    folder = tmp_path_factory.mktemp("data") / "triple"
    return folder, make_data(folder, mnist_file, "--images-per-class", "1")


def test_splits_have_their_numbers_and_share_none(made):
    folder, printed = made
    numbers = {split: {path.name for path in (folder / split).iterdir()} for split in ("train", "val", "test")}
    assert {split: len(found) for split, found in numbers.items()} == {"train": 640, "val": 160, "test": 200}
    assert len(set.union(*numbers.values())) == 1000
    for split, found in numbers.items():
        assert f"{split}: {len(found)} images of {len(found)} numbers" in printed


def test_files_are_named_and_laid_out_as_the_public_ones(made):
    files = sorted(path for path in made[0].rglob("*") if path.is_file())
    assert len(files) == 1000
    for path in files[::100]:
        assert path.name == f"0_{path.parent.name}.png"
        assert cv2.imread(str(path), cv2.IMREAD_UNCHANGED).shape == (84, 84)


def test_without_a_leak_no_test_digit_was_seen_in_training(made):
    assert "training also has: 0 of 200 (0.0%); with all three: 0 (0.0%)" in made[1]
    assert re.search(r"different digit images in test that training also has: 0 of \d+ \(0.0%\)", made[1])


def test_the_pooled_protocol_says_how_much_was_seen(mnist_file, tmp_path):
    printed = make_data(tmp_path, mnist_file, "--images-per-class", "2", "--protocol", "pooled")
    assert len(list((tmp_path / "test").rglob("1_*.png"))) == 200
    seen = re.search(r"training also has: (\d+) of 400 ", printed)
    assert int(seen[1]) > 390  # 300 digits are drawn 3840 times for training


def test_what_was_written_is_read_back(made, mnist):
    found = load_labelled(made[0])
    triples = make_triples(mnist, "leak-free", per_number=1)
    for split, files in found.items():
        assert files.skipped == ()
        assert sorted(files.numbers) == sorted(triples[split].numbers)
        images = dict(zip(triples[split].numbers.tolist(), triples[split].images, strict=True))
        for path, number in list(zip(files.paths, files.numbers.tolist(), strict=True))[::20]:
            np.testing.assert_array_equal(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), images[number])


def test_another_seed_splits_the_numbers_otherwise(made, mnist_file, tmp_path):
    make_data(tmp_path, mnist_file, "--images-per-class", "1", "--seed", "7")
    numbers = [{path.name for path in (folder / "test").iterdir()} for folder in (made[0], tmp_path)]
    assert numbers[0] != numbers[1]


@pytest.mark.parametrize("name", ["full", "file"])
def test_only_an_empty_or_new_folder_is_written(capsys, mnist_file, tmp_path, name):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").touch()
    (tmp_path / "file").touch()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(SystemExit) as stop:
        cli.main(["make-data", str(tmp_path / name), "--mnist", str(mnist_file)])
    assert stop.value.code == 2
    assert "expected an empty or new folder" in capsys.readouterr().err
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--mnist", "{folder}/nowhere.npz"], "found none at"),
        (["--mnist", "{folder}/half.npz"], "Missing: x_test, y_test"),
        (["--mnist", "{folder}/note.npz"], "error:"),
        (["--mnist", "{mnist}", "--seed", "-1"], "Seed must be between"),
        (["--mnist", "{mnist}", "--images-per-class", "0"], "at least 1"),
        (["--mnist", "{mnist}", "--protocol", "fair"], "invalid choice"),
    ],
)
def test_bad_usage_ends_in_2_with_a_line_and_writes_nothing(capsys, digits, mnist_file, tmp_path, args, words):
    np.savez(tmp_path / "half.npz", x_train=digits[0], y_train=digits[1])
    (tmp_path / "note.npz").write_text("no arrays")
    with pytest.raises(SystemExit) as stop:
        cli.main(["make-data", str(tmp_path / "out"), *(a.format(folder=tmp_path, mnist=mnist_file) for a in args)])
    assert stop.value.code == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
