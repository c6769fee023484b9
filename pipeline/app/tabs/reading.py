"""One reading in full: the number, how sure, what was cut and left out, and the picture that shows why."""

from __future__ import annotations

import streamlit as st

from pipeline.app.session import Session
from pipeline.app.words import STATUS, as_text, how_sure, image_tag
from pipeline.batch.files import Source
from pipeline.batch.read import Row
from pipeline.reading import Reading
from pipeline.show.picture import draw
from segmenter import Segmentation, Writing

_CROP = 84  # height of a crop in pixels


def show_reading(session: Session, source: Source, row: Row) -> None:
    """The image of a row, read once more for all that a table does not keep."""
    st.subheader(as_text(row.name))
    if row.reading is None:
        _status("error", row.error)
        return
    reader = session.reader
    (reading, writing), *_ = reader.read_segmented([reader.segment(source.path)])
    left, right = st.columns([1, 1])
    with left:
        st.markdown(f"# {reading.number or '–'}")
        _status(reading.status, reading.reason)
        st.text(how_sure(reading))
        _crops(writing, reading)
        _others(reading)
    with right:
        st.image(draw(writing, reading), channels="BGR", caption="What was seen, cut and decided, from top to bottom")


def _status(status: str, reason: str) -> None:
    words, colour, icon = STATUS[status]
    st.badge(words, color=colour, icon=icon)
    if reason:
        st.text(f"Why: {reason}")


def _crops(writing: Writing, reading: Reading) -> None:
    if not isinstance(writing, Segmentation):
        return
    cut = [digit for digit in reading.digits if digit.candidate is not None]
    tags = [
        image_tag(writing.crops[digit.candidate], f"the crop read as {digit.value}", _CROP)
        for digit in cut
        if digit.candidate is not None
    ]
    if tags:
        st.html(f"<div style='display:flex;gap:6px;flex-wrap:wrap'>{''.join(tags)}</div>")


def _others(reading: Reading) -> None:
    if runners_up := reading.alternatives(4)[1:]:
        said = ", ".join(f"{number} ({confidence:.1%})" for number, confidence in runners_up)
        st.text(f"Next best: {said}")
    if reading.by_reader:
        said = ", ".join(f"{reader} {number or 'no number'}" for reader, number in reading.by_reader.items())
        st.text(f"What each reader said: {said}")
