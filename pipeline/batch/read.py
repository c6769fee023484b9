"""Many files -> one row each, in a stream: bounded memory, several processes or machines, no file stops the others."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from pipeline.batch.cluster import Cluster
from pipeline.batch.files import Source, why_unreadable
from pipeline.batch.remote import fetch, is_url
from pipeline.batch.workers import Workers, one_opencv_thread
from pipeline.reader import NumberReader
from pipeline.reading import Reading
from pipeline.show.picture import save_picture
from segmenter import Writing


@dataclass(frozen=True, eq=False)
class Row:
    """One file's answer: a reading, or the reason why there is none."""

    name: str
    reading: Reading | None
    error: str = ""


def read_files(
    sources: Iterable[Source],
    reader: NumberReader,
    *,
    batch_size: int = 64,
    workers: int = 1,
    scheduler: str | None = None,
    debug: str | os.PathLike[str] | None = None,
) -> Iterator[Row]:
    """Read files in their order.

    Parameters
    ----------
    sources : iterable of Source
        Consumed as it goes; at most ``4 * workers * batch_size`` are held. Paths may be URLs that fsspec knows.
    reader : NumberReader
        Pickled into every worker.
    batch_size : int
        Images classified in one call.
    workers : int
        Processes; 1 reads in this one. Scripts need the usual ``if __name__ == "__main__"`` above 1.
    scheduler : str, optional
        Address of a Dask scheduler, ``tcp://…``, whose workers read instead. They need the same package, and the
        files under the same paths.
    debug : path, optional
        Folder for one picture a file; see :func:`pipeline.show.picture.draw`.

    Yields
    ------
    Row
        A file that cannot be read as an image is a row with its error.

    Raises
    ------
    OSError
        If the cluster does not answer or fails.
    """
    if batch_size < 1 or workers < 1:
        raise ValueError(
            f"`batch_size` and `workers` should be at least 1. Received: batch_size={batch_size}, workers={workers}."
        )
    # Workers of a cluster may stand in another folder.
    state = reader, None if debug is None else os.path.abspath(debug)
    stream = iter(sources) if scheduler is None else map(_absolute, sources)
    batches = iter(lambda: list(islice(stream, batch_size)), [])
    if scheduler is not None:
        yield from Cluster(_read_batch, state, _died, scheduler=scheduler).run(batches)
    elif workers == 1:
        for batch in batches:
            yield from _read_batch(state, batch)
    else:
        yield from Workers(_read_batch, state, _died, count=workers).run(batches)


def _absolute(source: Source) -> Source:
    return source if is_url(source.path) else replace(source, path=os.path.abspath(source.path))


def _died(source: Source) -> Row:
    return Row(source.name, None, "the process that read it died")


def _read_batch(state: tuple[NumberReader, str | None], batch: list[Source]) -> list[Row]:
    reader, folder = state
    fetched = fetch([source.path for source in batch if is_url(source.path) and not source.error])
    with one_opencv_thread():
        found: list[Writing | str] = [_segment(reader, source, fetched.get(source.path)) for source in batch]
        readings = iter(reader.read_segmented([s for s in found if isinstance(s, Writing)]))
    rows = []
    for source, writing in zip(batch, found, strict=True):
        if isinstance(writing, str):
            rows.append(Row(source.name, None, writing))
            continue
        reading, final = next(readings)
        if folder is not None:
            _draw(final, reading, folder, source.name)
        rows.append(Row(source.name, reading))
    return rows


def _segment(reader: NumberReader, source: Source, fetched: bytes | Exception | None) -> Writing | str:
    """The segmentation, or why there is none; of the bytes, if the file was fetched from elsewhere."""
    if source.error:
        return source.error
    if isinstance(fetched, Exception):  # of whatever kind the store's own library raises
        return f"cannot be read: {fetched}"
    try:
        return reader.segment(source.path if fetched is None else fetched)
    except (OSError, ValueError, TypeError, MemoryError) as error:
        return why_unreadable(error)


def _draw(writing: Writing, reading: Reading, folder: str, name: str) -> None:
    """Save the picture; one that cannot be written must not cost the row."""
    try:
        save_picture(writing, reading, Path(folder), name)
    except OSError as error:
        warnings.warn(f"No picture of {name!r}: {error.strerror or error}.", stacklevel=2)
