"""Files of pages -> one row a page, in a stream, with several processes; no page stops the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from pipeline.batch.files import Source, why_unreadable
from pipeline.batch.workers import Workers, one_opencv_thread
from pipeline.forms.pages import count_pages, load_page
from pipeline.forms.reader import Cut, FormReader
from pipeline.forms.table import PageRow
from segmenter import Segmenter
from segmenter.image import MAX_PIXELS, Gray

# Pages that a process reads in one call: their fields are read together.
TOGETHER = 8


@dataclass(frozen=True, slots=True)
class Page:
    """A page to read: its file, and which of the file's pages it is, from 1."""

    source: Source
    number: int = 1


def find_pages(sources: Iterable[Source]) -> Iterator[Page]:
    """Every page of these files; a file that cannot be opened is one, which says why."""
    for source in sources:
        count, error = 1, source.error
        try:
            count = count if error else count_pages(source.path)
        except OSError as problem:
            error = f"cannot be read: {problem.strerror or problem}"
        except (ValueError, ImportError) as problem:
            error = str(problem)
        for number in range(1, max(1, count) + 1):
            yield Page(Source(source.path, source.name, error), number)


def read_pages(pages: Iterable[Page], reader: FormReader, *, workers: int = 1) -> Iterator[PageRow]:
    """Read pages in their order.

    Parameters
    ----------
    pages : iterable of Page
        Consumed as it goes.
    reader : FormReader
        Pickled into every worker.
    workers : int
        Processes; 1 reads in this one. Scripts need the usual ``if __name__ == "__main__"`` above 1.

    Yields
    ------
    PageRow
        A page that cannot be loaded is a row with its error; one that fits no form a row that says so.
    """
    if workers < 1:
        raise ValueError(f"`workers` should be at least 1. Received: {workers}.")
    stream = iter(pages)
    batches = iter(lambda: list(islice(stream, TOGETHER)), [])
    if workers == 1:
        for batch in batches:
            yield from _read_batch(reader, batch)
    else:
        yield from Workers(_read_batch, reader, _died, count=workers).run(batches)


def _died(page: Page) -> PageRow:
    return PageRow(page.source.name, page.number, None, "the process that read it died")


def _read_batch(reader: FormReader, batch: list[Page]) -> list[PageRow]:
    with one_opencv_thread():
        cut = [_cut(reader, page) for page in batch]
        readings = iter(reader.read_cut([one for one, error in cut if not error]))
    return [
        PageRow(page.source.name, page.number, None, error)
        if error
        else PageRow(page.source.name, page.number, next(readings))
        for page, (_, error) in zip(batch, cut, strict=True)
    ]


def _cut(reader: FormReader, page: Page) -> tuple[Cut | str, str]:
    """What is on the page, and why it cannot be looked at; '' if it can."""
    image = load(page, max_pixels=_max_pixels(reader))
    return ("", image) if isinstance(image, str) else (reader.cut(image), "")


def load(page: Page, *, max_pixels: int = MAX_PIXELS) -> Gray | str:
    """The picture of a page, or why there is none."""
    if page.source.error:
        return page.source.error
    try:
        return load_page(page.source.path, page.number, max_pixels=max_pixels)
    except (OSError, ValueError, ImportError, MemoryError) as error:
        return why_unreadable(error)


def _max_pixels(reader: FormReader) -> int:
    """The limit of the fields' reader holds for pages, too."""
    return int((reader.reader.segmenter or Segmenter()).max_pixels)
