"""What the server is told, and what it leaves behind."""

import os
import socket

import pytest

from pipeline.app import serve as serving
from pipeline.app import site as sites
from pipeline.app.serve import LOOPBACK, check_port, default_store, serve
from pipeline.commands import main as cli


@pytest.fixture
def sites_of(monkeypatch):
    """Function: serve without a server; returns the site that it would show."""
    seen = []
    monkeypatch.setattr(serving, "_run", lambda *_: seen.append(sites.the_site()))

    def start(*args, **options):
        serve(*args, **options)
        return seen[-1]

    return start


def test_a_table_is_in_the_queue(sites_of, pile, tmp_path):
    folder, numbers = pile
    site = sites_of(folder / "pile.csv", store=tmp_path / "s.sqlite")
    assert site.store.progress().left == len(numbers)
    assert (site.title, site.folder, site.keeps_uploads) == ("pile.csv", None, True)


def test_a_queue_goes_on_where_it_was_left(sites_of, pile, tmp_path):
    first = sites_of(pile[0] / "pile.csv", store=tmp_path / "s.sqlite").store
    held = first.next("killed")
    second = sites_of(pile[0] / "pile.csv", store=tmp_path / "s.sqlite").store
    assert second.next("ann") == held  # nobody else has them on the screen now
    assert second.progress().left == len(pile[1])


def test_decisions_lie_beside_what_they_are_of(tmp_path):
    (tmp_path / "scans").mkdir()
    assert default_store(tmp_path / "scans") == tmp_path / "scans.review.sqlite"
    assert default_store(tmp_path / "table.csv") == tmp_path / "table.review.sqlite"


def test_without_anything_nothing_is_kept(sites_of):
    site = sites_of()
    assert (site.store, site.folder) == (None, None)
    assert not site.scratch.exists()  # gone with the server


def test_what_killed_servers_left_is_removed(sites_of, tmp_path, monkeypatch):
    monkeypatch.setattr(sites.tempfile, "gettempdir", lambda: str(tmp_path))
    left, running, other = (
        tmp_path / f"tridigit-page-{name}" for name in ("99999999-abc", f"{os.getpid()}-abc", "notes")
    )
    for folder in (left, running, other):
        folder.mkdir()
    sites_of()
    assert [folder.exists() for folder in (left, running, other)] == [False, True, True]


def test_it_listens_on_the_loopback_only_unless_told(sites_of):
    settings = serving._settings(LOOPBACK, 8501)
    assert settings["server.address"] == "127.0.0.1"
    assert not settings["browser.gatherUsageStats"]
    assert len(serving._middleware(LOOPBACK)) == 1
    assert serving._middleware("0.0.0.0") == []


def test_a_port_that_is_taken_is_an_error():
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        with pytest.raises(OSError, match="cannot listen on 127.0.0.1:.*try --port"):
            check_port(LOOPBACK, taken.getsockname()[1])


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["page", "nowhere"], "found nothing at 'nowhere'"),
        (["page", "--images", "."], "without a table"),
        (["page", "--port", "70000"], "should lie in [1, 65535]"),
        (["page", "--sample", "2"], "expected a number from 0 to 1"),
        (["review", "nowhere.csv"], "expected a table"),
        (["review", "setup.cfg"], "should end in .csv"),
    ],
)
def test_bad_usage_ends_in_a_line_and_status_2(args, words, capsys, monkeypatch, request):
    monkeypatch.chdir(request.config.rootpath)
    with pytest.raises(SystemExit) as stop:
        cli.main(args)
    assert stop.value.code == 2
    assert words in capsys.readouterr().err.splitlines()[-1]
