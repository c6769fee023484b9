"""Parts of HTML pages that need nothing else: no network, no other file."""

from __future__ import annotations

import base64
import io
from html import escape
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from segmenter import load_gray

PICTURE = 110  # height of a picture in pixels
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 82em; margin: 2em auto; padding: 0 1em; color: #111; }
table { display: block; overflow-x: auto; border-collapse: collapse; margin: 1em 0; font-size: 13px; }
th, td { padding: .2em .6em; text-align: right; border-bottom: 1px solid #ddd; }
th:first-child, td:first-child { text-align: left; } td { white-space: nowrap; }
figure { margin: 1.5em 0; } figcaption { color: #444; font-size: 13px; }
.pictures { display: flex; flex-wrap: wrap; gap: .8em; } .pictures figure { margin: 0; max-width: 19em; }
.pictures img { border: 1px solid #bbb; max-width: 100%; } svg { max-width: 100%; height: auto; }
@media print { body { max-width: none; } tr, figure { break-inside: avoid; } }
"""


def write_page(path: Path, title: str, body: str) -> None:
    """Write one page; ``body`` follows its heading."""
    path.write_text(
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>{escape(title)}</title>"
        f"<style>{STYLE}</style><body><h1>{escape(title)}</h1>{body}</body></html>\n",
        encoding="utf-8",
    )


def picture(image: Any, caption: str) -> str:
    """An image with a caption in HTML."""
    gray = load_gray(image)
    scale = min(PICTURE / gray.shape[0], 2.5 * PICTURE / gray.shape[1])
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    size = max(1, round(gray.shape[1] * scale)), max(1, round(gray.shape[0] * scale))
    _, data = cv2.imencode(".jpg", _resized(gray, size, method), [cv2.IMWRITE_JPEG_QUALITY, 80])
    return (
        f"<figure><img alt='' src='data:image/jpeg;base64,{base64.b64encode(data.tobytes()).decode()}'>"
        f"<figcaption>{caption}</figcaption></figure>"
    )


def _resized(gray: NDArray[np.uint8], size: tuple[int, int], method: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(gray, size, interpolation=method))


def svg(figure: Figure, caption: str) -> str:
    """A figure of lines and text, sharp at any size."""
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    drawing = text.getvalue()
    return f"<figure>{drawing[drawing.index('<svg') :]}<figcaption>{escape(caption)}</figcaption></figure>"


def png(figure: Figure, caption: str) -> str:
    """A figure of pictures."""
    data = io.BytesIO()
    figure.savefig(data, format="png", dpi=130)
    return (
        f"<figure><img alt='' style='max-width:100%' src='data:image/png;base64,"
        f"{base64.b64encode(data.getvalue()).decode()}'><figcaption>{escape(caption)}</figcaption></figure>"
    )
