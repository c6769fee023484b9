"""Labels: networks of label groups side by side on one picture, and what each of them looked at."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
import streamlit as st
from numpy.typing import NDArray

from classifier.data.images import resized
from classifier.runtime import GroupRuntime
from pipeline.app.limits import MOST_BYTES, MOST_PIXELS
from pipeline.app.looked import missing, picture_looked_at
from pipeline.app.site import the_site
from pipeline.app.words import as_text, bars, image_tag
from pipeline.extras import how_to_install
from pipeline.labels.answers import load_model
from segmenter import load_rgb

Picture = NDArray[np.uint8]
# Labels of one group that are shown, the most probable first.
_TOP = 5
_HIGH = 168  # of a picture, in pixels
# Group -> the most probable label and its probability.
Answers = Mapping[str, tuple[str, float]]


@st.cache_resource(show_spinner="Loading the networks")
def _network(folder: Path) -> GroupRuntime:
    return load_model(folder)


def show() -> None:
    """The tab."""
    st.header("Networks of labels side by side")
    upload = st.file_uploader("A picture", max_upload_size=MOST_BYTES >> 20)
    looked = st.toggle("Show where each network looked (Grad-CAM)", key="labels_looked", disabled=bool(missing()))
    if missing():
        st.text(f"Grad-CAM needs {missing()}: {how_to_install('train')}")
    if upload is None:
        return
    try:
        picture = load_rgb(upload.getvalue(), max_pixels=MOST_PIXELS)
    except (OSError, ValueError) as error:
        st.text(str(error))
        return
    folders = the_site().networks
    answers = {}
    for column, (name, folder) in zip(st.columns(len(folders)), folders.items(), strict=True):
        network = _network(folder)
        with column, st.container(border=True):
            st.subheader(as_text(name))
            answers[name] = _one(folder, network, picture, looked)
    st.text("\n".join(in_words(answers)))


def _one(folder: Path, network: GroupRuntime, picture: Picture, looked: bool) -> Answers:
    """The most probable labels of each group, under the picture as the network saw it."""
    seen = resized(picture[None], network.size)[0]
    answers = {}
    for group, (p,) in network.predict_proba(seen[None]).items():
        shown = picture_looked_at(folder, seen, group) if looked else cv2.cvtColor(seen, cv2.COLOR_RGB2BGR)
        st.html(image_tag(np.asarray(shown, np.uint8), f"the picture as {folder.name} saw it", _HIGH))
        best = [(str(network.classes_[group][k]), float(p[k])) for k in np.argsort(-p)[:_TOP].tolist()]
        st.html(bars(group, best))
        answers[group] = best[0]
    return answers


def in_words(answers: Mapping[str, Answers]) -> list[str]:
    """Where networks differ: a sentence for each group that two or more of them answer."""
    groups = dict.fromkeys(group for of_network in answers.values() for group in of_network)
    sentences = []
    for group in groups:
        said = {name: of_network[group] for name, of_network in answers.items() if group in of_network}
        if len(said) < 2:
            continue
        labels = {label for label, _ in said.values()}
        each = "; ".join(f"{name}: {label}, {p:.0%}" for name, (label, p) in said.items())
        sentences.append(f"{group}: {'all agree' if len(labels) == 1 else 'they differ'} ({each}).")
    return sentences
