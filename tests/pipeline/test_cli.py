"""The command, run in this process."""

import csv
import inspect
import io
import json
import os
import subprocess
import sys

import cv2
import pytest

from pipeline import cli
from pipeline.batch import read_files
from pipeline.files import find_files
from segmenter import Segmenter


def read(capsys, *args):
    """Exit status, rows and what stood on standard error."""
    status = cli.main(["read", *map(str, args)])
    out = capsys.readouterr()
    return status, list(csv.DictReader(io.StringIO(out.out))), out.err


def test_a_folder_with_bad_files_ends_in_3(capsys, folder):
    status, rows, err = read(capsys, folder)
    assert status == 3
    assert {row["path"]: row["number"] for row in rows if row["status"] == "accept"} == {
        "007.png": "007", "315.png": "315", "427.png": "427",
    }  # fmt: skip
    assert {row["path"] for row in rows if row["status"] == "error"} == {"broken.png", "empty.jpg"}
    assert "2 of 5 files could not be read" in err


def test_images_alone_end_in_0_whatever_they_show(capsys, tmp_path, field):
    cv2.imwrite(str(tmp_path / "blank.png"), field("427")[0] * 0)
    status, (row,), _ = read(capsys, tmp_path)
    assert (status, row["status"], row["reason"], row["number"]) == (0, "unreadable", "blank image", "")


def test_an_output_file_gets_the_format_of_its_suffix(capsys, folder, tmp_path):
    assert cli.main(["read", str(folder / "427.png"), "-o", str(tmp_path / "out.jsonl")]) == 0
    assert capsys.readouterr().out == ""
    (line,) = (tmp_path / "out.jsonl").read_text().splitlines()
    assert json.loads(line)["number"] == "427"


def test_names_come_from_standard_input(capsys, folder, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{folder / '427.png'}\n\n{folder / 'gone.png'}\n"))
    status, rows, _ = read(capsys, "-")
    assert status == 3
    assert [row["status"] for row in rows] == ["accept", "error"]
    assert "No such file" in rows[1]["reason"]


def test_names_with_dos_line_ends_are_names(capsys, folder, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{folder / '427.png'}\r\n\r\n"))
    status, (row,), _ = read(capsys, "-")
    assert (status, row["number"]) == (0, "427")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full on this system")
def test_a_full_disk_is_one_line(capsys, folder):
    assert cli.main(["read", str(folder / "427.png"), "-o", "/dev/full"]) == 1
    assert "No space left" in capsys.readouterr().err


def test_two_folders_are_told_apart(capsys, folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    os.link(folder / "427.png", other / "427.png")
    _, rows, _ = read(capsys, folder, other)
    assert {str(folder / "427.png"), str(other / "427.png")} <= {row["path"] for row in rows}


def test_debug_pictures_mirror_the_folder(capsys, folder, tmp_path_factory):
    (folder / "sub").mkdir()
    os.rename(folder / "427.png", folder / "sub" / "427.png")
    why = tmp_path_factory.mktemp("why")
    read(capsys, folder, "--recursive", "--debug", why)
    picture = cv2.imread(str(why / "sub" / "427.png.png"))
    assert picture.shape[0] > 300


def test_an_empty_folder_says_so(capsys, tmp_path):
    status, rows, err = read(capsys, tmp_path)
    assert (status, rows) == (0, [])
    assert "expected image files, found none" in err


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["nowhere"], "Received: 'nowhere'"),
        (["{folder}", "-o", "{folder}/no/such/out.csv"], "cannot write"),
        (["{folder}", "--batch-size", "0"], "at least 1"),
        (["{folder}", "--reader", "psychic"], "invalid choice"),
        (["{folder}/427.png", "-o", "{folder}/427.png"], "one of the images to read"),
        (["{folder}", "--debug", "{folder}"], "would be read as images"),
        (["{folder}", "--debug", "{folder}/427.png/x"], "cannot write pictures"),
        ([], "PATH"),
    ],
)
def test_bad_usage_ends_in_2_with_a_line(capsys, folder, args, words):
    with pytest.raises(SystemExit) as stop:
        cli.main(["read", *(a.format(folder=folder) for a in args)])
    assert stop.value.code == 2
    assert words in capsys.readouterr().err


def test_a_limit_on_pixels_is_an_option(capsys, folder):
    status, (row,), _ = read(capsys, folder / "427.png", "--max-pixels", 100)
    assert status == 3
    assert "at most 100 pixels" in row["reason"]


def test_every_parameter_of_reading_is_an_option():
    options = {a.dest for a in subcommand("read")._actions}
    parameters = set(inspect.signature(read_files).parameters) | set(inspect.signature(find_files).parameters)
    assert parameters - {"sources"} <= options
    assert "max_pixels" in options & set(Segmenter().get_params())


def test_every_parameter_of_training_is_an_option():
    from classifier.release import train_digit

    options = {a.dest for a in subcommand("train", "digit")._actions}
    assert set(inspect.signature(train_digit).parameters) - {"verbose"} <= options


def subcommand(*names):
    parser = cli.build_parser()
    for name in names:
        parser = next(a for a in parser._actions if isinstance(a.choices, dict) and name in a.choices).choices[name]
    return parser


def test_help_loads_no_keras():
    code = "import sys, pipeline.cli as c; c.build_parser(); print({'keras', 'sklearn'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
