"""The model card beside trained weights: what a network was trained on, how, and what it reached."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from classifier.estimator import NetworkClassifier

# Where a network was trained says nothing about what it learned.
HIDDEN = {"model", "checkpoint", "logs", "verbose", "random_state", "epochs", "validation_split"}


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
    best = int(np.argmin(history["val_loss"]))
    rows = {
        **facts,
        "Seed": str(classifier.random_state),
        "Network": f"`{classifier.model.__name__}`, {classifier.model_.count_params():,} parameters",
        "Parameters": ", ".join(f"{k}={v}" for k, v in sorted(params.items())),
        "Epoch chosen": f"{best + 1} of {len(history['val_loss'])}, by validation loss",
        "Runtime form": "ONNX, hidden layers but the first in 8-bit integers; their ranges from 1,280 training images",
        "Training time": f"{sum(history['seconds']) / 60:.0f} min on {os.cpu_count()} cores, {platform.machine()}",
        "Versions": ", ".join(f"{p} {version(p)}" for p in ("tensorflow", "keras", "onnxruntime")),
        "Python": sys.version.split()[0],
    }
    table = "\n".join(f"| {key} | {value} |" for key, value in rows.items())
    return f"# Model card: {name}\n\n| | |\n| --- | --- |\n{table}\n\n{notes.strip()}\n"


def share(right: NDArray[np.bool_]) -> str:
    """'99.60% (1,992 of 2,000)'."""
    return f"{np.mean(right):.2%} ({int(np.sum(right)):,} of {len(right):,})"
