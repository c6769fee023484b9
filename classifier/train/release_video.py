"""Train the video network and write what ships: runtime form, history, figures over time and model card."""

from __future__ import annotations

import json
import os
import time
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from classifier.runtime import Runtime
from classifier.train.card import share, write_card
from classifier.train.export import halve_weights
from classifier.train.release import settings_of
from classifier.video.estimator import VideoClassifier
from classifier.video.features import DIGIT
from classifier.video.over_time import SHARES, Clips, answers_after, confusion, of_last_frame, of_mean
from classifier.video.runtime import NAME, VideoRuntime

NOTES = """
It looks at features that the digit network of the package makes of every frame; without that network it reads nothing.
The probabilities after a frame rest on the frames up to it. They are not calibrated.
"""


def train_video(
    out: str | PathLike[str],
    *,
    train: Clips,
    validation: Clips,
    test: Clips | None = None,
    data: str,
    cell: str = "gru",
    early_stops: bool = True,
    seed: int = 0,
    epochs: int | None = None,
    verbose: int = 0,
) -> Path:
    """Train the video network and write what ships.

    Parameters
    ----------
    out : path
        Folder for the weights (``.keras``), their runtime form (``.onnx``), history and figures (``.json``) and the
        model card (``.md``). An interrupted training leaves its checkpoint there and goes on from it.
    train, validation : Clips
        The second chooses the epoch.
    test : Clips, optional
        For figures alone.
    data : str
        What they are, for the model card.
    cell, early_stops
        As in :class:`classifier.video.estimator.VideoClassifier`.
    seed, epochs, verbose
        As in :func:`classifier.train.release.train_digit`.

    Returns
    -------
    pathlib.Path
        The model card.

    Raises
    ------
    ValueError
        If clips and labels do not fit, or the checkpoint there belongs to a training with other parameters.
    """
    folder = Path(out)
    recipe = {"cell": cell, "early_stops": early_stops, "epochs": epochs or VideoClassifier().epochs}
    classifier = VideoClassifier(**settings_of(recipe, out, NAME, seed, None, verbose))
    began = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    classifier.fit(train.X, train.y, lengths=train.lengths, validation_data=tuple(validation))
    minutes = (time.monotonic() - began) / 60
    classifier.save(folder / f"{NAME}.keras")
    export_over_time(classifier, folder / f"{NAME}.onnx")
    network = VideoRuntime(folder / f"{NAME}.onnx", threads=os.cpu_count() or 1)
    facts = {
        "Task": "features of frames (T, 128) of the digit network -> probabilities of 0-9 after every frame",
        "Training data": f"{len(train.y):,} clips {data}",
        "Validation data": f"{len(validation.y):,} clips; they choose the epoch",
        "Command": f"`tridigit train video DIR --data FILE --cell {cell} --seed {seed} --epochs {classifier.epochs}`",
        "Runtime form": "ONNX, weights in float16",
        "Training": f"{minutes:.1f} min, features of all frames among them",
    }
    figures: dict[str, Any] = {"parameters": classifier.model_.count_params(), "history": classifier.history_}
    for name, clips in (("validation", validation), ("test", test)):
        if clips is not None:
            figures[name] = measured(network, clips)
            facts |= {f"{name.capitalize()}, {what}": said for what, said in figures[name]["right"].items()}
    (folder / f"{NAME}.json").write_text(json.dumps(figures, indent=1) + "\n")
    return write_card(NAME, folder, classifier, facts, NOTES)


def export_over_time(classifier: VideoClassifier, path: Path) -> None:
    """What follows the frames in time as a file for :class:`classifier.video.runtime.VideoRuntime`."""
    # Keras knows the shapes to export only of a model that has been called.
    classifier.model_(np.zeros((1, 2, classifier.n_features_), np.float32))
    classifier.model_.export(str(path), format="onnx", verbose=False)
    halve_weights(path)


def measured(network: VideoRuntime, clips: Clips) -> dict[str, Any]:
    """Shares of right answers by how they were come by, and the confusions of the finished drawings."""
    digit_network = Runtime.of_package(DIGIT, threads=os.cpu_count() or 1)
    after = answers_after(network.predict_proba(clips.X), clips.lengths)
    said = {f"after {part:.0%} of the frames": after[:, k] for k, part in enumerate(SHARES)}
    said |= {"last frame alone": of_last_frame(digit_network, clips), "mean of frames": of_mean(digit_network, clips)}
    right = {what: share(answers == clips.y) for what, answers in said.items()}
    return {"right": right, "confusion": confusion(clips.y, after[:, -1]).tolist()}
