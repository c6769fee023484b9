"""Read: images in, from wherever they come; numbers out, and why."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import streamlit as st

from pipeline.app.limits import MOST_BYTES
from pipeline.app.review.pile import Answer, to_fields
from pipeline.app.samples import samples
from pipeline.app.session import DIGITS, Session, the_session
from pipeline.app.site import the_site
from pipeline.app.tables import table
from pipeline.app.tabs.reading import show_reading
from pipeline.app.words import counted
from pipeline.batch.files import Source, find_files
from pipeline.batch.read import Row
from pipeline.batch.sinks import no_formula, record
from pipeline.grammar import how_many

# So few are waited for; of more, the page shows how far they are.
_FEW = 16
# Of the table and of a line in it, in pixels.
_HIGHEST, _LINE = 300, 35
_DOWNLOADS = {"CSV": "csv", "JSON lines": "jsonl", "Excel": "xlsx", "Parquet": "parquet"}


def show() -> None:
    """The tab."""
    st.header("Read numbers")
    session = the_session()
    ways = dict(_WAYS) if the_site().folder is not None else {w: f for w, f in _WAYS.items() if w != "Folder"}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        way = st.segmented_control("From", list(ways), default=next(iter(ways)), key="way")
        session.digits = st.selectbox("Digits of a number", list(DIGITS), key="digits", width=160)
    if way is not None and (sources := ways[way](session)):
        session.read(sources)
        if len(sources) <= _FEW:
            session.jobs[-1].wait(10)
    if session.jobs:
        _results(session)


def _from_files(session: Session) -> list[Source]:
    uploads = st.file_uploader(
        "Images, ZIPs of images, PDFs", accept_multiple_files=True, key=f"files{session.turn}",
        max_upload_size=MOST_BYTES >> 20,
    )  # fmt: skip
    return [source for upload in uploads for source in session.intake.take(upload.name, upload.getvalue())]


def _from_folder(session: Session) -> list[Source]:
    folder = the_site().folder
    found = list(find_files([str(folder)]))
    st.text(f"{how_many(len(found), 'image')} in {folder}")
    return found if st.button("Read them", type="primary") else []


def _from_camera(session: Session) -> list[Source]:
    taken = st.camera_input("One number, upright, filling the picture", key=f"camera{session.turn}")
    return session.intake.take("photograph", taken.getvalue()) if taken else []


def _from_drawing(session: Session) -> list[Source]:
    from streamlit_drawable_canvas import st_canvas

    st.text("Write a number with the mouse or a finger.")
    drawn = st_canvas(
        stroke_width=9, stroke_color="#111", background_color="#fff", height=160, width=340, drawing_mode="freedraw",
        return_image_data=True, key=f"drawing{session.turn}",
    )  # fmt: skip
    if not st.button("Read it", type="primary") or drawn.image_data is None:
        return []
    gray = cv2.cvtColor(np.asarray(drawn.image_data)[..., :3], cv2.COLOR_RGB2GRAY)
    return session.intake.take("drawing", cv2.imencode(".png", gray)[1].tobytes())


def _from_samples(session: Session) -> list[Source]:
    found = dict(samples())
    chosen = st.pills("One of them", list(found), key=f"sample{session.turn}", label_visibility="collapsed")
    if st.button(f"Read all {len(found)}", type="primary"):
        return [source for name, data in found.items() for source in session.intake.take(name, data)]
    return session.intake.take(chosen, found[chosen]) if chosen else []


_WAYS: dict[str, Callable[[Session], list[Source]]] = {
    "Folder": _from_folder,
    "Files": _from_files,
    "Camera": _from_camera,
    "Drawing": _from_drawing,
    "Samples": _from_samples,
}


def _results(session: Session) -> None:
    running = session.running
    st.fragment(_progress, run_every=0.7 if running else None)(session, running)
    rows = [row for _, row in session.read_so_far()]
    if not rows:
        return
    chosen = _table(rows, session)
    _downloads(rows, session)
    _to_review(session)
    show_reading(session, *chosen)


def _progress(session: Session, was_running: bool) -> None:
    rows = [row for _, row in session.read_so_far()]
    total = sum(len(job.sources) for job in session.jobs)
    if session.running:
        st.progress(len(rows) / total, f"{len(rows):,} of {total:,} read")
    elif was_running:
        st.rerun()  # all of the page: the table is there
    for failure in filter(None, (job.failure for job in session.jobs)):
        st.error("Reading stopped before the last image.")
        st.text(failure)
    st.text(counted(rows))


def _table(rows: list[Row], session: Session) -> tuple[Source, Row]:
    """The table; returns the image that was chosen in it, or the last one."""
    # Streamlit's own download takes the table as it is shown.
    shown = [record(row, 6) | {"path": no_formula(row.name)} for row in rows]
    columns = {"file": "path"} | {name: name for name in ("number", "status", "confidence", "reason")}
    event = st.dataframe(
        {title: [values[name] for values in shown] for title, name in columns.items()},
        key=f"table{len(rows)}", on_select="rerun", selection_mode="single-row", hide_index=True,
        height=min(_HIGHEST, _LINE * (len(rows) + 1) + 3),
        column_config={"confidence": st.column_config.NumberColumn(format="%.3f")},
    )  # fmt: skip
    chosen = event["selection"]["rows"]
    k = chosen[0] if chosen and chosen[0] < len(rows) else len(rows) - 1
    return session.read_so_far()[k]


def _downloads(rows: list[Row], session: Session) -> None:
    places = session.places
    with st.container(horizontal=True, key="downloads"):
        for label, form in _DOWNLOADS.items():
            st.download_button(
                label, lambda form=form: table(rows, form, places), f"tridigit.{form}", on_click="ignore",
                icon=":material/download:", disabled=session.running,
            )  # fmt: skip
        if st.button("Start anew", icon=":material/delete:"):
            session.clear()
            st.rerun()


def _to_review(session: Session) -> None:
    some, every = f"the doubtful ones and {the_site().sample:.0%} of the accepted ones", "all"
    with st.container(horizontal=True, vertical_alignment="bottom", key="to_review"):
        asked = st.selectbox("Ask me about", [some, every], key="asked", width=380)
        if st.button("Review these", type="primary", icon=":material/rule:", disabled=session.running):
            _queue(session, the_site().sample if asked == some else 1.0)
            st.switch_page(st.session_state["pages"]["review"])


def _queue(session: Session, sample: float) -> None:
    """Put what was read into the queue: images of the folder by where they lie, uploads themselves."""
    placed: dict[bool, list[tuple[Answer, dict[str, Any]]]] = {True: [], False: []}
    for source, row in session.read_so_far():
        uploaded = session.owns(source)
        placed[uploaded].append((Answer.of(row, session.places), _where(source, row, uploaded)))
    for uploaded, fields in placed.items():
        if fields:
            session.queue_of(uploaded).add(to_fields(fields, sample=sample))


def _where(source: Source, row: Row, uploaded: bool) -> dict[str, Any]:
    if not uploaded:
        return {"key": source.name, "path": source.path}
    data = Path(source.path).read_bytes() if source.path else source.name.encode()
    # What is no image is not kept.
    return {"key": hashlib.sha256(data).hexdigest(), "image": data if row.reading else None}
