"""``tridigit read --form``, run in this process."""

import csv
import dataclasses
import io
import itertools
import json
import shutil

import numpy as np
import pytest
from PIL import Image

from pipeline.commands import main as cli
from pipeline.forms.form import Field, Form, Tick
from pipeline.forms.reader import FormReader
from pipeline.forms.table import Pages
from pipeline.synth.glyphs import Hands, scans_of
from pipeline.synth.pages.blanks import survey
from pipeline.synth.pages.fill import fill
from pipeline.synth.pages.take import scanned


@pytest.fixture(scope="module")
def scans(digits, tmp_path_factory):
    """A folder with a form, its blank page, a PDF of two scanned pages and an empty one, and the numbers on them."""
    folder, hands = tmp_path_factory.mktemp("scans"), Hands(scans_of(*digits), {})
    blank = survey()
    blank.image.save(folder / "blank.pdf", resolution=200)
    fields = tuple(Field(place.name, place.box, (place.digits,) * 2) for place in blank.places)
    ticks = tuple(Tick(*tick) for tick in blank.ticks)
    Form("survey", folder / "blank.pdf", blank.size, fields, ticks).save(folder / "survey.toml")
    pages = [fill(blank, hands, np.random.default_rng(k)) for k in range(2)]
    taken = [Image.fromarray(scanned(page.gray, np.random.default_rng(9)).gray) for page in pages]
    (folder / "in").mkdir()
    empty = Image.new("L", taken[0].size, 250)
    taken[0].save(folder / "in" / "all.pdf", save_all=True, append_images=[taken[1], empty], resolution=200)
    return folder, [page.numbers for page in pages]


def test_a_folder_of_pages_is_read_into_a_row_a_page(capsys, scans):
    folder, numbers = scans
    assert cli.main(["read", str(folder / "in"), "--form", str(folder / "survey.toml")]) == 0
    out = capsys.readouterr()
    rows = list(csv.DictReader(io.StringIO(out.out)))
    assert [(row["path"], row["page"], row["form"]) for row in rows] == [
        ("all.pdf", "1", "survey"), ("all.pdf", "2", "survey"), ("all.pdf", "3", ""),
    ]  # fmt: skip
    assert (rows[2]["status"], rows[2]["reason"], rows[2]["q1"]) == ("unreadable", "blank page", "")
    for row, written in zip(rows, numbers, strict=False):
        assert sum(row[name] == number for name, number in written.items()) >= 11
    assert "tridigit: 3 pages: " in out.err
    assert "1 of no form, 0 errors; " in out.err


def test_a_row_a_field_says_where_it_is(scans, tmp_path):
    folder, numbers = scans
    args = ["--form", str(folder / "survey.toml"), "--long", "-o", str(tmp_path / "out.jsonl")]
    assert cli.main(["read", str(folder / "in" / "all.pdf"), *args]) == 0
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert len(rows) == 15 + 15 + 1
    assert Pages(()).is_table(list(rows[0]))  # and so is replaced the next time
    (first,) = [row for row in rows if (row["page"], row["field"]) == (1, "q12")]
    assert np.array(first["corners"]).shape == (4, 2)
    assert first["status"] in ("accept", "review")
    assert rows[-1]["field"] == ""
    accepted = [row for row in rows if row["status"] == "accept" and row["confidence"] is not None]
    assert {row["value"] == numbers[row["page"] - 1][row["field"]] for row in accepted} == {True}


def test_a_file_of_something_else_is_not_replaced(capsys, scans, tmp_path):
    folder, _ = scans
    (tmp_path / "out.csv").write_text("name,age\nann,7\n")
    with pytest.raises(SystemExit) as stop:
        cli.main(["read", str(folder / "in"), "--form", str(folder / "survey.toml"), "-o", str(tmp_path / "out.csv")])
    assert stop.value.code == 2
    assert "only a table that this command wrote is replaced" in capsys.readouterr().err
    assert (tmp_path / "out.csv").read_text() == "name,age\nann,7\n"


def test_a_damaged_file_is_a_row_and_ends_in_3(capsys, scans, tmp_path):
    folder, _ = scans
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4 and no more")
    assert cli.main(["read", str(tmp_path), "--form", str(folder / "survey.toml")]) == 3
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (row["path"], row["status"]) == ("broken.pdf", "error")
    assert row["reason"].startswith("The PDF cannot be opened")


@pytest.fixture
def stop_at_page(monkeypatch):
    """Function: Ctrl-C as page ``n`` is read, counted from 1; pages are read one by one."""
    monkeypatch.setattr("pipeline.forms.read.TOGETHER", 1)

    def stop(n):
        count, read = itertools.count(1), FormReader.read_cut

        def read_cut(self, cut):
            if next(count) == n:
                raise KeyboardInterrupt
            return read(self, cut)

        monkeypatch.setattr(FormReader, "read_cut", read_cut)

    return stop


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl", "out.parquet"])
@pytest.mark.parametrize("long", [[], ["--long"]])
def test_a_table_of_pages_is_gone_on_with(capsys, scans, tmp_path, stop_at_page, name, long):
    folder, _ = scans
    shutil.copy(folder / "in" / "all.pdf", tmp_path / "all.pdf")
    (tmp_path / "broken.tif").write_bytes(b"II*")
    twice = [str(tmp_path), str(tmp_path / "broken.tif")]  # the last row's file comes once more
    read = ["read", *twice, "--form", str(folder / "survey.toml"), *long, "-o", str(tmp_path / name)]
    assert cli.main(read) == 3
    whole, told = (tmp_path / name).read_bytes(), capsys.readouterr().err.rpartition(";")[0]
    (tmp_path / name).unlink()
    stop_at_page(2)
    assert cli.main(read) == 130
    assert "1 of 5 pages are in" in capsys.readouterr().err
    stop_at_page(0)
    assert cli.main([*read, "--resume"]) == 3
    assert (tmp_path / name).read_bytes() == whole
    assert cli.main([*read, "--resume"]) == 3
    assert f"{told}; '{tmp_path / name}' was finished before" in capsys.readouterr().err


def test_a_table_of_pages_with_another_form_is_not_gone_on_with(capsys, scans, tmp_path, stop_at_page):
    folder, _ = scans
    form = Form.load(folder / "survey.toml")
    dataclasses.replace(form, fields=form.fields[:-1], blank=folder / "blank.pdf").save(tmp_path / "form.toml")
    stop_at_page(2)
    to = ["-o", str(tmp_path / "out.csv")]
    assert cli.main(["read", str(folder / "in"), "--form", str(folder / "survey.toml"), *to]) == 130
    with pytest.raises(SystemExit) as end:
        cli.main(["read", str(folder / "in"), "--form", str(tmp_path / "form.toml"), *to, "--resume"])
    assert end.value.code == 2
    assert "Received: other --form than" in capsys.readouterr().err


@pytest.mark.parametrize("pages", [1, 3])
def test_a_table_of_files_that_have_other_pages_now_is_not_gone_on_with(capsys, scans, tmp_path, stop_at_page, pages):
    folder, _ = scans
    (tmp_path / "in").mkdir()
    empty = Image.new("L", (300, 400), 250)
    empty.save(tmp_path / "in" / "a.tif", save_all=True, append_images=[empty])
    read = ["read", str(tmp_path / "in"), "--form", str(folder / "survey.toml"), "-o", str(tmp_path / "out.csv")]
    stop_at_page(2)
    assert cli.main(read) == 130
    empty.save(tmp_path / "in" / "a.tif", save_all=True, append_images=[empty] * (pages - 1))
    with pytest.raises(SystemExit) as end:
        cli.main([*read, "--resume"])
    assert end.value.code == 2
    assert "Received: other pages than" in capsys.readouterr().err


def test_pages_that_were_read_are_printed_before_an_interruption(capsys, scans, stop_at_page):
    folder, _ = scans
    stop_at_page(3)
    assert cli.main(["read", str(folder / "in"), "--form", str(folder / "survey.toml")]) == 130
    assert len(list(csv.DictReader(io.StringIO(capsys.readouterr().out)))) == 2


def test_a_field_may_be_called_like_a_column_of_the_other_table(capsys, scans, tmp_path):
    folder, numbers = scans
    form = Form.load(folder / "survey.toml")
    renamed = [dataclasses.replace(one, name="corners" if one.name == "q1" else one.name) for one in form.fields]
    dataclasses.replace(form, fields=tuple(renamed), blank=folder / "blank.pdf").save(tmp_path / "form.toml")
    assert cli.main(["read", str(folder / "in"), "--form", str(tmp_path / "form.toml")]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["corners"] for row in rows[:2]] == [written["q1"] for written in numbers]


@pytest.mark.parametrize("option", [["--debug", "why"], ["--scheduler", "tcp://a:1"]])
def test_options_of_fields_alone_are_refused(capsys, scans, option):
    folder, _ = scans
    with pytest.raises(SystemExit) as end:
        cli.main(["read", str(folder), "--form", str(folder / "survey.toml"), *option])
    assert end.value.code == 2
    assert f"{option[0]} does not go with --form" in capsys.readouterr().err


def test_a_file_that_is_no_form_is_refused(capsys, scans, tmp_path):
    (tmp_path / "form.toml").write_text("name = 3")
    with pytest.raises(SystemExit) as end:
        cli.main(["read", str(scans[0] / "in"), "--form", str(tmp_path / "form.toml")])
    assert end.value.code == 2
    assert "should be a form" in capsys.readouterr().err
