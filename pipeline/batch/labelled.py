"""Labelled image files of a user: folders named by number, or a table of paths and numbers."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifier.number_format import FORMAT
from segmenter import load_gray

# Path, number, group.
Found = tuple[Path, str, str | None]
SPLITS = ("train", "val", "test")
# What a spreadsheet puts between the cells of a CSV file: that depends on its country.
DELIMITERS = ",;\t"
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
    groups : (n,) str, optional
        A column of the table, such as the writer.
    """

    paths: tuple[Path, ...]
    numbers: NDArray[np.str_]
    skipped: tuple[tuple[Path, str], ...] = ()
    groups: NDArray[np.str_] | None = None

    def __len__(self) -> int:
        return len(self.paths)

    def take(self, indices: NDArray[np.integer]) -> LabelledFiles:
        """A part of the files."""
        groups = None if self.groups is None else self.groups[indices]
        return LabelledFiles(tuple(self.paths[i] for i in indices.tolist()), self.numbers[indices], groups=groups)


def load_labelled(path: str | PathLike[str], *, group_by: str | None = None) -> dict[str, LabelledFiles]:
    """Find labelled images.

    Parameters
    ----------
    path : path
        A folder with one folder for each number (``427/a.png``), maybe below ``train``, ``val`` and
        ``test``; or a CSV file, see :func:`open_table`, with the columns ``path`` (from the file's folder) and
        ``number``.
    group_by : str, optional
        Another column of the table, kept as the groups.

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
    if not path.exists():
        raise FileNotFoundError(f"expected a folder or a table of labelled images, found nothing at {str(path)!r}")
    if path.is_dir() and group_by:
        raise ValueError(f"Groups come from a column of a table. Received: the folder {str(path)!r}.")
    if path.is_dir():
        found = {split: _checked(_in_folders(path / split)) for split in SPLITS if (path / split).is_dir()}
        found = found or {"all": _checked(_in_folders(path))}
    else:
        found = {"all": _checked(_in_table(path, group_by))}
    if not any(len(files) for files in found.values()):
        reasons = [f"{file}: {why}" for files in found.values() for file, why in files.skipped]
        skipped = f" Skipped: {'; '.join(reasons[:3])}." if reasons else ""
        rest = f" Numbers other than of {FORMAT.words} can only be read, with `--digits`." if reasons else ""
        raise ValueError(f"Expected labelled images, such as '427/a.png', found none in {str(path)!r}.{skipped}{rest}")
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
    from sklearn.model_selection import GroupShuffleSplit, ShuffleSplit

    if by not in ("image", "number"):
        raise ValueError(f"`by` should be 'image' or 'number'. Received: {by!r}.")
    splitter = GroupShuffleSplit if by == "number" else ShuffleSplit
    rest, parts = np.arange(len(files)), {}
    for name, share in (("test", SHARES["test"]), ("val", SHARES["val"] / (1 - SHARES["test"]))):
        one = splitter(n_splits=1, test_size=share, random_state=seed)
        kept, taken = next(one.split(rest, groups=files.numbers[rest] if by == "number" else None))
        rest, parts[name] = rest[kept], files.take(rest[taken])
    return {"train": files.take(rest), "val": parts["val"], "test": parts["test"]}


def _in_folders(root: Path) -> Iterator[Found]:
    for folder in sorted(root.iterdir()):
        if not folder.is_dir():
            yield folder, NOT_IN_FOLDER, None
        elif not FORMAT.matches(folder.name):
            yield folder, folder.name, None
        else:
            yield from ((file, folder.name, None) for file in sorted(folder.iterdir()))


def _in_table(table: Path, group_by: str | None) -> Iterator[Found]:
    wanted = ["path", "number", *([group_by] if group_by else [])]
    with open_table(table, wanted) as rows:
        if missing := set(wanted) - set(rows.fieldnames or ()):
            raise ValueError(
                f"{table} should have the columns {' and '.join(wanted)}. Missing: {sorted(missing)}; split at "
                f"{rows.reader.dialect.delimiter!r}, its header is {rows.fieldnames}."
            )
        for row in rows:
            yield table.parent / (row["path"] or ""), row["number"] or "", group_by and (row[group_by] or "")


@contextmanager
def open_table(table: Path, columns: Collection[str]) -> Iterator[csv.DictReader[str]]:
    """A CSV table, split at commas, semicolons or tabs: at what gives its header the most of ``columns``.

    Raises
    ------
    OSError, ValueError
        If it cannot be opened, or is no CSV table in UTF-8.
    """
    with table.open(newline="", encoding="utf-8-sig") as file:
        try:
            header = file.readline()
            file.seek(0)
            yield csv.DictReader(file, delimiter=max(DELIMITERS, key=lambda one: _has(header, one, columns)))
        except (csv.Error, UnicodeDecodeError) as error:
            raise ValueError(f"{table} should be a CSV table in UTF-8. Received: {error}.") from error


def _has(header: str, delimiter: str, columns: Collection[str]) -> int:
    """How many of the columns a header has, split so."""
    return len({*columns}.intersection(next(csv.reader([header], delimiter=delimiter), ())))


def _checked(found: Iterable[Found]) -> LabelledFiles:
    kept: list[Found] = []
    skipped = []
    for path, number, group in found:
        if why := _wrong(path, number):
            skipped.append((path, why))
        else:
            kept.append((path, number, group))
    paths, numbers, groups = zip(*kept, strict=True) if kept else ((), (), ())
    known = None if None in groups else np.array(groups, dtype=np.str_)
    return LabelledFiles(paths, np.array(numbers, dtype=FORMAT.dtype), tuple(skipped), known)


def _wrong(path: Path, number: str) -> str:
    """Why a file cannot be used, or ''."""
    if number == NOT_IN_FOLDER:
        return "not in a folder named by a number"
    if not FORMAT.matches(number):
        return f"{number!r} is not a number of {FORMAT.words}"
    try:
        load_gray(path)
    except (OSError, ValueError) as error:
        return f"no image: {error}"
    return ""
