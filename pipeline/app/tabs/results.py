"""Results: the pages that the benchmark and the searches wrote into the folder of the command."""

from __future__ import annotations

import re
from pathlib import Path

import streamlit as st

from pipeline.app.site import the_site

# Of a page, in bytes; figures are in it.
_LARGEST = 32 << 20
# What every page of this project begins its title with.
_OURS = "<title>tridigit: "


def show() -> None:
    """The tab."""
    st.header("Results")
    folder = the_site().folder
    pages = {} if folder is None else {str(page.relative_to(folder)): page for page in reports(folder)}
    if not pages:
        st.info("No results here. Start with the folder of a benchmark or a search: tridigit page FOLDER.")
        return
    st.html(body(pages[st.selectbox("Page", list(pages))]))


def reports(folder: Path) -> list[Path]:
    """Pages of the benchmark and of searches in a folder and in its folders, by name."""
    found = [path for pattern in ("*.html", "*/*.html") for path in folder.glob(pattern)]
    return sorted(path for path in found if path.stat().st_size <= _LARGEST and _OURS in _begin(path))


def _begin(path: Path) -> str:
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(400)


def body(path: Path) -> str:
    """What stands on a page, without its style: this page has its own. Streamlit takes out what could run."""
    text = path.read_text(encoding="utf-8", errors="replace")
    inner = re.search(r"<body>(.*)</body>", text, re.DOTALL)
    return f"<div style='overflow-x:auto'>{inner[1] if inner else ''}</div>"
