"""Tables that a run leaves behind half written, gone on with."""

import json
from collections import Counter

import pyarrow as pa
import pytest
from pyarrow import parquet

from pipeline.batch.files import Source
from pipeline.batch.journal import Progress
from pipeline.batch.read import Row
from pipeline.batch.sinks import Numbers
from pipeline.batch.table import Output

RUN = {"--reader": "fused", "files": "abc"}
NAMES = [f"{k}.png" for k in range(8)] + ["a\nb.png", "caf\udce9.png", "=1.png"]
ROWS = [Row(name, None, f"why, {name!r}") for name in NAMES]
SOURCES = [Source(name, name) for name in NAMES]
FORMS = ["csv", "jsonl", "parquet"]


@pytest.fixture(params=FORMS)
def output(request, tmp_path):
    return Output(tmp_path / f"out.{request.param}", request.param, Numbers(3), batch_size=4)


def fill(output, begun=None, *, stop_at=None):
    """Write the rows that are missing, up to a failure before the row ``stop_at``; -1 is after the last was written."""
    begun = begun or Progress()
    with output.opened(RUN, begun) as table:
        for k, row in enumerate(ROWS[begun.rows :], begun.rows):
            if k == stop_at:
                raise KeyboardInterrupt
            table.add(row)
        if stop_at == -1:
            table.write()
            raise KeyboardInterrupt
    return table


@pytest.fixture
def whole(output, tmp_path):
    """The bytes of an uninterrupted run."""
    fill(output)
    data = output.path.read_bytes()
    output.path.unlink()
    return data


def test_a_finished_table_has_no_journal(output):
    table = fill(output)
    assert [path.name for path in output.path.parent.iterdir()] == [output.path.name]
    assert table.came == Counter(error=len(ROWS))
    assert output.finished(SOURCES) == Counter(error=len(ROWS))


@pytest.mark.parametrize("stop_at", range(len(ROWS)))
def test_wherever_a_run_stops_the_finished_table_is_the_same(output, whole, stop_at):
    with pytest.raises(KeyboardInterrupt):
        fill(output, stop_at=stop_at)
    begun = output.begun(RUN)
    assert begun.rows == stop_at // 4 * 4  # whole batches
    assert begun.came == Counter(error=begun.rows) + Counter()
    table = fill(output, begun)
    assert output.path.read_bytes() == whole
    assert table.came.total() == len(ROWS)


def test_a_table_may_be_left_again_and_again(output, whole):
    for stop_at in (1, 5, 6, 9):
        with pytest.raises(KeyboardInterrupt):
            fill(output, output.begun(RUN), stop_at=stop_at)
    fill(output, output.begun(RUN))
    assert output.path.read_bytes() == whole


@pytest.mark.parametrize("more", [b"5.png,,err", b"x" * 5000])
def test_what_a_kill_left_of_a_batch_is_cut_off(output, whole, more):
    with pytest.raises(KeyboardInterrupt):
        fill(output, stop_at=5)
    for path in (output.rows, output.journal.path):
        with path.open("ab") as file:
            file.write(more)
    fill(output, output.begun(RUN))
    assert output.path.read_bytes() == whole


def test_a_kill_before_the_last_step_leaves_all_rows(output, whole):
    with pytest.raises(KeyboardInterrupt):
        fill(output, stop_at=-1)
    assert output.begun(RUN).rows == len(ROWS)
    fill(output, output.begun(RUN))
    assert output.path.read_bytes() == whole


def test_other_settings_are_refused_by_their_names(output):
    with pytest.raises(KeyboardInterrupt):
        fill(output, stop_at=5)
    with pytest.raises(ValueError, match=r"as it was begun\. Received: other --reader, files than"):
        output.begun({"--reader": "whole", "files": "abd"})


def test_a_table_that_was_changed_is_refused(output):
    with pytest.raises(KeyboardInterrupt):
        fill(output, stop_at=5)
    data = output.rows.read_bytes()
    for changed in (data.replace(b"0.png", b"9.png"), data[:50]):
        output.rows.write_bytes(changed)
        with pytest.raises(ValueError, match="changed since it was left"):
            output.begun(RUN)
    with pytest.raises(ValueError, match="is of a run that was interrupted: --resume goes on with it"):
        output.check_replaceable()
    output.rows.unlink()  # which is how it begins anew
    output.check_replaceable()
    assert output.begun(RUN) == Progress()


def test_beginning_anew_needs_no_journal_and_takes_no_other_table(output):
    assert output.begun(RUN) == Progress()
    output.path.touch()
    assert output.begun(RUN) == Progress()
    output.path.write_text("another table\n")
    assert output.finished(SOURCES) is None
    with pytest.raises(ValueError, match="whose rows are not these files"):
        output.begun(RUN)


def test_a_table_of_an_earlier_run_is_replaced(output):
    output.check_replaceable()
    fill(output)
    output.check_replaceable()
    output.path.write_bytes(b"")
    output.check_replaceable()


@pytest.mark.parametrize(
    "text", ["path,number\n", "path,number,status,reason,confidence,seen\n", "{}\n", "7\n", "\xff\n"]
)
def test_a_file_of_something_else_is_not_replaced(output, text):
    output.path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ValueError, match="would be lost: only a table that this command wrote is replaced"):
        output.check_replaceable()


@pytest.mark.parametrize("sources", [SOURCES[:-1], [*SOURCES, SOURCES[0]], SOURCES[::-1]])
def test_a_table_of_other_files_is_not_finished(output, sources):
    fill(output)
    assert output.finished(sources) is None


def test_an_older_table_is_there_until_a_new_one_has_its_journal(output, monkeypatch):
    fill(output)
    before = output.path.read_bytes()

    def fail(*args):
        raise OSError("no space")

    monkeypatch.setattr("pipeline.batch.journal.os.replace", fail)
    with pytest.raises(OSError, match="no space"):
        fill(output)
    assert output.path.read_bytes() == before


def test_each_batch_is_written_as_it_is_read(tmp_path):
    output = Output(tmp_path / "out.jsonl", "jsonl", Numbers(3), batch_size=4)
    with output.opened(RUN, Progress()) as table:
        for row in ROWS[:5]:
            table.add(row)
        lines = output.path.read_text().splitlines()
        assert [json.loads(line)["path"] for line in lines] == NAMES[:4]
        for row in ROWS[5:]:
            table.add(row)


@pytest.mark.parametrize(
    "text",
    [
        "{}\n{}\n",
        "[1]\n",
        "\n\n",
        "\udcff\n",
        '{"--reader": "fused", "files": "abc"}\n{"rows": 4, "size": 9, "checksum": 1}\n',
        '{"--reader": "fused", "files": "abc"}\n{"rows": 4, "size": -9, "checksum": 1, "came": {"error": 4}}\n',
        '{"--reader": "fused", "files": "abc"}\n{"rows": 4, "size": 9, "checksum": 1, "came": {"error": 5}}\n',
        '{"--reader": "fused", "files": "abc"}\n{"rows": "4", "size": 9, "checksum": 1, "came": {"error": "4"}}\n',
    ],
)
def test_a_damaged_journal_is_refused(output, text):
    output.rows.touch()
    output.journal.path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(ValueError, match="should be the journal of a table; to begin anew, delete"):
        output.begun(RUN)


@pytest.mark.parametrize("at", [10, 60, -10])
def test_a_damaged_table_is_not_finished(output, at):
    fill(output)
    data = bytearray(output.path.read_bytes())
    data[at : at + 8] = b"\xff" * 8
    output.path.write_bytes(data)
    assert output.finished(SOURCES) is None


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl", "out.parquet"])
def test_what_is_no_table_is_neither_finished_nor_replaced(tmp_path, name):
    whole = Output(tmp_path / name, name[4:], Numbers(3), batch_size=4)
    fill(whole)
    data, at = whole.path.read_bytes(), whole.path.read_bytes().find(b"ARROW:schema") + 40
    whole.path.write_bytes(data[:at] + b"\xff" * 20 + data[at + 20 :] if name == "out.parquet" else b"[" * 100_000)
    assert whole.finished(SOURCES) is None
    with pytest.raises(ValueError, match="only a table that this command wrote is replaced"):
        whole.check_replaceable()


def test_a_parquet_table_without_the_columns_is_not_finished(tmp_path):
    output = Output(tmp_path / "out.parquet", "parquet", Numbers(3), batch_size=4)
    parquet.write_table(pa.table({"path": NAMES[:8]}), output.path)
    assert output.finished(SOURCES) is None
