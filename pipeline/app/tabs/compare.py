"""Compare: the segmented reader and the whole-image reader on one image, and what each of them looked at."""

from __future__ import annotations

import streamlit as st

from pipeline.app.looked import canvas_looked_at, crops_looked_at, missing
from pipeline.app.samples import samples
from pipeline.app.session import Session, the_session
from pipeline.app.words import bars, how_sure, image_tag
from pipeline.extras import how_to_install
from pipeline.reader import NumberReader
from pipeline.reading import Reading
from segmenter import Segmentation, Writing, fit_canvas

READERS = {
    "segmented": ("Segmented", "cuts the digits out, and one network reads each crop"),
    "whole": ("Whole image", "one network reads all ink on a canvas at once"),
}
_HIGH = 84  # of a crop or a canvas, in pixels


def show() -> None:
    """The tab."""
    st.header("Two readers side by side")
    session = the_session()
    image = _chosen(session)
    looked = st.toggle("Show where each network looked (Grad-CAM)", key="looked", disabled=bool(missing()))
    if missing():
        st.text(f"Grad-CAM needs {missing()}: {how_to_install('train')}")
    readings = {}
    for column, (name, (title, how)) in zip(st.columns(2), READERS.items(), strict=True):
        reader = NumberReader(**session.reader.get_params(deep=False) | {"reader": name, "digits": 3})
        (reading, writing), *_ = reader.read_segmented([reader.segment(image)])
        readings[title] = reading
        with column, st.container(border=True):
            st.subheader(title)
            st.text(how)
            _one(name, reading, writing, looked)
    st.text(in_words(readings))


def _chosen(session: Session) -> object:
    """A path or bytes of the image to look at: one that was read, or a sample."""
    images: dict[str, object] = {row.name: source.path for source, row in session.read_so_far() if row.reading}
    images = images or dict(samples())
    return images[st.selectbox("Image", list(images))]


def _one(name: str, reading: Reading, writing: Writing, looked: bool) -> None:
    st.markdown(f"# {reading.number or '–'}")
    st.text(how_sure(reading) if reading.number else reading.reason)
    if name == "whole":
        seen = [canvas_looked_at(writing) if looked else fit_canvas(writing)]
        tags = [image_tag(picture, "the canvas", 2 * _HIGH) for picture in seen]
    elif isinstance(writing, Segmentation):
        chosen = [digit.candidate for digit in reading.digits if digit.candidate is not None]
        crops = [writing.crops[k] for k in chosen]
        tags = [image_tag(p, "a crop", _HIGH) for p in (crops_looked_at(crops) if looked else crops)]
    else:
        tags = []
    st.html(f"<div style='display:flex;gap:6px;flex-wrap:wrap;min-height:{2 * _HIGH}px'>{''.join(tags)}</div>")
    st.html(_bars(reading))


def _bars(reading: Reading) -> str:
    """The probability of each of the ten digits at each position, as HTML."""
    rows = reading.probabilities.tolist()
    columns = [bars(f"Digit {k}", [(str(digit), p) for digit, p in enumerate(row)]) for k, row in enumerate(rows, 1)]
    return f"<div style='display:flex;flex-wrap:wrap;gap:1rem'>{''.join(columns)}</div>" if columns else ""


def in_words(readings: dict[str, Reading]) -> str:
    """Where two readings differ, in a sentence."""
    (one, first), (two, second) = readings.items()
    if not first.number and not second.number:
        return "Neither finds a number."
    for title, reading, other in ((one, first, two), (two, second, one)):
        if not reading.number:
            return f"{title} finds no number ({reading.reason}); {other} does."
    differ = [k for k, (a, b) in enumerate(zip(first.number, second.number, strict=False), 1) if a != b]
    if not differ:
        weaker = min(readings, key=lambda title: readings[title].confidence)
        return f"Both read {first.number}. {weaker} is less sure."
    places = " and ".join(f"digit {k} ({first.number[k - 1]} or {second.number[k - 1]})" for k in differ)
    return f"They differ on {places}: {one} reads {first.number}, {two} reads {second.number}."
