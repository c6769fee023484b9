"""Files of object stores and other file systems, through fsspec: ``s3://``, ``gs://``, ``memory://``."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

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
    if set(root) & set("*?[") and not fs.exists(root):
        found = {path: info for path, info in fs.glob(root, detail=True).items() if info["type"] != "directory"}
        if not found:
            raise FileNotFoundError(f"Expected a pattern that matches a file. Received: {url!r}.")
        yield from (_remote(fs, path, fs.unstrip_protocol(path), found[path]) for path in sorted(found))
        return
    info = fs.info(root)
    if info["type"] != "directory":
        yield _remote(fs, info["name"], url, info)
        return
    listed = fs.find(root, maxdepth=None if recursive else 1, detail=True)
    for path in sorted(listed):
        name = posixpath.relpath(path, root)
        hidden = any(part.startswith(".") for part in name.split("/"))
        if not hidden and posixpath.splitext(name)[1].lower() in suffixes:
            yield _remote(fs, path, name, listed[path])


def fetch(urls: Sequence[str]) -> dict[str, bytes | Exception]:
    """The bytes of each file, or why there are none. Object stores are asked for all of them at once."""
    found = dict[str, bytes | Exception]()
    by_kind = dict[str, list[str]]()
    for url in urls:
        by_kind.setdefault(url.partition("://")[0], []).append(url)
    for alike in by_kind.values():
        fs, _ = _file_system(alike[0])
        paths = [fs._strip_protocol(url) for url in alike]
        found |= zip(alike, fs.cat_ranges(paths, None, None, on_error="return"), strict=True)
    return found


def _remote(fs: Any, path: str, name: str, info: Mapping[str, Any]) -> Remote:
    size = info.get("size") or 0
    error = f"A file should have at most {MAX_BYTES} bytes. Received: {size}." if size > MAX_BYTES else ""
    return Remote(fs.unstrip_protocol(path), name, error)


def _file_system(url: str) -> tuple[Any, str]:
    """The file system of a URL and the path in it. Nothing that was listed is kept: it would be memory."""
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise ImportError("A URL needs fsspec: pip install 'tridigit[remote]'.") from error
    fs, path = url_to_fs(url, use_listings_cache=False)
    return fs, path
