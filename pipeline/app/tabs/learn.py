"""Learn: what was decided, as labelled images to take along and to calibrate on."""

from __future__ import annotations

import streamlit as st

from pipeline.app.review.learn import calibrated, export
from pipeline.app.review.store import Store
from pipeline.app.session import Session, the_session
from pipeline.calibrate.card import PRECISIONS
from pipeline.decision.profile import Profile
from pipeline.grammar import how_many
from pipeline.readers import FUSED


def show() -> None:
    """The tab."""
    st.header("Learn from what was decided")
    session = the_session()
    queues = {title: store for title, store in session.queues.items() if store.progress().decided}
    if not queues:
        st.info("Nothing is decided yet. Review some fields first.")
        return
    title = next(iter(queues))
    if len(queues) > 1:
        title = st.segmented_control("Queue", list(queues), default=title, required=True)
    _export(queues[title])
    _calibrate(session, queues[title])


def _export(store: Store) -> None:
    progress = store.progress()
    st.text(f"Decided so far: {how_many(progress.decided, 'field')}.")
    st.download_button(
        "Labelled images and table (ZIP)", lambda: export(store), "labelled.zip", on_click="ignore",
        icon=":material/download:",
    )  # fmt: skip
    st.text("A folder for each number: unpacked, tridigit calibrate and the benchmark take it.")


def _calibrate(session: Session, store: Store) -> None:
    st.subheader("What can be promised")
    counts, decided = store.counts(), store.progress().decided
    if decided < (fields := counts.total() - counts["error"]):
        st.text(
            f"Decided are {decided:,} of {how_many(fields, 'field')} of this pile. Where these are the doubtful "
            "ones, what is measured on them holds for doubtful fields: for all, let a share of the accepted be asked "
            "about, or all."
        )
    if st.button("Calibrate on what was decided", type="primary", icon=":material/tune:"):
        with st.spinner("Reading the decided fields with every reader"):
            try:
                st.session_state["learned"] = calibrated(store, session.reader)
            except ValueError as error:
                st.error(str(error))
    if learned := st.session_state.get("learned"):
        _compare(session, learned)


def _compare(session: Session, learned: Profile) -> None:
    promised = {
        "Right at least": [f"{precision:.1%}" for precision in PRECISIONS],
        "Before, on composed fields": _promises(Profile.shipped()),
        "After, on your fields": _promises(learned),
    }
    st.table(promised, hide_index=True)
    st.text(
        f"Made from {learned.made_from}, every second of which was measured on. So many can promise at most that "
        f"{learned.acceptance[FUSED].ceiling:.1%} of what is accepted is right. 95% takes about 120 fields without a "
        "mistake, 99% about 600."
    )
    with st.container(horizontal=True):
        if st.button("Read with this profile from now on", disabled=session.profile is learned):
            session.profile = learned
            st.rerun()
        st.download_button(
            "Profile", learned.as_json(), "profile.json", on_click="ignore",
            icon=":material/download:",
        )  # fmt: skip
    if session.profile is learned:
        st.success("This browser's images are read with this profile now.")


def _promises(profile: Profile) -> list[str]:
    """What a profile accepts at each precision."""
    shares = [profile.acceptance[FUSED].share(precision) for precision in PRECISIONS]
    return ["cannot be promised" if share is None else f"accepts up to {share:.0%}" for share in shares]
