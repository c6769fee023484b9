"""How far a batch has come: a bar on a terminal, a line a minute elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import TextIO, TypeVar

Item = TypeVar("Item")
MINUTE = 60.0


def follow(
    items: Iterable[Item], total: int, *, begun: int = 0, file: TextIO | None = None, every: float = MINUTE
) -> Iterator[Item]:
    """Pass items on and tell how many came, at which rate, and when the last is to be expected.

    Parameters
    ----------
    total, begun : int
        How many there are in all, and how many of them came in an earlier run.
    file : text file, optional
        Default: standard error; if that is closed, nothing is told.
    every : float
        Seconds between two lines where ``file`` is no terminal. They come even when no item does.
    """
    file = sys.stderr if file is None else file
    if file is None:
        yield from items
    elif file.isatty():
        from tqdm import tqdm

        yield from tqdm(items, total=total, initial=begun, unit="image", file=file)
    else:
        yield from _with_lines(items, total, begun, file, every)


def _with_lines(items: Iterable[Item], total: int, begun: int, file: TextIO, every: float) -> Iterator[Item]:
    came, began, ended = begun, time.monotonic(), threading.Event()

    def tell() -> None:
        while not ended.wait(every):
            print(line(came, total, begun=begun, seconds=time.monotonic() - began), file=file, flush=True)

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        for item in items:
            came += 1
            yield item
    finally:
        ended.set()
        teller.join()


def line(came: int, total: int, *, begun: int, seconds: float) -> str:
    """The line after ``seconds``, in which ``came - begun`` items came.

    >>> line(6000, 20000, begun=0, seconds=60)
    'tridigit: 6,000 of 20,000 images, 100.0 a second, 0:02:20 left'
    """
    rate = (came - begun) / seconds
    left = f", {timedelta(seconds=round((total - came) / rate))} left" if rate else ""
    return f"tridigit: {came:,} of {total:,} images, {rate:.1f} a second{left}"
