"""The model card beside trained weights: what a network was trained on, how, and what it reached."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Mapping
from importlib.metadata import version
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.base import NetworkClassifier
from classifier.train.loop import arithmetic

# Where a network was trained says nothing about what it learned.
HIDDEN = {"model", "checkpoint", "features", "logs", "verbose", "random_state", "epochs", "validation_split"}

RUNTIME_FORM = "ONNX, hidden layers but the first in 8-bit integers; their ranges from 1,280 training images"
DIGIT_NOTES = """
Crops that are no digit (halves, pairs, digits over each other, dots, lines) were trained towards the uniform
distribution, so a low highest probability means "no digit". The probabilities are not calibrated on any other kind of
image than MNIST's.
"""
NUMBER_NOTES = """
Canvases with another count of digits than three were trained towards the uniform distribution. The probabilities are
not calibrated.
"""
FIELD_NOTES = """
Each of 32 columns has the probabilities of the ten digits, of other writing and of nothing; `classifier.ctc` sums over
all ways to read them. The probabilities are not calibrated.
"""
PIXEL_NOTES = """
Each pixel has the probabilities of paper, a digit of the number, other writing, a mark or print that leaves the number
what it is, and what lies beside the paper; see `classifier.labels.PIXEL_KINDS`. The probabilities are not calibrated.
"""
COMPOSED_NOTE = """Validation and test canvases are composed like the training ones, a quarter in the layout of Triple
MNIST and the others on one line from wide apart to overlapping by 45%, but of digits as they are.
"""
TRIPLE_NOTE = """Validation and test canvases are every fifth and every sixth image of the public Triple MNIST's splits.
"""


def model_card(name: str, classifier: NetworkClassifier, facts: Mapping[str, str], notes: str) -> str:
    """Write a model card in Markdown.

    Parameters
    ----------
    name : str
        Of the weights' files.
    classifier : NetworkClassifier
        Trained.
    facts : mapping
        What only the one who trained it knows: task, data, command, accuracies.
    notes : str
        What a user should know before trusting it.
    """
    history = classifier.history_
    params = {k: v for k, v in classifier.get_params().items() if k not in HIDDEN}
    params["dtype_policy"] = arithmetic(params["dtype_policy"])
    best = int(np.argmin(history["val_loss"]))
    rows = {
        **facts,
        "Seed": str(classifier.random_state),
        "Network": f"`{classifier.network_name}`, {classifier.model_.count_params():,} parameters",
        "Parameters": ", ".join(f"{k}={v}" for k, v in sorted(params.items())),
        "Epoch chosen": f"{best + 1} of {len(history['val_loss'])}, by validation loss",
        "Runtime form": facts.get("Runtime form", RUNTIME_FORM),
        "Training time": f"{sum(history['seconds']) / 60:.0f} min on {os.cpu_count()} cores, {platform.machine()}",
        "Versions": ", ".join(f"{p} {version(p)}" for p in ("tensorflow", "keras", "onnxruntime")),
        "Python": sys.version.split()[0],
    }
    table = "\n".join(f"| {key} | {value} |" for key, value in rows.items())
    return f"# Model card: {name}\n\n| | |\n| --- | --- |\n{table}\n\n{notes.strip()}\n"


def data_facts(protocol: str, train: str, val: str, *, drawn: int) -> dict[str, str]:
    """What the weights learned from and what chose the epoch; ``drawn`` digits are no one's handwriting."""
    source = (
        f"MNIST's training digits (Y. LeCun, C. Cortes, C. Burges) and {drawn:,} drawn in handwriting that MNIST lacks"
    )
    if protocol == "pooled":
        source = "the digits in the training images of the public Triple MNIST, test digits among them"
    return {"Training data": f"{train}; {source}", "Validation data": f"{val}; they choose the epoch"}


def train_command(
    what: str,
    protocol: str,
    seed: int,
    classifier: NetworkClassifier,
    *,
    params: Mapping[str, Any] | None,
    network: str = "columns",
    flips: bool = False,
    start: str | PathLike[str] | None = None,
    cut_fields: int = 0,
    average: bool = False,
    files: Mapping[str, object] | None = None,
) -> str:
    """How to call ``tridigit train`` for such weights; files that it took by their names alone."""
    words = [f"tridigit train {what} DIR"]
    words += [f"--network {network}"] if network != "columns" else []
    words += [f"--protocol {protocol}"] if protocol != "leak-free" else []
    words += ["--flips"] if flips else []
    words += [f"--start {Path(start).name}"] if start else []
    words += [f"--cut {cut_fields}"] if cut_fields else []
    words += [f"--{name} FILE" for name, path in ({"params": params} | dict(files or {})).items() if path]
    words += ["--average"] if average else []
    return f"`{' '.join([*words, f'--seed {seed}', f'--epochs {classifier.epochs}'])}`"


def share(right: NDArray[np.bool_]) -> str:
    """'99.60% (1,992 of 2,000)'."""
    return f"{np.mean(right):.2%} ({int(np.sum(right)):,} of {len(right):,})"


def write_card(name: str, folder: Path, classifier: NetworkClassifier, facts: dict[str, str], notes: str) -> Path:
    """The card, after which the checkpoint is needed no more."""
    card = folder / f"{name}.md"
    card.write_text(model_card(name, classifier, facts, notes))
    shutil.rmtree(classifier.checkpoint)
    return card
