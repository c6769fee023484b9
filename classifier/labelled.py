"""Labelled image files of a user: folders named by number, or a table of paths and numbers."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.model_selection import GroupShuffleSplit, ShuffleSplit

SPLITS = ("train", "val", "test")
# In place of a number, for a file that lies beside the folders.
NOT_IN_FOLDER = "-"
SHARES = {"val": 0.16, "test": 0.2}


@dataclass(frozen=True, eq=False)
class LabelledFiles:
    """Image files with their numbers.

    Attributes
    ----------
    paths : tuple of Path
    numbers : (n,) str
        Three digits each.
    skipped : tuple of (Path, str)
        What was left out, and why.
    """

    paths: tuple[Path, ...]
    numbers: NDArray[np.str_]
    skipped: tuple[tuple[Path, str], ...] = ()

    def __len__(self) -> int:
        return len(self.paths)

    def take(self, indices: NDArray[np.integer]) -> LabelledFiles:
        """A part of the files."""
        return LabelledFiles(tuple(self.paths[i] for i in indices.tolist()), self.numbers[indices])


def load_labelled(path: str | PathLike[str]) -> dict[str, LabelledFiles]:
    """Find labelled images.

    Parameters
    ----------
    path : path
        A folder with one folder for each number (``427/a.png``), maybe below ``train``, ``val`` and
        ``test``; or a CSV file with the columns ``path`` (from the file's folder) and ``number``.

    Returns
    -------
    dict
        ``train``, ``val`` and ``test`` where the folder has them, else ``all``. What is no number of
        three digits or no image is skipped and listed.

    Raises
    ------
    OSError, ValueError
        If there is no such file or folder, the table lacks a column, or nothing is left.
    """
    path = Path(path)
    if path.is_dir():
        found = {split: _checked(_in_folders(path / split)) for split in SPLITS if (path / split).is_dir()}
        found = found or {"all": _checked(_in_folders(path))}
    else:
        found = {"all": _checked(_in_table(path))}
    if not any(len(files) for files in found.values()):
        reasons = [f"{file}: {why}" for files in found.values() for file, why in files.skipped]
        raise ValueError(
            f"Expected labelled images, such as '427/a.png', found none in {str(path)!r}. Skipped: {reasons[:3]}."
        )
    return found


def split_labelled(files: LabelledFiles, *, by: str = "image", seed: int = 0) -> dict[str, LabelledFiles]:
    """Split into 64% for training, 16% for validation and 20% for test.

    Parameters
    ----------
    by : {'image', 'number'}
        With ``number`` no number is in two splits.
    seed : int
        Fixes the split.
    """
    if by not in ("image", "number"):
        raise ValueError(f"`by` should be 'image' or 'number'. Received: {by!r}.")
    splitter = GroupShuffleSplit if by == "number" else ShuffleSplit
    rest, parts = np.arange(len(files)), {}
    for name, share in (("test", SHARES["test"]), ("val", SHARES["val"] / (1 - SHARES["test"]))):
        one = splitter(n_splits=1, test_size=share, random_state=seed)
        kept, taken = next(one.split(rest, groups=files.numbers[rest] if by == "number" else None))
        rest, parts[name] = rest[kept], files.take(rest[taken])
    return {"train": files.take(rest), "val": parts["val"], "test": parts["test"]}


def _in_folders(root: Path) -> Iterator[tuple[Path, str]]:
    for folder in sorted(root.iterdir()):
        if not folder.is_dir():
            yield folder, NOT_IN_FOLDER
        elif not _is_number(folder.name):
            yield folder, folder.name
        else:
            yield from ((file, folder.name) for file in sorted(folder.iterdir()))


def _in_table(table: Path) -> Iterator[tuple[Path, str]]:
    with table.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.DictReader(file)
        if missing := {"path", "number"} - set(rows.fieldnames or ()):
            raise ValueError(f"{table} should have the columns path and number. Missing: {sorted(missing)}.")
        try:
            yield from ((table.parent / (row["path"] or ""), row["number"] or "") for row in rows)
        except csv.Error as error:
            raise ValueError(f"{table} should be a CSV table. Received: {error}.") from error


def _checked(found: Iterable[tuple[Path, str]]) -> LabelledFiles:
    kept: list[tuple[Path, str]] = []
    skipped = []
    for path, number in found:
        if why := _wrong(path, number):
            skipped.append((path, why))
        else:
            kept.append((path, number))
    numbers = np.array([number for _, number in kept], dtype="<U3")
    return LabelledFiles(tuple(path for path, _ in kept), numbers, tuple(skipped))


def _wrong(path: Path, number: str) -> str:
    """Why a file cannot be used, or ''."""
    if number == NOT_IN_FOLDER:
        return "not in a folder named by a number"
    if not _is_number(number):
        return f"{number!r} is not a number of three digits"
    try:
        with Image.open(path) as image:
            image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        return f"no image: {error}"
    return ""


def _is_number(text: str) -> bool:
    return re.fullmatch("[0-9]{3}", text) is not None
