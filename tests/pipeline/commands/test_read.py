"""``tridigit read``, run in this process."""

import csv
import io
import json
import os
import random
import subprocess
import sys
import time

import cv2
import numpy as np
import pytest

from pipeline import NumberReader
from pipeline.commands import main as cli
from pipeline.readers import WAYS


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
    assert "tridigit: 5 files: 3 accepted, 0 for review, 0 unreadable, 2 errors; " in err


def test_images_alone_end_in_0_whatever_they_show(capsys, tmp_path, field):
    cv2.imwrite(str(tmp_path / "blank.png"), field("427")[0] * 0)
    status, (row,), _ = read(capsys, tmp_path)
    assert (status, row["status"], row["reason"], row["number"]) == (0, "unreadable", "blank image", "")


def test_an_output_file_gets_the_format_of_its_suffix(capsys, folder, tmp_path):
    assert cli.main(["read", str(folder / "427.png"), "-o", str(tmp_path / "out.jsonl")]) == 0
    assert capsys.readouterr().out == ""
    (line,) = (tmp_path / "out.jsonl").read_text().splitlines()
    assert json.loads(line)["number"] == "427"


@pytest.mark.parametrize("name", ["out.json", "out.tsv", "out.xlsx"])
def test_an_output_of_another_suffix_is_refused(capsys, folder, tmp_path, name):
    with pytest.raises(SystemExit) as end:
        cli.main(["read", str(folder / "427.png"), "-o", str(tmp_path / name)])
    assert end.value.code == 2
    assert "ends in .csv, .jsonl, .ndjson, .parquet, or --format" in capsys.readouterr().err
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("mark", ["\ufeff", "\xef\xbb\xbf"])
def test_a_byte_order_mark_is_no_part_of_the_first_name(capsys, folder, monkeypatch, mark):
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{mark}{folder / '427.png'}\n"))
    status, (row,), _ = read(capsys, "-")
    assert (status, row["number"]) == (0, "427")


def test_files_that_cannot_be_read_here_are_told(capsys, tmp_path, field):
    cv2.imwrite(str(tmp_path / "427.png"), field("427")[0])
    for name in ("a.pdf", "b.PDF", "c.jxl"):
        (tmp_path / name).touch()
    _, rows, err = read(capsys, tmp_path)
    assert [row["path"] for row in rows] == ["427.png"]
    assert "tridigit: passed over what cannot be read here: 1 .jxl, 2 .pdf\n" in err


def test_reading_leaves_the_process_its_threads(capsys, folder):
    cv2.setNumThreads(2)
    read(capsys, folder / "427.png")
    assert cv2.getNumThreads() == 2


@pytest.mark.parametrize(("counts", "columns"), [("4", 4), ("1-6", 6)])
def test_the_table_has_as_many_columns_as_digits(capsys, folder, counts, columns):
    status, (row,), _ = read(capsys, folder / "427.png", "--digits", counts)
    assert status == 0
    assert sum(name.startswith("digit_") for name in row) == columns


@pytest.mark.parametrize("counts", ["0", "7", "3-1", "many", "1-9"])
def test_counts_of_digits_beyond_one_to_six_are_refused(capsys, folder, counts):
    with pytest.raises(SystemExit) as end:
        cli.main(["read", str(folder), "--digits", counts])
    assert end.value.code == 2
    assert "--digits" in capsys.readouterr().err


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
    table = tmp_path / "table.csv"
    table.write_text("by hand")
    with pytest.raises(SystemExit) as stop:
        cli.main(["read", str(tmp_path), "-o", str(table)])
    assert stop.value.code == 2
    err = capsys.readouterr().err
    assert "expected image files, found none" in err
    assert "folders inside are read with --recursive" in err
    assert table.read_text() == "by hand"


def test_other_counts_of_digits_are_told(capsys, folder):
    _, rows, err = read(capsys, folder, "--digits", "1-2")
    assert [row["reason"][:14] for row in rows if row["status"] == "unreadable"] == ["found 3 digits"] * 3
    assert "tridigit: 3 of the unreadable show another count of digits, 3 of them 3; --digits 1-3 reads these" in err
    _, rows, err = read(capsys, folder, "--digits", "1-3")
    assert [row["number"] for row in rows if row["number"]] == ["007", "315", "427"]
    assert "another count" not in err


@pytest.mark.parametrize("way", ["field", "whole"])
def test_readers_that_cut_nothing_give_rows_without_boxes(capsys, folder, way):
    status, rows, _ = read(capsys, folder, "--reader", way)
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
    fused, *others = (list(read(capsys, folder, "--reader", way)[1][0]) for way in WAYS)
    assert others == [fused] * 3
    assert list(read(capsys, folder)[1][0]) == fused


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["nowhere"], "Received: 'nowhere'"),
        (["{folder}", "-o", "{folder}/no/such/out.csv"], "cannot write"),
        (["{folder}/**.png"], "whole part of a pattern"),
        (["{folder}", "--batch-size", "0"], "at least 1"),
        (["{folder}", "--reader", "psychic"], "invalid choice"),
        (["{folder}/427.png", "-o", "{folder}/427.png", "--format", "csv"], "one of the images to read"),
        (["{folder}", "-o", "{folder}/notes.txt", "--format", "csv"], "is there, and would be lost"),
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


@pytest.fixture
def stopped(monkeypatch):
    """Context in which Ctrl-C comes while the second batch is read."""
    batches = iter([NumberReader.read_segmented])

    def read_segmented(reader, found):
        if (read := next(batches, None)) is None:
            raise KeyboardInterrupt
        return read(reader, found)

    with monkeypatch.context() as patch:
        patch.setattr(NumberReader, "read_segmented", read_segmented)
        yield patch


def test_a_table_that_was_begun_is_gone_on_with(capsys, folder, tmp_path_factory, stopped):
    out = tmp_path_factory.mktemp("out")
    args = ["--accept-precision", "0.9", "--batch-size", "2"]
    status, _, err = read(capsys, folder, *args, "-o", out / "a.csv")
    assert status == 130
    assert "tridigit: stopped; 2 of 5 rows are in" in err
    assert err.endswith("a.csv': the same command with --resume goes on from there\n")
    with pytest.raises(SystemExit) as stop:
        cli.main(["read", str(folder), *args, "-o", str(out / "a.csv")])
    assert stop.value.code == 2
    assert len((out / "a.csv").read_text().splitlines()) == 3  # the header and a batch
    stopped.undo()
    assert read(capsys, folder, *args, "-o", out / "whole.csv")[0] == 3
    status, _, err = read(capsys, folder, *args, "-o", out / "a.csv", "--resume")
    assert status == 3
    assert "5 files: 3 accepted, 0 for review, 0 unreadable, 2 errors" in err
    assert (out / "a.csv").read_bytes() == (out / "whole.csv").read_bytes()
    status, _, err = read(capsys, folder, *args, "-o", out / "a.csv", "--resume")
    assert (status, "was finished before" in err) == (3, True)


def test_what_would_make_another_table_is_named(capsys, folder, tmp_path_factory, stopped):
    out = tmp_path_factory.mktemp("out") / "a.csv"
    assert read(capsys, folder, "--batch-size", "2", "-o", out)[0] == 130
    with pytest.raises(SystemExit) as stop:
        cli.main(["read", str(folder / "427.png"), "--digits", "1-6", "-o", str(out), "--resume"])
    assert stop.value.code == 2
    assert "Received: other --batch-size, --digits, files than" in capsys.readouterr().err


def test_a_table_of_other_files_is_not_taken_for_the_beginning(capsys, folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "a.csv"
    assert read(capsys, folder / "427.png", "-o", out)[0] == 0
    before = out.read_bytes()
    with pytest.raises(SystemExit) as stop:
        cli.main(["read", str(folder), "-o", str(out), "--resume"])
    assert stop.value.code == 2
    assert "whose rows are not these files" in capsys.readouterr().err
    assert out.read_bytes() == before


@pytest.mark.parametrize("more", [["--resume"], ["--format", "parquet"]])
def test_what_needs_a_file_says_so(capsys, folder, more):
    with pytest.raises(SystemExit) as stop:
        cli.main(["read", str(folder), *more])
    assert stop.value.code == 2
    assert "--output FILE" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_wherever_it_is_killed_the_finished_table_is_the_same(folder, tmp_path_factory, suffix):
    for k in range(200):
        os.link(folder / "427.png", folder / f"{k}-of-many.png")
    out = tmp_path_factory.mktemp("out")
    command = [sys.executable, "-m", "pipeline.commands.main", "read", str(folder), "--batch-size", "8"]
    subprocess.run([*command, "-o", str(out / f"whole.{suffix}")], capture_output=True)
    rng = random.Random(0)
    output = out / f"killed.{suffix}"
    for _ in range(3):
        process = subprocess.Popen([*command, "-o", str(output), "--resume"], stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0.5, 2))
        process.kill()
        process.wait()
    assert subprocess.run([*command, "-o", str(output), "--resume"], capture_output=True).returncode == 3
    assert output.read_bytes() == (out / f"whole.{suffix}").read_bytes()
    assert {path.name for path in out.iterdir()} == {output.name, f"whole.{suffix}"}
