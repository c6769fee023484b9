"""Paths given on the command line -> the files to read and what the table calls them."""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from pipeline.batch.remote import find_remote, is_url

HEIC_SUFFIXES = frozenset({".heic", ".heif", ".hif"})
SUFFIXES = frozenset(
    {
        ".apng", ".avif", ".bmp", ".dib", ".gif", ".j2c", ".j2k", ".jfif", ".jp2", ".jpc", ".jpe", ".jpeg", ".jpf",
        ".jpg", ".jpx", ".pbm", ".pgm", ".png", ".pnm", ".ppm", ".tif", ".tiff", ".webp",
    }
).union(HEIC_SUFFIXES if find_spec("pillow_heif") else ())  # fmt: skip
# Of scanned pages, which are read with a form.
PAGE_SUFFIXES = SUFFIXES | {".pdf"}
# Of images and pages that cannot be read here: a folder's are counted, not passed over without a word.
UNREAD_SUFFIXES = frozenset({".djvu", ".dng", ".jxl", ".pdf", *HEIC_SUFFIXES}) - SUFFIXES


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read.

    Attributes
    ----------
    path : str
        Where it lies: a path, or a URL such as ``s3://bucket/a.png``.
    name : str
        What the table calls it: relative to the folder that was given.
    error : str
        Why it cannot even be opened; '' otherwise.
    """

    path: str
    name: str
    error: str = ""


def why_unreadable(error: Exception) -> str:
    """What the row of a file says that could not be opened or decoded."""
    if isinstance(error, OSError):
        return f"cannot be read: {error.strerror or error}"
    return "too large for the memory" if isinstance(error, MemoryError) else str(error)


def find_files(
    paths: Sequence[str], *, recursive: bool = False, suffixes: Collection[str] = SUFFIXES
) -> Iterator[Source]:
    """Files of the paths given, those of a folder by name.

    Parameters
    ----------
    paths : sequence of str
        Files, folders, or patterns with ``*``, ``?`` and ``[...]``, and ``**`` for folders at any depth. A file
        named outright is taken whatever its suffix; a folder gives the files with one of ``suffixes``, but no
        hidden ones. With several paths the names of a folder's files begin with the folder. URLs of file systems
        that fsspec knows, such as ``s3://bucket/scans``, are the same there.
    recursive : bool
        Whether to look into the folders of a folder; links to folders are not followed.
    suffixes : collection of str
        In lower case, with their dots.

    Raises
    ------
    FileNotFoundError
        If a path does not exist and matches nothing.
    ValueError
        If ``**`` is not a whole part of a pattern, or a URL is of no kind that fsspec knows.
    ImportError
        If a URL needs a package that is not installed.
    OSError
        If a folder that was given cannot be listed.
    """
    matches = [[path] if is_url(path) else _matches(path) for path in paths]
    alone = sum(map(len, matches)) == 1
    for found in matches:
        sources = (source for path in found for source in _files_at(path, recursive, suffixes, alone))
        yield from sources if len(found) == 1 else _once(sources)


def _once(sources: Iterator[Source]) -> Iterator[Source]:
    """Each file once: a pattern may match a folder and what lies in it."""
    seen = set()
    for source in sources:
        if source.path not in seen:
            seen.add(source.path)
            yield source


def count_unread(paths: Sequence[str], *, recursive: bool = False) -> Counter[str]:
    """How many files of each of :data:`UNREAD_SUFFIXES` :func:`find_files` passes over in the folders given.

    URLs are not looked at.
    """
    counts = Counter[str]()
    local = [path for path in paths if not is_url(path)]
    for folder in (match for path in local for match in _matches(path) if os.path.isdir(match)):
        for _, folders, files in os.walk(folder):
            counts.update(os.path.splitext(name)[1].lower() for name in files if not name.startswith("."))
            folders[:] = [name for name in folders if recursive and not name.startswith(".")]
    return Counter({suffix: counts[suffix] for suffix in sorted(UNREAD_SUFFIXES) if counts[suffix]})


def _files_at(path: str, recursive: bool, suffixes: Collection[str], alone: bool) -> Iterator[Source]:
    if is_url(path):
        for found in find_remote(path, suffixes, recursive=recursive):
            yield Source(found.url, found.name if alone else found.url, found.error)
        return
    if not os.path.isdir(path):
        yield Source(path, path)
        return
    for source in _in_folder(path, recursive, suffixes):
        yield Source(source.path, source.name if alone else os.path.join(path, source.name), source.error)


def _matches(path: str) -> list[str]:
    if os.path.lexists(path):
        return [path]
    if matches := sorted(_deep_matches(path) if "**" in path else glob.glob(path)):
        return matches
    raise FileNotFoundError(f"Expected a file, a folder or a pattern that matches one. Received: {path!r}.")


def _deep_matches(pattern: str) -> list[str]:
    """Matches of a pattern with ``**``: as in a folder, no hidden ones, and links to folders are not followed."""
    parts = Path(pattern).parts
    if any("**" in part and part != "**" for part in parts):
        raise ValueError(f"`**` should be a whole part of a pattern, as in 'a/**/*.png'. Received: {pattern!r}.")
    first = next(k for k, part in enumerate(parts) if set(part) & set("*?["))
    root = Path(*parts[:first])
    found = root.glob(os.path.join(*parts[first:]))
    return [str(path) for path in found if not any(part.startswith(".") for part in path.relative_to(root).parts)]


def _in_folder(folder: str, recursive: bool, suffixes: Collection[str]) -> Iterator[Source]:
    for name, is_folder in _listed(folder, suffixes):
        path = os.path.join(folder, name)
        if not is_folder:
            yield Source(path, name)
        elif recursive:
            yield from _in_subfolder(path, name, suffixes)


def _listed(folder: str, suffixes: Collection[str]) -> list[tuple[str, bool]]:
    """Names of the folders and image files of a folder, by name, and which of them are folders.

    Names alone: the entries of the system would take many times their memory.
    """
    names = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                names.append((entry.name, True))
            elif os.path.splitext(entry.name)[1].lower() in suffixes and not os.path.isdir(entry.path):
                names.append((entry.name, False))
    return sorted(names)


def _in_subfolder(folder: str, name: str, suffixes: Collection[str]) -> Iterator[Source]:
    try:
        for source in _in_folder(folder, True, suffixes):
            yield Source(source.path, os.path.join(name, source.name), source.error)
    except OSError as error:
        yield Source(folder, name, f"cannot be listed: {error.strerror}")
