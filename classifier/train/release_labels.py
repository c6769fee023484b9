"""Train a network on label groups and write what it takes to use it: weights, runtime form, history and model card."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifier.data.columns import right_by_group
from classifier.data.images import resized
from classifier.multihead import MultiHeadClassifier
from classifier.runtime import GROUPS, GroupRuntime, groups_text
from classifier.train.card import share, write_card
from classifier.train.export import export_floats
from classifier.train.release import settings_of, write_network

NAME = "labels"
# Of the network's accuracy, what its runtime form may lose without a word.
MOST_LOST = 0.01
# Images that set the ranges of the runtime form's integers: pictures have more pixels than digits.
CALIBRATED = 256
# Images that the speed is taken of.
TIMED = 1000
EXPORT = {"calibration": "percentile", "weight_bits": 8}
NOTES = """
The probabilities are not calibrated. Images are brought to the network's size whatever their proportions. What is none
of the labels gets one all the same.
"""


class Part(NamedTuple):
    """Images (n, h, w, 3) uint8 and their labels: group -> (n,) str."""

    images: NDArray[np.uint8]
    labels: Mapping[str, NDArray[np.str_]]


def train_labels(
    out: str | PathLike[str],
    *,
    parts: Mapping[str, Part],
    data: str = "",
    group_by: str | None = None,
    backbone: str = "mobilenet_v2",
    groups: Sequence[str] | None = None,
    weights: str | PathLike[str] | None = None,
    size: int = 96,
    fine_tune: bool = False,
    flips: bool = True,
    seed: int = 0,
    epochs: int | None = None,
    verbose: int = 0,
) -> Path:
    """Train a :class:`classifier.multihead.MultiHeadClassifier` and write ``labels.keras`` and the files beside it.

    Parameters
    ----------
    out, seed, epochs, verbose
        As in :func:`classifier.train.release.train_digit`.
    parts : mapping
        ``train``, ``val``, which chooses the epoch, and ``test``, which nothing is chosen on.
    data : str
        What they are, for the card.
    group_by : str, optional
        What was kept apart between the parts, for the card.
    backbone, groups, weights, size, fine_tune, flips
        Parameters of the classifier.

    Returns
    -------
    pathlib.Path
        The model card.

    Raises
    ------
    ValueError
        If labels or parameters do not fit, or the checkpoint there belongs to another training.

    Warns
    -----
    UserWarning
        If the runtime form answers more than one point worse than the network.
    """
    recipe: dict[str, Any] = {"backbone": backbone, "groups": groups, "size": size, "flips": flips}
    recipe |= {"weights": weights, "fine_tune": fine_tune}
    if epochs:
        recipe["epochs"] = epochs
    classifier = MultiHeadClassifier(**settings_of(recipe, out, NAME, seed, None, verbose))
    classifier.fit(*parts["train"], validation_data=parts["val"])
    return write_labels(Path(out), classifier, parts, data=data, command=_command(classifier, data, group_by))


def write_labels(
    folder: Path, classifier: MultiHeadClassifier, parts: Mapping[str, Part], *, data: str, command: str
) -> Path:
    """What :func:`train_labels` writes, of a classifier that was trained on ``parts`` by ``command``."""
    train, val, test = (parts[name] for name in ("train", "val", "test"))
    size = classifier.size

    def sample(rng: np.random.Generator) -> NDArray[np.float32]:
        chosen = rng.choice(len(train.images), min(CALIBRATED, len(train.images)), replace=False)
        return resized(train.images[np.sort(chosen)], size).astype(np.float32)

    write_network(NAME, folder, classifier, sample, **EXPORT, facts={GROUPS: groups_text(classifier.classes_)})
    facts = {
        "Task": f"one image ({size}, {size}, 3) uint8, RGB -> " + _told(classifier.classes_),
        "Training data": f"{len(train.images):,} images{f' of {data}' * bool(data)}",
        "Validation data": f"{len(val.images):,} images; they choose the epoch",
        "Command": f"`{command}`",
        **_measured(folder, classifier, {"Validation": val, "Test": test}),
    }
    return write_card(NAME, folder, classifier, facts, NOTES)


def _measured(folder: Path, classifier: MultiHeadClassifier, parts: Mapping[str, Part]) -> dict[str, str]:
    """Rows of the card: accuracy by group of the network and its runtime form, bytes and speed of both."""
    rows = {}
    with TemporaryDirectory() as temporary:
        whole, small = Path(temporary) / "whole.onnx", folder / f"{NAME}.onnx"
        export_floats(classifier.model_, whole, facts={GROUPS: groups_text(classifier.classes_)})
        floats, integers = (GroupRuntime(path, threads=os.cpu_count() or 1) for path in (whole, small))
        for name, part in parts.items():
            for group, right in _right(floats, part).items():
                rows[f"{name} {group}"] = _both(f"{name} {group}", right, _right(integers, part)[group])
        rows["Runtime form"] = (
            f"ONNX, hidden layers but the first in 8-bit integers, {EXPORT['calibration']} calibration: "
            f"{_cost(integers, parts['Validation'].images)}; in float32 {_cost(floats, parts['Validation'].images)}"
        )
    return rows


def _right(network: GroupRuntime, part: Part) -> dict[str, NDArray[np.bool_]]:
    return right_by_group(network.predict(part.images), part.labels)


def _both(what: str, floats: NDArray[np.bool_], integers: NDArray[np.bool_]) -> str:
    if not len(floats):
        return "no image is labelled"
    if (lost := floats.mean() - integers.mean()) > MOST_LOST:
        warnings.warn(f"{what}: the runtime form loses {100 * lost:.1f} points of accuracy.", stacklevel=4)
    return f"float32 {share(floats)}, runtime form {share(integers)}"


def _cost(network: GroupRuntime, images: NDArray[np.uint8]) -> str:
    """'1.2 MB, 3,456 images/s'."""
    images = resized(images[:TIMED], network.size)
    network.predict_proba(images)
    begun = time.perf_counter()
    network.predict_proba(images)
    rate = len(images) / (time.perf_counter() - begun)
    return f"{Path(network.path).stat().st_size / 1e6:.1f} MB, {rate:,.0f} images/s"


def _told(classes: Mapping[str, NDArray[np.str_]]) -> str:
    """'type (cat, dog), angle (12 labels)'."""
    return ", ".join(
        f"{group} ({', '.join(labels.tolist()) if len(labels) <= 10 else f'{len(labels)} labels'})"
        for group, labels in classes.items()
    )


def _command(classifier: MultiHeadClassifier, data: str, group_by: str | None) -> str:
    words = [f"tridigit train labels DIR --data {data} --backbone {classifier.network_name} --size {classifier.size}"]
    words += [f"--group-by {group_by}"] if group_by else []
    words += [f"--groups {','.join(classifier.groups)}"] if classifier.groups else []
    words += [f"--weights {Path(classifier.weights).name if classifier.weights else 'none'}"]
    words += ["--fine-tune"] if classifier.fine_tune else []
    words += [] if classifier.flips else ["--no-flips"]
    return " ".join([*words, f"--seed {classifier.random_state} --epochs {classifier.epochs}"])
