"""Labelled pictures of a user -> arrays: a table of paths and labels, folders named by label, or CIFAR-10's file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifier.data.cifar10 import load_cifar10
from classifier.data.images import resized
from pipeline.batch.files import SUFFIXES
from pipeline.batch.labelled import open_table
from segmenter import load_rgb

SPLITS = ("train", "val", "test")
# Of a seeded split.
SHARES = {"test": 0.2, "val": 0.16}
# The group of a folder's names.
LABEL = "label"
PATH, SPLIT = "path", "split"


@dataclass(frozen=True, eq=False)
class LabelledImages:
    """Pictures with the labels of one or more groups.

    Attributes
    ----------
    images : (n, size, size, 3) uint8
        RGB.
    labels : dict
        Group -> (n,) str; '' where an image is unlabelled.
    skipped : tuple of (str, str)
        Files that were left out, and why.
    """

    images: NDArray[np.uint8]
    labels: dict[str, NDArray[np.str_]]
    skipped: tuple[tuple[str, str], ...] = ()

    def __len__(self) -> int:
        return len(self.images)


@dataclass
class Rows:
    """Files and what a table says of each."""

    paths: list[Path] = field(default_factory=list)
    columns: dict[str, list[str]] = field(default_factory=dict)

    def take(self, indices: NDArray[np.integer]) -> Rows:
        chosen = indices.tolist()
        columns = {name: [column[i] for i in chosen] for name, column in self.columns.items()}
        return Rows([self.paths[i] for i in chosen], columns)


def load_labels(
    data: str | PathLike[str],
    *,
    size: int,
    groups: Sequence[str] | None = None,
    group_by: str | None = None,
    seed: int = 0,
) -> dict[str, LabelledImages]:
    """Load labelled pictures and part them.

    Parameters
    ----------
    data : path
        A CSV table with the column ``path`` (from the table's folder) and one for each label group, where an empty
        cell is unlabelled; or a folder with one folder for each label, maybe below ``train``, ``val`` and ``test``;
        or an ``.npz`` of CIFAR-10, see :func:`classifier.data.cifar10.load_cifar10`.
    size : int
        Side that pictures are brought to, whatever their proportions.
    groups : sequence of str, optional
        Columns to take. Default: all but ``path``, ``split`` and ``group_by``.
    group_by : str, optional
        A column whose values are kept apart: all images of one value are in one part.
    seed : int
        Of the split, where neither a column ``split`` nor the folders say it: 64% for training, 16% for validation
        and 20% for test.

    Returns
    -------
    dict
        ``train``, ``val`` and ``test``.

    Raises
    ------
    OSError, ValueError
        If there is no such file or folder, a column is missing, or a part is empty.
    """
    path = Path(data)
    if path.suffix == ".npz":
        return _cifar10(path)
    rows = _in_folders(path) if path.is_dir() else _in_table(path)
    taken = [n for n in rows.columns if n not in (SPLIT, group_by)] if groups is None else list(groups)
    if missing := [name for name in [*taken, *([group_by] if group_by else [])] if name not in rows.columns]:
        raise ValueError(f"{data} should have the columns {missing}. Received: {sorted(rows.columns)}.")
    parts = {name: load_rows(part, size, taken) for name, part in _parts(rows, group_by, seed).items()}
    if empty := [name for name in SPLITS if not len(parts[name])]:
        reasons = [f"{name}: {why}" for part in parts.values() for name, why in part.skipped]
        raise ValueError(f"Each part of {data} should have images. Empty: {empty}. Skipped: {reasons[:3]}.")
    return parts


def load_rows(rows: Rows, size: int, groups: Sequence[str]) -> LabelledImages:
    """Decode the images; those that cannot be are skipped and listed."""
    images = np.empty((len(rows.paths), size, size, 3), np.uint8)
    kept: list[int] = []
    skipped = []
    for k, path in enumerate(rows.paths):
        try:
            images[len(kept)] = resized(load_rgb(path)[None], size)[0]
            kept.append(k)
        except (OSError, ValueError) as error:
            skipped.append((str(path), str(error)))
    labels = {group: np.array([rows.columns[group][k] for k in kept], dtype=np.str_) for group in groups}
    return LabelledImages(images[: len(kept)], labels, tuple(skipped))


def _cifar10(path: Path) -> dict[str, LabelledImages]:
    found = load_cifar10(path)
    return {
        "train": LabelledImages(found.x_train, {LABEL: found.y_train}),
        "val": LabelledImages(found.x_val, {LABEL: found.y_val}),
        "test": LabelledImages(found.x_test, {LABEL: found.y_test}),
    }


def _in_folders(root: Path) -> Rows:
    rows = Rows(columns={LABEL: []})
    splits = [split for split in SPLITS if (root / split).is_dir()]
    if splits:
        rows.columns[SPLIT] = []
    for split in splits or [""]:
        for file, label in _labelled_in(root / split):
            rows.paths.append(file)
            rows.columns[LABEL].append(label)
            if split:
                rows.columns[SPLIT].append(split)
    return rows


def _labelled_in(root: Path) -> Iterator[tuple[Path, str]]:
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        for file in sorted(folder.iterdir()):
            if file.suffix.lower() in SUFFIXES:
                yield file, folder.name


def _in_table(table: Path) -> Rows:
    with open_table(table, [PATH]) as rows:
        header, read = rows.fieldnames or [], list(rows)
    if PATH not in header or len(set(header)) < len(header):
        raise ValueError(f"{table} should have a column {PATH!r} and no name twice. Received: {header}.")
    columns = {name: [row[name] or "" for row in read] for name in header}
    return Rows([table.parent / path for path in columns.pop(PATH)], columns)


def _parts(rows: Rows, group_by: str | None, seed: int) -> dict[str, Rows]:
    """By the column ``split``, else seeded."""
    if SPLIT in rows.columns and not group_by:
        if strange := sorted({*rows.columns[SPLIT]} - {*SPLITS}):
            raise ValueError(f"The column {SPLIT!r} should have {SPLITS}. Received: {strange[:5]}.")
        where = np.array(rows.columns[SPLIT])
        return {name: rows.take(np.flatnonzero(where == name)) for name in SPLITS}
    units = np.array(rows.columns[group_by] if group_by else range(len(rows.paths)), dtype=np.str_)
    order = np.random.default_rng(seed).permutation(np.unique(units))
    n_test, n_val = (max(1, round(SHARES[name] * len(order))) for name in ("test", "val"))
    chosen = {"test": order[:n_test], "val": order[n_test : n_test + n_val], "train": order[n_test + n_val :]}
    return {name: rows.take(np.flatnonzero(np.isin(units, chosen[name]))) for name in SPLITS}
