"""A connection to a Dask cluster."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any

# A scheduler that is there answers in milliseconds.
ANSWER_SECONDS = 10


def connect(scheduler: str) -> Any:
    """A ``distributed.Client`` of the scheduler at this address, ``tcp://HOST:PORT``.

    Raises
    ------
    OSError
        If it does not answer.
    ImportError
        If Dask is not installed.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise ImportError("A cluster needs Dask: pip install '.[cluster]' in tridigit's source folder.") from error
    return _within(ANSWER_SECONDS, lambda: Client(scheduler, timeout=ANSWER_SECONDS), scheduler)


def _within(seconds: float, connect: Callable[[], Any], scheduler: str) -> Any:
    """What ``connect`` gives. Dask's own limit does not end the wait for something that listens and says nothing."""
    answers: queue.Queue[Any] = queue.Queue()

    def ask() -> None:
        try:
            answers.put(connect())
        except (OSError, ValueError) as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=seconds + 1)
    except queue.Empty as error:
        answer = error
    if isinstance(answer, Exception):
        raise OSError(f"No Dask scheduler answered at {scheduler!r} within {seconds:g} s.") from answer
    return answer
