"""Review: what the reader hands back, one field at a time, as fast as a person can type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from classifier.number_format import MOST_DIGITS
from pipeline.app import review
from pipeline.app.review.corrected import DECIDED_BY, PERSON, corrected, in_words
from pipeline.app.review.routes import DESKS
from pipeline.app.review.store import Store
from pipeline.app.session import the_session
from pipeline.app.tables import csv_of, workbook
from pipeline.batch.sinks import no_formula
from pipeline.grammar import how_many

_ORDER = {"Most doubtful first": "doubt", "As read": "read"}
_FOLDER = Path(review.__file__).parent
_walk = st.components.v2.component(
    "tridigit_walk",
    html=(_FOLDER / "walk.html").read_text(encoding="utf-8"),
    css=(_FOLDER / "walk.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "walk.js").read_text(encoding="utf-8"),
)


def show() -> None:
    """The tab."""
    st.header("Review")
    queues = {title: store for title, store in the_session().queues.items() if store.counts()}
    if not queues:
        st.info("Nothing to review yet. Read some images, then press “Review these”.")
        return
    with st.container(horizontal=True, key="queue"):
        title = next(iter(queues))
        if len(queues) > 1:
            title = st.segmented_control("Queue", list(queues), default=title, required=True)
        order = st.segmented_control("Order", list(_ORDER), default="Most doubtful first", required=True)
    store = queues[title]
    progress = store.progress()
    if progress.decided + progress.skipped + progress.left:
        desk = DESKS.open(store, _ORDER[order])
        data = {"desk": desk, "left": progress.left, "most": MOST_DIGITS}
        _walk(key="walk", data=data, on_finished_change=lambda: None)
        if not progress.left:
            _end(store)
    else:
        st.info("Of this pile nothing is doubtful: there is nothing to decide.")
    _errors(store)
    _corrected(store)


def _end(store: Store) -> None:
    """What came of it, and what can be done now."""
    st.success(in_words(store), icon=":material/check:")
    if store.progress().skipped and st.button("Ask again about the skipped ones", icon=":material/replay:"):
        store.ask_again()
        st.rerun()
    st.text(
        "What comes next: download the corrected table below. On the tab Learn, download what was decided as labelled "
        "images, or calibrate on it: that measures what accept can promise on fields like yours."
    )
    st.page_link(st.session_state["pages"]["learn"], label="Calibrate on what was decided", icon=":material/school:")


def _errors(store: Store) -> None:
    """The files that are not in the queue, and why."""
    if errors := store.errors():
        with st.expander(f"Left out, because no image could be opened: {how_many(len(errors), 'file')}"):
            names, reasons = zip(*errors, strict=True)
            st.dataframe({"file": [*map(no_formula, names)], "why": [*map(no_formula, reasons)]}, hide_index=True)


def _corrected(store: Store) -> None:
    """The table with what was decided in it, now or at the end."""
    st.subheader("Corrected table")
    st.text(
        "The table that tridigit read writes, with what was decided here in it. In these rows the last column, "
        f"{DECIDED_BY}, says {PERSON}."
    )
    with st.container(horizontal=True, key="corrected"):
        for label, suffix, write in (("CSV", "csv", csv_of), ("Excel", "xlsx", workbook)):
            st.download_button(
                label, lambda write=write: _written(store, write), f"corrected.{suffix}", on_click="ignore",
                icon=":material/download:",
            )  # fmt: skip


def _written(store: Store, write: Callable[[list[dict[str, Any]], Sequence[str]], bytes]) -> bytes:
    names, records = corrected(store)
    return write(records, names)
