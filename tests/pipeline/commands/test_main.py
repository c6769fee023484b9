"""The command, run in this process."""

import csv
import inspect
import io
import json
import os
import subprocess
import sys
from importlib.metadata import version

import cv2
import numpy as np
import pytest

from pipeline import NumberReader
from pipeline.batch.files import find_files
from pipeline.batch.read import read_files
from pipeline.commands import main as cli
from pipeline.decision.profile import Profile
from segmenter import Segmenter


def read(capsys, *args):
    """Exit status, rows and what stood on standard error."""
    status = cli.main(["read", *map(str, args)])
    out = capsys.readouterr()
    return status, list(csv.DictReader(io.StringIO(out.out))), out.err


def test_a_folder_with_bad_files_ends_in_3(capsys, folder):
    status, rows, err = read(capsys, folder, "--accept-precision", "0.9")
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
    status, rows, _ = read(capsys, "-", "--accept-precision", "0.9")
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
    assert "folders inside are read with --recursive" in err


def test_the_whole_reader_gives_rows_without_boxes(capsys, folder):
    status, rows, _ = read(capsys, folder, "--reader", "whole")
    assert status == 3
    read_ones = [row for row in rows if row["status"] != "error"]
    assert [row["path"] for row in read_ones] == ["007.png", "315.png", "427.png"]
    for row in read_ones:
        assert row["number"] == row["digit_1"] + row["digit_2"] + row["digit_3"]
        assert len(row["number"]) == 3
        assert row["boxes"] == ""


def test_the_whole_reader_writes_empty_lists_of_boxes(capsys, tmp_path, field):
    cv2.imwrite(str(tmp_path / "427.png"), field("427")[0])
    cv2.imwrite(str(tmp_path / "blank.png"), np.zeros((84, 84)))
    assert cli.main(["read", str(tmp_path), "--reader", "whole", "--format", "jsonl"]) == 0
    number, blank = map(json.loads, capsys.readouterr().out.splitlines())
    assert (number["boxes"], blank["boxes"]) == ([], [])
    assert len(number["number"]) == 3
    assert (blank["status"], blank["reason"], blank["number"]) == ("unreadable", "blank image", "")


def test_the_whole_reader_draws_debug_pictures(capsys, folder, tmp_path_factory):
    why = tmp_path_factory.mktemp("why")
    read(capsys, folder, "--reader", "whole", "--debug", why)
    assert {path.name for path in why.iterdir()} == {"007.png.png", "315.png.png", "427.png.png"}
    assert cv2.imread(str(why / "427.png.png")).shape[0] > 300


def test_all_readers_give_the_same_columns(capsys, folder):
    fused, *others = (list(read(capsys, folder, "--reader", way)[1][0]) for way in ("fused", "segmented", "whole"))
    assert others == [fused, fused]
    assert list(read(capsys, folder)[1][0]) == fused


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
    parameters = set(inspect.signature(read_files).parameters) | set(inspect.signature(find_files).parameters)
    assert parameters - {"sources"} <= options("read")
    assert "max_pixels" in options("read") & set(Segmenter().get_params())
    own = set(inspect.signature(NumberReader).parameters) - {"classifier", "number_classifier", "segmenter"}
    assert own <= options("read")


def test_every_parameter_of_training_is_an_option():
    from classifier.train.release import train_digit, train_number

    names = {"cut_fields": "cut"}  # what cuts them is the segmenter
    for network, train in (("digit", train_digit), ("number", train_number)):
        parameters = {names.get(name, name) for name in set(inspect.signature(train).parameters) - {"verbose", "cut"}}
        assert parameters <= options("train", network)


def test_every_parameter_of_a_search_is_an_option():
    from classifier.search.search import Search

    given = {"estimator", "X", "y", "stratified", "preparation", "setup", "verbose"}  # by what is tuned
    names = {"folder": "out", "groups": "group_by"}
    parameters = {names.get(name, name) for name in set(inspect.signature(Search).parameters) - given}
    assert parameters <= options("tune", "reader")


def test_every_parameter_of_making_data_is_an_option():
    from classifier.data.triple_mnist import make_triples

    names = {"per_number": "images_per_class"}
    parameters = {names.get(name, name) for name in inspect.signature(make_triples).parameters}
    assert parameters <= options("make-data")


def test_every_parameter_of_the_benchmark_is_an_option():
    from pipeline.benchmark.run import plan

    names = {"protocols": "protocol", "n": "images"}
    assert {names.get(name, name) for name in inspect.signature(plan).parameters} <= options("benchmark")


def test_what_can_be_chosen_is_what_there_is():
    from classifier.data.triple_mnist import PROTOCOLS
    from classifier.train.release import NETWORKS
    from pipeline.readers import READERS, WAYS

    assert choices("--reader", "read") == set(WAYS)
    assert choices("--readers", "benchmark") == set(READERS)
    assert choices("--network", "train", "number") == set(NETWORKS)
    for command in (["train", "digit"], ["train", "number"], ["make-data"], ["benchmark"]):
        assert choices("--protocol", *command) == set(PROTOCOLS)


COMMANDS = [
    (), ("read",), ("train",), ("train", "digit"), ("train", "number"),
    ("tune",), ("tune", "digit"), ("tune", "number"), ("tune", "reader"),
    ("make-data",), ("benchmark",), ("calibrate",),
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_tells_of_every_option(capsys, command):
    with pytest.raises(SystemExit) as stop:
        cli.main([*command, "--help"])
    assert stop.value.code == 0
    out = capsys.readouterr().out
    for action in subcommand(*command)._actions:
        assert all(name in out for name in action.option_strings or [action.metavar])
        assert action.help or isinstance(action.choices, dict)


def test_every_command_has_its_help_looked_at():
    def found(*names):
        yield names
        for action in subcommand(*names)._actions:
            if isinstance(action.choices, dict):
                for name in action.choices:
                    yield from found(*names, name)

    assert sorted(found()) == sorted(COMMANDS)


def subcommand(*names):
    parser = cli.build_parser()
    for name in names:
        parser = next(a for a in parser._actions if isinstance(a.choices, dict) and name in a.choices).choices[name]
    return parser


def options(*names):
    return {action.dest for action in subcommand(*names)._actions}


def choices(option, *names):
    return next(set(a.choices) for a in subcommand(*names)._actions if option in a.option_strings)


def test_help_loads_no_keras():
    heavy = "{'keras', 'sklearn', 'matplotlib'}"
    code = f"import sys, pipeline.commands.main as c; c.build_parser(); print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_precision_that_nothing_promises_is_said_at_once(capsys, tmp_path, field):
    cv2.imwrite(str(tmp_path / "427.png"), field("427")[0])
    status, rows, err = read(capsys, tmp_path, "--accept-precision", "0.99999")
    assert (status, rows[0]["status"]) == (0, "review")
    assert f"promise at most {Profile.shipped().acceptance['fused'].ceiling:.4f}" in err


def test_the_version_is_that_of_the_package(capsys):
    with pytest.raises(SystemExit):
        cli.main(["--version"])
    assert capsys.readouterr().out == f"tridigit {version('tridigit')}\n"
