"""Many files -> one row each, in a stream: bounded memory, several processes, no file stops the others."""

from __future__ import annotations

import glob
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from pipeline.debug import save_picture
from pipeline.reader import NumberReader
from pipeline.reading import Reading
from segmenter import Segmentation

SUFFIXES = frozenset(
    {".bmp", ".gif", ".jp2", ".jpeg", ".jpg", ".pbm", ".pgm", ".png", ".pnm", ".ppm", ".tif", ".tiff", ".webp"}
)


@dataclass(frozen=True)
class Source:
    """A file to read.

    Attributes
    ----------
    path : str
        Where it lies.
    name : str
        What the table calls it: relative to the folder that was given.
    """

    path: str
    name: str


@dataclass(frozen=True)
class Row:
    """One file's answer: a reading, or the reason why there is none."""

    name: str
    reading: Reading | None
    error: str = ""


def find_files(paths: Iterable[str], *, recursive: bool = False) -> Iterator[Source]:
    """Files of the paths given, those of a folder by name.

    Parameters
    ----------
    paths : iterable of str
        Files, folders, or glob patterns (``**`` for any depth). A file named outright is taken
        whatever its suffix; a folder gives the files with one of :data:`SUFFIXES`.
    recursive : bool
        Whether to look into the folders of a folder.

    Raises
    ------
    FileNotFoundError
        If a path does not exist and matches nothing.
    OSError
        If a folder cannot be listed.
    """
    for path in paths:
        if os.path.isdir(path):
            yield from _in_folder(path, recursive)
        elif os.path.lexists(path):
            yield Source(path, path)
        elif matches := sorted(glob.glob(path, recursive=True)):
            for match in matches:
                if os.path.isdir(match):
                    yield from _in_folder(match, recursive)
                else:
                    yield Source(match, match)
        else:
            raise FileNotFoundError(f"Expected a file, a folder or a pattern that matches one. Received: {path!r}.")


def _in_folder(folder: str, recursive: bool) -> Iterator[Source]:
    with os.scandir(folder) as entries:
        listed = sorted(entries, key=lambda entry: entry.name)
    for entry in listed:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            if recursive:
                for source in _in_folder(entry.path, recursive):
                    yield Source(source.path, os.path.join(entry.name, source.name))
        elif os.path.splitext(entry.name)[1].lower() in SUFFIXES:
            yield Source(entry.path, entry.name)


def read_files(
    sources: Iterable[Source],
    reader: NumberReader,
    *,
    batch_size: int = 64,
    workers: int = 1,
    debug: str | os.PathLike[str] | None = None,
) -> Iterator[Row]:
    """Read files in their order.

    Parameters
    ----------
    sources : iterable of Source
        Consumed as it goes; at most ``4 * workers * batch_size`` are held.
    reader : NumberReader
        Pickled once into every worker.
    batch_size : int
        Images classified in one call.
    workers : int
        Processes; 1 reads in this one. Scripts need the usual ``if __name__ == "__main__"`` above 1.
    debug : path, optional
        Folder for one picture a file; see :func:`pipeline.debug.draw`.

    Yields
    ------
    Row
        A file that cannot be read as an image is a row with its error.
    """
    if batch_size < 1 or workers < 1:
        raise ValueError(
            f"`batch_size` and `workers` should be at least 1. Received: batch_size={batch_size}, workers={workers}."
        )
    folder = None if debug is None else os.fspath(debug)
    stream = iter(sources)
    batches = iter(lambda: list(islice(stream, batch_size)), [])
    if workers == 1:
        for batch in batches:
            yield from _read_batch(reader, batch, folder)
        return
    # Spawned, not forked: a forked child hangs once TensorFlow has run in its parent.
    with ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=_start_worker, initargs=(reader, folder)
    ) as pool:
        running: deque[Future[list[Row]]] = deque()
        for batch in batches:
            running.append(pool.submit(_work, batch))
            if len(running) >= 4 * workers:
                yield from running.popleft().result()
        while running:
            yield from running.popleft().result()


_worker: tuple[NumberReader, str | None]


def _start_worker(reader: NumberReader, folder: str | None) -> None:
    global _worker
    _worker = reader, folder


def _work(batch: list[Source]) -> list[Row]:
    reader, folder = _worker
    return _read_batch(reader, batch, folder)


def _read_batch(reader: NumberReader, batch: list[Source], folder: str | None) -> list[Row]:
    found: list[Segmentation | str] = [_segment(reader, source) for source in batch]
    readings = iter(reader.read_segmented([s for s in found if isinstance(s, Segmentation)]))
    rows = []
    for source, segmentation in zip(batch, found, strict=True):
        if isinstance(segmentation, str):
            rows.append(Row(source.name, None, segmentation))
            continue
        reading, final = next(readings)
        if folder is not None:
            save_picture(final, reading, Path(folder), source.name)
        rows.append(Row(source.name, reading))
    return rows


def _segment(reader: NumberReader, source: Source) -> Segmentation | str:
    """The segmentation, or why there is none."""
    try:
        return reader.segment(source.path)
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    except (ValueError, TypeError) as error:
        return str(error)
    except MemoryError:
        return "too large for the memory"
