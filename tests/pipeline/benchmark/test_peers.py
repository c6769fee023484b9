"""A recogniser of others' making on this project's images; it comes with the extra ``peers``."""

import cv2
import numpy as np
import pytest

from pipeline.benchmark.run import load_reader
from pipeline.commands import main as cli
from pipeline.commands import options
from pipeline.readers import READERS


@pytest.fixture(scope="module")
def peer():
    pytest.importorskip("rapidocr")
    pytest.importorskip("omegaconf")
    return load_reader("rapidocr", threads=1)


@pytest.fixture(scope="module")
def page(field):
    return cv2.resize(255 - field("427")[0], (252, 252), interpolation=cv2.INTER_CUBIC)[80:170]


def test_it_reads_a_line_of_digits_of_either_polarity_and_accepts_nothing(peer, page):
    readings = list(peer.read_many([page, 255 - page]))
    assert [(r.number, r.status) for r in readings] == [("427", "review")] * 2
    assert all(0 < r.confidence <= 1 for r in readings)


def test_another_count_of_digits_is_unreadable(peer, page):
    reading = peer.read(page[:, :170])
    assert (reading.number, reading.status) == ("", "unreadable")
    assert "42" in reading.reason
    assert peer.read(np.full((40, 80), 255, np.uint8)).status == "unreadable"


def test_it_reads_only_where_it_is_named(page, tmp_path):
    assert [name for name, reader in READERS.items() if reader.extra] == ["rapidocr"]
    args = cli.build_parser().parse_args(["benchmark"])
    assert "rapidocr" not in args.readers


def test_without_its_extra_the_command_says_so_in_a_line(monkeypatch, capsys, tmp_path):
    monkeypatch.setitem(options.EXTRAS, "peers", ("no_such_module",))
    with pytest.raises(SystemExit) as stop:
        cli.main(["benchmark", "--readers", "rapidocr", "--data", str(tmp_path), "-o", str(tmp_path / "out")])
    assert stop.value.code == 2
    assert "pip install '.[peers]' in tridigit's source folder" in capsys.readouterr().err
