"""Files -> a row for each: the answer of every label group and its probability."""

from __future__ import annotations

import csv
import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from os import PathLike
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from classifier.data.images import resized
from classifier.runtime import GroupRuntime
from pipeline.batch.files import Source, why_unreadable
from pipeline.batch.sinks import no_formula
from segmenter import load_rgb

# Images that one thread decodes and then answers, while another does the same with the next.
BATCH = 32
MODEL = "labels.onnx"


def load_model(folder: str | PathLike[str]) -> GroupRuntime:
    """The network in a folder of ``tridigit train labels``.

    Raises
    ------
    OSError, ValueError
        If there is none, or it is of another version.
    """
    return GroupRuntime(Path(folder) / MODEL)


def find_networks(folder: str | PathLike[str]) -> dict[str, Path]:
    """Name -> folder of each network in a folder of ``tridigit train labels`` or ``tridigit compare``.

    Raises
    ------
    ValueError
        If there is none.
    """
    found = [path.parent for pattern in (MODEL, f"*/{MODEL}") for path in sorted(Path(folder).glob(pattern))]
    if not found:
        raise ValueError(f"Expected {MODEL} in the folder, or in a folder in it. Received: {str(folder)!r}.")
    return {path.resolve().name: path for path in found}


def header(network: GroupRuntime) -> list[str]:
    """Names of the columns."""
    return ["path", *(name for group in network.classes_ for name in (group, f"{group}_probability")), "error"]


def answer_files(sources: Iterable[Source], network: GroupRuntime) -> Iterator[list[str]]:
    """A row for each file, in order: of one that is no image, the reason stands in the last column."""
    sources, threads = iter(sources), os.cpu_count() or 1
    waiting: deque[Future[list[list[str]]]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        while batch := list(islice(sources, BATCH)):
            waiting.append(pool.submit(_rows, batch, network))
            if len(waiting) > 2 * threads:
                yield from waiting.popleft().result()
        for under_way in waiting:
            yield from under_way.result()


def _rows(batch: Sequence[Source], network: GroupRuntime) -> list[list[str]]:
    decoded = [_decoded(source, network.size) for source in batch]
    images = [image for image in decoded if not isinstance(image, str)]
    answers = iter(_answers(np.array(images, np.uint8).reshape(-1, network.size, network.size, 3), network))
    rows = []
    for source, image in zip(batch, decoded, strict=True):
        failed = isinstance(image, str)
        cells = [""] * 2 * len(network.classes_) if failed else next(answers)
        rows.append([no_formula(source.name), *cells, str(image) if failed else ""])
    return rows


def _decoded(source: Source, size: int) -> NDArray[np.uint8] | str:
    """The image, or why there is none."""
    if source.error:
        return source.error
    try:
        image: NDArray[np.uint8] = resized(load_rgb(source.path)[None], size)[0]
        return image
    except (OSError, ValueError, MemoryError) as error:
        return why_unreadable(error)


def _answers(images: NDArray[np.uint8], network: GroupRuntime) -> list[list[str]]:
    rows: list[list[str]] = [[] for _ in images]
    for group, p in network.predict_proba(images).items():
        for row, label, best in zip(rows, network.classes_[group][p.argmax(axis=1)], p.max(axis=1), strict=True):
            row += [str(label), f"{best:.4f}"]
    return rows


def write_answers(rows: Iterable[Sequence[str]], network: GroupRuntime, out: TextIO) -> tuple[int, int]:
    """Write them as CSV; returns how many there are, and how many without an answer."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header(network))
    n = failed = 0
    for row in rows:
        writer.writerow(row)
        n, failed = n + 1, failed + bool(row[-1])
    return n, failed
