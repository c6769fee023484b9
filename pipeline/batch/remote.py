"""Files of object stores and other file systems, through fsspec: ``s3://``, ``gs://``, ``memory://``."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pipeline.extras import how_to_install
from segmenter.image import MAX_BYTES

_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


class Remote(NamedTuple):
    """A file found: its URL, its name from the folder that was given, and why it cannot be read, or ''."""

    url: str
    name: str
    error: str


def is_url(path: str) -> bool:
    """Whether a path names a file system of its own."""
    return _URL.match(path) is not None


def find_remote(url: str, suffixes: Collection[str], *, recursive: bool) -> Iterator[Remote]:
    """Files at a URL by name: of a folder those with one of ``suffixes``, of a pattern all, or the file itself.

    Raises
    ------
    FileNotFoundError
        If nothing is there.
    ValueError, ImportError
        If fsspec does not know the kind of URL, or the package for it is missing.
    OSError
        If it cannot be listed.
    """
    fs, root = _file_system(url)
    try:
        found = _pattern(fs, root) if set(root) & set("*?[") and not fs.exists(root) else _place(fs, root, recursive)
    except (OSError, ValueError, ImportError):
        raise
    except Exception as error:  # of whatever kind the store's own library raises
        raise OSError(f"{url!r} cannot be listed: {error}") from error
    if not found and not fs.exists(root):
        raise FileNotFoundError(f"Expected a pattern that matches a file. Received: {url!r}.")
    for path, (name, size) in sorted(found.items()):
        if name is None or _is_looked_at(name, suffixes):
            problem = f"A file should have at most {MAX_BYTES} bytes. Received: {size}." if size > MAX_BYTES else ""
            own = fs.unstrip_protocol(path)
            yield Remote(own, name or own, problem)


# Path -> its name in the folder that was given, None if it was not found in one, and how many bytes it has.
_Found = dict[str, tuple[str | None, int]]


def _pattern(fs: Any, pattern: str) -> _Found:
    found = fs.glob(pattern, detail=True)
    return {path: (None, _size(info)) for path, info in found.items() if info["type"] != "directory"}


def _place(fs: Any, root: str, recursive: bool) -> _Found:
    """A file, or those of a folder."""
    info = fs.info(root)
    if info["type"] != "directory":
        return {info["name"]: (None, _size(info))}
    found = fs.find(root, maxdepth=None if recursive else 1, detail=True)
    return {path: (posixpath.relpath(path, root), _size(info)) for path, info in found.items()}


def _size(info: Mapping[str, Any]) -> int:
    return info.get("size") or 0


def _is_looked_at(name: str, suffixes: Collection[str]) -> bool:
    hidden = any(part.startswith(".") for part in name.split("/"))
    return not hidden and posixpath.splitext(name)[1].lower() in suffixes


def fetch(urls: Sequence[str]) -> dict[str, bytes | Exception]:
    """The bytes of each file, or why there are none. Object stores are asked for all of them at once."""
    found = dict[str, bytes | Exception]()
    by_host = dict[tuple[str, ...], list[str]]()
    for url in urls:
        by_host.setdefault(tuple(url.split("/", 3)[:3]), []).append(url)
    for alike in by_host.values():
        try:
            fs, _ = _file_system(alike[0])
            paths = [fs._strip_protocol(url) for url in alike]
            found |= zip(alike, fs.cat_ranges(paths, None, None, on_error="return"), strict=True)
        except Exception as error:  # no such store, or a package that is missing: that costs no other file
            found |= dict.fromkeys(alike, error)
    return found


def _file_system(url: str) -> tuple[Any, str]:
    """The file system of a URL and the path in it. Nothing that was listed is kept: it would be memory."""
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise ImportError(f"A URL needs fsspec: {how_to_install('remote')}.") from error
    fs, path = url_to_fs(url, use_listings_cache=False)
    return fs, path
