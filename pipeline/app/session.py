"""What one browser has on the page: its uploads, what was read of them, its queue."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import streamlit as st
from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from classifier.number_format import NumberFormat
from pipeline.app.intake import Intake
from pipeline.app.job import Job
from pipeline.app.limits import MOST_PIXELS
from pipeline.app.review.routes import DESKS
from pipeline.app.review.store import Store
from pipeline.app.site import the_site
from pipeline.batch.files import Source
from pipeline.batch.read import Row
from pipeline.decision.profile import Profile
from pipeline.reader import NumberReader

DIGITS: dict[str, int | tuple[int, int]] = {"three": 3, "one to six": (1, 6)}

# Seconds after which a browser that has gone is not expected back: Streamlit's two minutes, and a few.
GONE_AFTER = 130.0


@st.cache_resource(show_spinner=False)
def networks() -> NumberReader:
    """The reader of the package, loaded once for all sessions."""
    return NumberReader.pretrained(max_pixels=MOST_PIXELS)


def warm_up() -> None:
    """Load what the first answer would wait for."""
    from pipeline.app.review.check import Checked

    networks().read(np.full((32, 64), 255, np.uint8))
    _ = Checked(1, 0).interval


@dataclass
class Session:
    """Kept until its browser has been gone for two minutes; its folder goes with it."""

    scratch: tempfile.TemporaryDirectory[str]
    digits: str = "three"
    profile: Profile | None = None
    jobs: list[Job] = field(default_factory=list)
    own: Store | None = None
    turn: int = 0  # widgets of another turn are new ones, without what was put into them

    def __post_init__(self) -> None:
        self.intake = Intake(Path(self.scratch.name))

    @property
    def reader(self) -> NumberReader:
        """The shared networks with this session's settings."""
        loaded = networks()
        return NumberReader(**loaded.get_params(deep=False) | {"digits": DIGITS[self.digits], "profile": self.profile})

    def read(self, sources: Sequence[Source]) -> None:
        """Begin to read more images."""
        self.turn += 1
        self.jobs.append(Job(sources, self.reader))

    @property
    def running(self) -> bool:
        return any(job.running for job in self.jobs)

    def clear(self) -> None:
        """Forget what was read."""
        for job in self.jobs:
            job.stop()
        self.jobs.clear()
        self.turn += 1

    @property
    def places(self) -> int:
        """Digits that a number of what was read has at most."""
        return max(NumberFormat.of(job.reader.digits).positions for job in self.jobs)

    def read_so_far(self) -> list[tuple[Source, Row]]:
        """What was read, with where it lies."""
        return [pair for job in self.jobs for pair in zip(job.sources, job.rows, strict=False)]

    def owns(self, source: Source) -> bool:
        """Whether an image was uploaded here, and so goes with the session; what could not be unpacked lies nowhere."""
        return not source.path or Path(source.path).is_relative_to(self.scratch.name)

    def queue_of(self, uploaded: bool) -> Store:
        """Where images are reviewed: uploads in a queue of the session's own, unless the server keeps them."""
        shared = the_site().store
        if shared is not None and (the_site().keeps_uploads or not uploaded):
            return shared
        if self.own is None:
            self.own = Store(Path(self.scratch.name) / "review.sqlite")
        return self.own

    @property
    def queues(self) -> dict[str, Store]:
        """All that this session may review, by title."""
        known = {the_site().title: the_site().store, "my uploads": self.own}
        return {title: store for title, store in known.items() if store is not None}

    def end(self) -> None:
        """Remove all that was uploaded, and the queue of it."""
        self.clear()
        if self.own is not None:
            DESKS.close(self.own)
            self.own.close()
        self.scratch.cleanup()


def the_session() -> Session:
    """This browser's session."""
    if "session" not in st.session_state:
        context = get_script_run_ctx()
        folder = tempfile.TemporaryDirectory(dir=the_site().scratch, ignore_cleanup_errors=True)
        st.session_state["session"] = Session(folder)
        if context is not None:
            _running[context.session_id] = st.session_state["session"]
    found: Session = st.session_state["session"]
    return found


_running: dict[str, Session] = {}


def sweep(every: float = 10.0) -> None:
    """End the sessions whose browsers have been gone for longer than they may come back; never returns.

    Streamlit itself forgets them when the next one comes, which may be never.
    """
    last_seen: dict[str, float] = {}
    while True:
        now = time.monotonic()
        for id, session in list(_running.items()):
            if Runtime.instance().is_active_session(id):
                last_seen[id] = now
            elif now - last_seen.setdefault(id, now) > GONE_AFTER:
                del _running[id], last_seen[id]
                session.end()
        time.sleep(every)
