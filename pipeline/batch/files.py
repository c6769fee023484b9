"""Paths given on the command line -> the files to read and what the table calls them."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

SUFFIXES = frozenset(
    {
        ".avif", ".bmp", ".gif", ".j2k", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg", ".jpx", ".pbm", ".pgm", ".png",
        ".pnm", ".ppm", ".tif", ".tiff", ".webp",
    }
)  # fmt: skip
# Of images and pages that cannot be read here: a folder's are counted, not passed over without a word.
UNREAD_SUFFIXES = frozenset({".heic", ".heif", ".pdf"})


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read.

    Attributes
    ----------
    path : str
        Where it lies.
    name : str
        What the table calls it: relative to the folder that was given.
    error : str
        Why it cannot even be opened; '' otherwise.
    """

    path: str
    name: str
    error: str = ""


def find_files(paths: Sequence[str], *, recursive: bool = False) -> Iterator[Source]:
    """Files of the paths given, those of a folder by name.

    Parameters
    ----------
    paths : sequence of str
        Files, folders, or patterns with ``*``, ``?`` and ``[...]``, and ``**`` for folders at any depth. A file
        named outright is taken whatever its suffix; a folder gives the files with one of :data:`SUFFIXES`, but no
        hidden ones. With several paths the names of a folder's files begin with the folder.
    recursive : bool
        Whether to look into the folders of a folder; links to folders are not followed.

    Raises
    ------
    FileNotFoundError
        If a path does not exist and matches nothing.
    OSError
        If a folder that was given cannot be listed.
    """
    found = [match for path in paths for match in _matches(path)]
    for path in found:
        if os.path.isdir(path):
            prefix = path if len(found) > 1 else ""
            for source in _in_folder(path, recursive):
                yield Source(source.path, os.path.join(prefix, source.name), source.error)
        else:
            yield Source(path, path)


def _matches(path: str) -> list[str]:
    if os.path.lexists(path):
        return [path]
    if matches := sorted(glob.glob(path, recursive=True)):
        return matches
    raise FileNotFoundError(f"Expected a file, a folder or a pattern that matches one. Received: {path!r}.")


def _in_folder(folder: str, recursive: bool) -> Iterator[Source]:
    with os.scandir(folder) as entries:
        listed = sorted(entries, key=lambda entry: entry.name)
    for entry in listed:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            if recursive:
                yield from _in_subfolder(entry)
        elif os.path.splitext(entry.name)[1].lower() in SUFFIXES and not os.path.isdir(entry.path):
            yield Source(entry.path, entry.name)


def count_unread(paths: Sequence[str], *, recursive: bool = False) -> int:
    """How many files of the folders given have one of :data:`UNREAD_SUFFIXES`."""
    count = 0
    for folder in filter(os.path.isdir, paths):
        for _, folders, files in os.walk(folder):
            count += sum(os.path.splitext(name)[1].lower() in UNREAD_SUFFIXES for name in files)
            if not recursive:
                folders.clear()
    return count


def _in_subfolder(entry: os.DirEntry[str]) -> Iterator[Source]:
    try:
        for source in _in_folder(entry.path, recursive=True):
            yield Source(source.path, os.path.join(entry.name, source.name), source.error)
    except OSError as error:
        yield Source(entry.path, entry.name, f"cannot be listed: {error.strerror}")
