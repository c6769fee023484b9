"""The script that Streamlit runs for each browser: one hand's frame around the tabs."""

from __future__ import annotations

import streamlit as st
from PIL import Image

from pipeline.app.site import the_site
from pipeline.app.tabs import compare, labels, learn, read, results, review

# A row for each tab: function, title, last part of the address, what stands on it.
TABS = (
    (read.show, "Read", "read", ":material/document_scanner:"),
    (compare.show, "Compare", "compare", ":material/compare_arrows:"),
    (review.show, "Review", "review", ":material/rule:"),
    (learn.show, "Learn", "learn", ":material/school:"),
    (results.show, "Results", "results", ":material/bar_chart:"),
)
# Where the command named networks of label groups.
LABELS = (labels.show, "Labels", "labels", ":material/label:")
# Drawn here: a named icon would be fetched from elsewhere.
_ICON = Image.new("RGB", (16, 16), "#0b57d0")
_STYLE = """
<style>
.stMainBlockContainer { max-width: 72rem; padding-top: 3.5rem; }
/* No blue has enough contrast to white letters and, as letters, to a dark ground. */
button[kind="primary"], button[kind="primary"] p { color: light-dark(#fff, #171614); }
@media (max-width: 640px) { .stMainBlockContainer { padding-left: 1rem; padding-right: 1rem; } }
</style>
"""


def frame() -> None:
    """Lay out the page and show the tab that the address names."""
    st.set_page_config(page_title="tridigit", page_icon=_ICON, layout="wide")
    st.html(_STYLE)
    tabs = (*TABS, LABELS) if the_site().networks else TABS
    pages = [
        st.Page(show, title=title, url_path=path, icon=icon, default=not k)
        for k, (show, title, path, icon) in enumerate(tabs)
    ]
    st.session_state["pages"] = dict(zip((path for _, _, path, _ in tabs), pages, strict=True))
    chosen = st.navigation(pages, position="hidden")
    with st.container(horizontal=True, key="tabs"):
        for page in pages:
            st.page_link(page, width="content")
    chosen.run()


frame()
