"""A session's uploads and queue go with it."""

import tempfile
import threading
import time
from pathlib import Path

import pytest

from pipeline.app import session as sessions
from pipeline.app import site as sites
from pipeline.app.review.pile import to_fields
from pipeline.app.review.routes import DESKS
from pipeline.app.session import Session
from pipeline.app.site import Site


@pytest.fixture
def session(tmp_path):
    sites.set_site(Site(tmp_path))
    made = Session(tempfile.TemporaryDirectory(dir=tmp_path))
    yield made
    made.scratch.cleanup()


def test_uploads_and_their_queue_go_with_the_session(session, answers):
    session.intake.take("a.png", b"an image")
    session.queue_of(uploaded=True).add(to_fields(answers(0.1)))
    desk = DESKS.open(session.queue_of(uploaded=True))
    session.end()
    assert not Path(session.scratch.name).exists()
    with pytest.raises(KeyError):
        DESKS[desk]


def test_uploads_are_reviewed_in_a_queue_of_their_own_unless_they_are_kept(session, store, tmp_path):
    sites.set_site(Site(tmp_path, store=store, title="scans"))
    assert session.queue_of(uploaded=False) is store
    assert session.queue_of(uploaded=True) is session.own
    assert list(session.queues) == ["scans", "my uploads"]
    sites.set_site(Site(tmp_path, store=store, title="scans", keeps_uploads=True))
    assert session.queue_of(uploaded=True) is store
    session.end()


def test_a_session_ends_when_its_browser_has_gone_for_long(session, monkeypatch):
    class Runtime:
        """Streamlit's, of which only this is asked."""

        active = True

        @classmethod
        def instance(cls):
            return cls

        @classmethod
        def is_active_session(cls, _):
            return cls.active

    monkeypatch.setattr(sessions, "Runtime", Runtime)
    monkeypatch.setattr(sessions, "GONE_AFTER", 0.2)
    monkeypatch.setattr(sessions, "_running", {"one": session})
    threading.Thread(target=sessions.sweep, args=(0.05,), daemon=True).start()
    time.sleep(0.5)
    assert Path(session.scratch.name).exists()
    Runtime.active = False
    until = time.monotonic() + 20
    while Path(session.scratch.name).exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not Path(session.scratch.name).exists()
