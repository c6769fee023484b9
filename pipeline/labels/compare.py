"""Networks beside each other on subsets with few to many labels a class: where transfer wins and where it does not."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from numpy.typing import NDArray

from classifier.data.columns import right_by_group, rows_of
from classifier.labels import as_labels
from classifier.multihead import MultiHeadClassifier
from classifier.train.release import settings_of
from classifier.train.release_labels import Part, write_labels
from classifier.transfer.backbone import build_backbone, heads_of
from classifier.transfer.features import make_features
from pipeline.benchmark.metrics import Share
from pipeline.labels.curve import draw_curve
from pipeline.labels.rows import Network, Row, read_rows, write_rows

TABLE, PICTURE, SETTINGS = "compare.csv", "compare.png", "compare.json"
ALL = "all"
FEW = (5, 20, 100)


def compare_networks(
    out: str | PathLike[str],
    *,
    parts: Mapping[str, Part],
    data: str = "",
    command: str = "",
    networks: Sequence[Network],
    labels_per_class: Sequence[int | None] | None = None,
    flips: bool = True,
    seed: int = 0,
    epochs: int | None = None,
    tell: Callable[[str], None] = lambda line: None,
) -> list[Row]:
    """Train each network on the same seeded subsets and write ``compare.csv`` and ``compare.png``.

    A network with weights is frozen, and its features are computed once and kept in ``out``; one without is trained
    from scratch. Both are a :class:`classifier.multihead.MultiHeadClassifier`. The epoch is chosen on a subset of the
    validation images with as many labels a class. What is in the table is not trained again. The networks of most
    labels are kept with their runtime forms and cards, as :func:`classifier.train.release_labels.train_labels` does.

    Parameters
    ----------
    out : path
        Folder for table, picture, features and the checkpoint of an interrupted training.
    parts : mapping
        ``train``, ``val`` and ``test``.
    data, command : str
        What they are, and how this was called, for the cards.
    labels_per_class : sequence of int or None, optional
        Images of each label to learn from, see :func:`subset`; None is all. Default: 5, 20 and 100 where a label has so
        many, and all.
    flips, seed, epochs
        As in :func:`classifier.train.release_labels.train_labels`; of every training.
    tell : callable
        Is given a line about each training.

    Returns
    -------
    list of Row
        The whole table, that of earlier calls with it.

    Raises
    ------
    ValueError
        If parameters, labels or weights do not fit, or the table there is of another comparison.
    OSError
        If weights are not there or cannot be fetched.
    """
    folder = Path(out)
    counts = _counts(parts["train"], labels_per_class)
    _check(parts, networks)
    options: dict[str, Any] = {"flips": flips, "seed": seed, "epochs": epochs}
    rows = _begun(folder, options | {"data": joblib.hash({name: tuple(part) for name, part in parts.items()})})
    done = {row.training for row in rows}
    most = None if None in counts else max(n for n in counts if n)
    for n_labels in counts:
        for network in networks:
            if (str(network), network.size, str(n_labels or ALL)) not in done:
                classifier, own, seconds = _trained(folder, network, n_labels, parts, options)
                found = _rows(classifier, network, n_labels, own, seconds)
                if n_labels == most and _has_most(found[0], rows):
                    write_labels(folder / _slug(network), classifier, own, data=data, command=command)
                rows += found
                write_rows(folder / TABLE, rows)
                shutil.rmtree(str(classifier.checkpoint), ignore_errors=True)
                tell("\n".join(map(str, found)))
    draw_curve(rows).savefig(folder / PICTURE, dpi=150)
    return rows


def subset(part: Part, n_labels: int | None, seed: int) -> NDArray[np.intp]:
    """Places of the first ``n_labels`` images of every label in a seeded order, or of all there are; None is all.

    A larger subset has the smaller ones in it. Of several groups, an image is in it if it is for any of its labels.
    """
    order = np.random.default_rng(seed).permutation(len(part.images))
    if n_labels is None:
        return np.sort(order)
    chosen = [order[column[order] == label][:n_labels] for column, label in _classes(part)]
    return np.unique(np.concatenate(chosen))


def told_by_labels(rows: Sequence[Row]) -> Iterator[str]:
    """For each count of labels, all networks from the best to the worst, and whether their intervals part the first."""
    last = rows[-1].group
    for count in dict.fromkeys(row.labels_per_class for row in sorted(rows, key=lambda row: row.images)):
        best, *others = sorted(
            (row for row in rows if row.labels_per_class == count and row.group == last), key=lambda r: -r.share.value
        )
        apart = all(row.share.interval[1] < best.share.interval[0] for row in others)
        words = ", ".join(f"{row.network} {row.share}" for row in (best, *others))
        yield f"{count} labels a class: {words}{'' if apart else '; intervals overlap'}"


def _classes(part: Part) -> Iterator[tuple[NDArray[np.str_], str]]:
    """Each label with the column that it is of."""
    for column in map(as_labels, part.labels.values()):
        for label in np.unique(column[column != ""]).tolist():
            yield column, label


def _counts(train: Part, asked: Sequence[int | None] | None) -> Sequence[int | None]:
    """How many labels a class, in order; ValueError if no label has so many."""
    most = max((int((column == label).sum()) for column, label in _classes(train)), default=0)
    if asked is None:
        return [*(n for n in FEW if n < most), None]
    if over := [n for n in asked if n and n > most]:
        raise ValueError(f"Labels a class should be {most} at most: no label has more images. Received: {over}.")
    return asked


def _check(parts: Mapping[str, Part], networks: Sequence[Network]) -> None:
    """Before hours of training: are labels and weights there?"""
    names = [(str(network), network.size) for network in networks]
    if len(set(names)) < len(names):
        raise ValueError(f"Each network should be named once. Received: {[*map(str, networks)]}.")
    for name, part in parts.items():
        if bare := [group for group, column in part.labels.items() if not (as_labels(column) != "").any()]:
            raise ValueError(f"Images for {name} should have labels of each group. Received: none of {bare}.")
    for network in networks:
        build_backbone(network.backbone, network.size, network.weights)


def _begun(folder: Path, settings: dict[str, Any]) -> list[Row]:
    """The rows of a table that was begun; ValueError if it is of another comparison."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / SETTINGS
    if kept.exists() and (old := json.loads(kept.read_text())) != settings:
        differ = sorted(name for name in settings if settings[name] != old.get(name))
        raise ValueError(f"{folder} has another comparison; take another folder. They differ in: {', '.join(differ)}.")
    kept.write_text(json.dumps(settings) + "\n")
    return read_rows(folder / TABLE)


def _trained(
    folder: Path, network: Network, n_labels: int | None, parts: Mapping[str, Part], options: Mapping[str, Any]
) -> tuple[MultiHeadClassifier, dict[str, Part], float]:
    """Train once: the classifier, the images that it learned from with all test images, seconds."""
    own = {name: _taken(parts[name], subset(parts[name], n_labels, options["seed"])) for name in ("train", "val")}
    classifier = _classifier(folder, network, n_labels, **options)
    begun = time.perf_counter()
    classifier.fit(*own["train"], validation_data=own["val"])
    return classifier, own | {"test": parts["test"]}, time.perf_counter() - begun


def _rows(
    classifier: MultiHeadClassifier, network: Network, n_labels: int | None, parts: Mapping[str, Part], seconds: float
) -> list[Row]:
    """Its test accuracy, a row for each group."""
    right = right_by_group(_answers(classifier, parts["test"].images), parts["test"].labels)
    training = (str(network), network.size, str(n_labels or ALL), len(parts["train"].images))
    return [Row(*training, group, Share(int(found.sum()), len(found)), seconds) for group, found in right.items()]


def _has_most(new: Row, rows: Sequence[Row]) -> bool:
    """Whether no earlier training of the same network had more images."""
    return all(row.images <= new.images for row in rows if row.training[:2] == new.training[:2])


def _slug(network: Network) -> str:
    """A folder's name."""
    return f"{network} {network.size}".replace(" ", "-")


def _classifier(
    folder: Path, network: Network, n_labels: int | None, *, flips: bool, seed: int, epochs: int | None
) -> MultiHeadClassifier:
    recipe: dict[str, Any] = {"backbone": network.backbone, "weights": network.weights, "size": network.size}
    recipe |= {"flips": flips, "features": folder / "features"}
    if epochs:
        recipe["epochs"] = epochs
    name = f"{_slug(network)}-{n_labels or ALL}"
    return MultiHeadClassifier(**settings_of(recipe, folder, name, seed, None, 0))


def _taken(part: Part, places: NDArray[np.intp]) -> Part:
    return Part(part.images[places], rows_of(part.labels, places))


def _answers(classifier: MultiHeadClassifier, images: NDArray[np.uint8]) -> dict[str, NDArray[np.str_]]:
    """Group -> the answer for each image; of a frozen backbone through its features, which are kept."""
    if classifier.weights is None:
        return classifier.predict(images)
    backbone = build_backbone(classifier.backbone, classifier.size, classifier.weights)
    features = make_features(backbone, classifier.features)(images).astype(np.float32)
    return classifier.target_encoder_.inverse_transform(heads_of(classifier.model_).predict(features, verbose=0))
