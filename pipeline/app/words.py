"""What was read, in plain sentences; and the few pieces of HTML that several tabs show."""

from __future__ import annotations

import base64
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.batch.read import Row
from pipeline.reading import Reading

STATUS = {
    "accept": ("accepted", "green", ":material/check:"),
    "review": ("for review", "orange", ":material/visibility:"),
    "unreadable": ("unreadable", "red", ":material/block:"),
    "error": ("no image", "gray", ":material/broken_image:"),
}
_BAR = "display:inline-block;height:.7em;background:{};vertical-align:baseline;min-width:1px"
_COLOURS = ("#0b7a75", "#8a8a8a")  # of the most probable answer, and of the others


def how_sure(reading: Reading) -> str:
    """The confidence as a sentence."""
    if not reading.number:
        return "No number was found, so there is nothing to be sure of."
    right = math.floor(reading.confidence * 1000)
    if right < 1:
        return "Of 1,000 numbers read with this confidence hardly any is right."
    return f"Of 1,000 numbers read with this confidence about {right:,} {'is' if right == 1 else 'are'} right."


def counted(rows: Iterable[Row]) -> str:
    """'20 accepted, 8 for review, 2 unreadable, 0 no image'."""
    came = Counter(row.reading.status if row.reading else "error" for row in rows)
    return ", ".join(f"{came[status]:,} {words}" for status, (words, *_) in STATUS.items())


def as_text(text: str) -> str:
    """Text for where Streamlit reads Markdown: nothing in it is a mark, a link, a colour or a formula."""
    marks = "\\`*_{}[]()<>#+-.!|~:$&="
    return "".join(f"\\{c}" if c in marks else " " if c in "\r\n\t" else c for c in text)


def image_tag(image: NDArray[np.uint8], words: str, height: int) -> str:
    """A picture in HTML, so many pixels high, but not wider than the page."""
    data = base64.b64encode(cv2.imencode(".png", image)[1].tobytes()).decode()
    style = f"height:{height}px;max-width:100%;object-fit:contain;image-rendering:pixelated;background:#fff"
    return f"<img alt='{escape(words, quote=True)}' style='{style}' src='data:image/png;base64,{data}'>"


def bars(title: str, answers: Sequence[tuple[str, float]]) -> str:
    """Answers and their probabilities as bars, in HTML."""
    best = max(range(len(answers)), key=lambda k: answers[k][1])
    lines = []
    for k, (answer, p) in enumerate(answers):
        bar = f"{_BAR.format(_COLOURS[k != best])};width:{p * 60:.1f}%"
        lines.append(f"<div>{escape(answer)} <span style='{bar}'></span> {p:.3f}</div>")
    style = "flex:1 1 8rem;font-size:.875rem;font-variant-numeric:tabular-nums"
    label = f"probabilities of {escape(title, quote=True).lower()}"
    return f"<div style='{style}' role='img' aria-label='{label}'><b>{escape(title)}</b>{''.join(lines)}</div>"
