"""How far a batch has come."""

import io
import re
import time

from pipeline.batch.progress import follow, line


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_line_tells_the_rate_of_this_run_and_the_time_left():
    told = line(6000, 20_000, begun=5000, seconds=10)
    assert told == "tridigit: 6,000 of 20,000 images, 100.0 a second, 0:02:20 left"
    assert line(5000, 20_000, begun=5000, seconds=10) == "tridigit: 5,000 of 20,000 images, 0.0 a second"


def test_items_pass_in_order_and_a_short_batch_tells_nothing():
    file = io.StringIO()
    assert list(follow(range(1000), 1000, file=file)) == list(range(1000))
    assert file.getvalue() == ""


def test_lines_come_even_when_no_item_does():
    file = io.StringIO()
    items = follow(iter([1, 2]), 4, begun=2, file=file, every=0.02)
    next(items)
    time.sleep(0.3)
    assert list(items) == [2]
    lines = file.getvalue().splitlines()
    assert len(lines) >= 2
    assert all(re.fullmatch(r"tridigit: 3 of 4 images, \d+\.\d a second, 0:00:\d\d left", told) for told in lines)
    time.sleep(0.1)
    assert file.getvalue().splitlines() == lines  # nothing after the end


def test_a_reader_that_stops_half_way_ends_the_lines():
    file = io.StringIO()
    items = follow(iter(range(9)), 9, file=file, every=0.02)
    next(items)
    items.close()
    time.sleep(0.1)
    assert file.getvalue() == ""


def test_a_terminal_gets_a_bar_that_begins_where_the_last_run_ended():
    file = Terminal()
    list(follow([1, 2], 4, begun=2, file=file))
    assert "4/4" in file.getvalue()


def test_without_standard_error_nothing_is_told(monkeypatch):
    monkeypatch.setattr("sys.stderr", None)
    assert list(follow([1, 2], 2)) == [1, 2]
