"""``tridigit watch``, run in this process."""

import csv
import inspect
import io
import json
import os
from pathlib import Path

import cv2
import pytest

from pipeline.commands import main as cli
from pipeline.commands import watch as watch_command
from pipeline.watch.read import MODES, watch_clips

CLIPS = Path(__file__).parents[3] / "examples" / "clips"


def watch(capsys, *args):
    """Exit status, rows and what stood on standard error."""
    status = cli.main(["watch", *map(str, args)])
    out = capsys.readouterr()
    return status, list(csv.DictReader(io.StringIO(out.out))), out.err


def test_every_parameter_is_an_option():
    parser = cli.build_parser()
    (commands,) = [action.choices for action in parser._actions if isinstance(action.choices, dict)]
    options = {action.dest for action in commands["watch"]._actions}
    assert set(inspect.signature(watch_clips).parameters) <= options


def test_modes_that_can_be_chosen_are_those_there_are():
    assert set(watch_command.MODES) == set(MODES)


def test_a_folder_of_clips(capsys, tmp_path):
    for name in ("drawn-3-vp9.webm", "drawn-7.gif"):
        (tmp_path / name).write_bytes((CLIPS / name).read_bytes())
    (tmp_path / "notes.txt").write_text("not looked at")
    status, rows, err = watch(capsys, tmp_path, "--picture", tmp_path / "why")
    assert status == 0
    assert [(row["number"], row["status"]) for row in rows] == [("3", "sure"), ("7", "sure")]
    assert 1 < int(rows[0]["sure_from"]) <= int(rows[0]["frames"]) == 24
    assert "2 clips: 2 sure" in err
    picture = cv2.imread(str(tmp_path / "why" / "drawn-3-vp9.webm.png"))
    assert picture.shape[1] > 16 * 72


def test_what_is_no_clip_is_a_row_and_the_others_are_read(capsys, tmp_path):
    (tmp_path / "text.mp4").write_text("hello, this is text")
    os.mkfifo(tmp_path / "pipe.mp4")
    whole = (CLIPS / "drawn-2-vp8.webm").read_bytes()
    (tmp_path / "cut.webm").write_bytes(whole[: len(whole) // 2])
    files = ["text.mp4", "pipe.mp4", "cut.webm"]
    status, rows, err = watch(capsys, *(tmp_path / name for name in files), CLIPS / "drawn-0-h264.mp4")
    assert status == 3
    assert [row["status"] for row in rows][:2] == ["error", "error"]
    assert "no video" in rows[0]["reason"]
    assert "no regular file" in rows[1]["reason"]
    assert rows[2]["status"] != "sure"
    assert f"the file is cut: {rows[2]['frames']} of 24 frames" in rows[2]["reason"]
    assert (rows[3]["number"], rows[3]["status"]) == ("0", "sure")
    assert "2 error" in err


def test_fields_before_a_moving_camera(capsys, tmp_path):
    status, rows, _ = watch(capsys, CLIPS / "field-315.mp4", "--mode", "field", "--picture", tmp_path)
    assert status == 0
    assert [(row["number"], row["frames"], row["sure_from"]) for row in rows] == [("315", "16", "")]
    assert cv2.imread(str(tmp_path / "field-315.mp4.png")).shape[1] > 16 * 72


def test_json_lines(capsys, tmp_path):
    out = tmp_path / "out.jsonl"
    assert watch(capsys, CLIPS / "drawn-9-turned.mov", "--every", "2", "-o", out)[0] == 0
    (row,) = [json.loads(line) for line in out.read_text().splitlines()]
    assert (row["number"], row["frames"]) == ("9", 24)
    assert watch(capsys, CLIPS / "drawn-9-turned.mov", "--every", "2", "-o", out)[0] == 0  # which replaces it


def test_a_file_of_something_else_is_not_replaced(capsys, tmp_path):
    (tmp_path / "out.csv").write_text("name,age\nann,7\n")
    with pytest.raises(SystemExit) as stop:
        cli.main(["watch", str(CLIPS / "drawn-7.gif"), "-o", str(tmp_path / "out.csv")])
    assert stop.value.code == 2
    assert "only a table that this command wrote is replaced" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["missing.mp4"], "expected a clip"),
        ([CLIPS / "drawn-7.gif", "-o", "table.txt"], "ends in .csv or .jsonl"),
        ([CLIPS / "drawn-7.gif", "--model", CLIPS / "drawn-7.gif"], "should be a network of `tridigit train video`"),
        ([CLIPS / "drawn-7.gif", "--every", "0"], "at least 1"),
        ([CLIPS / "drawn-7.gif", "--mode", "field", "--model", __file__], "is for drawings"),
        ([CLIPS / "drawn-7.gif", "-o", "no/folder/table.csv"], "cannot write"),
    ],
)
def test_bad_usage_ends_in_one_line(capsys, args, said):
    with pytest.raises(SystemExit) as stop:
        cli.main(["watch", *map(str, args)])
    assert stop.value.code == 2
    assert said in capsys.readouterr().err.splitlines()[-1]
