"""Where the fits of a search run: processes of this machine, or the workers of a Dask cluster."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import joblib

# A scheduler that is there answers in milliseconds.
ANSWER_SECONDS = 10
THREADS = "TF_NUM_INTRAOP_THREADS"


@contextmanager
def workers(jobs: int, scheduler: str | None) -> Iterator[joblib.Parallel]:
    """Processes of this machine, started anew (never forked: TensorFlow would hang), or a Dask cluster's workers.

    Raises
    ------
    OSError
        If the scheduler does not answer.
    """
    if scheduler is None:
        with _one_thread(), joblib.parallel_config("loky", n_jobs=jobs):  # processes started here inherit it
            yield joblib.Parallel(return_as="generator_unordered")
        return
    try:
        from distributed import Client
        from distributed.diagnostics.plugin import WorkerPlugin
    except ImportError as error:
        raise ImportError("A search on a cluster needs Dask: pip install 'tridigit[cluster]'.") from error

    class OneThread(WorkerPlugin):
        """Is set up before the first fit, also on workers that join later."""

        def setup(self, worker: Any) -> None:
            os.environ[THREADS] = "1"

    client = _within(ANSWER_SECONDS, lambda: Client(scheduler, timeout=ANSWER_SECONDS), scheduler)
    with client, joblib.parallel_config("dask", wait_for_workers_timeout=ANSWER_SECONDS):
        client.register_plugin(OneThread(), name="tridigit-one-thread")
        yield joblib.Parallel(return_as="generator_unordered")


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let TensorFlow compute with one thread, so that scores depend neither on cores nor on jobs.

    It reads this when it runs its first operation, which may be while an estimator is unpickled.
    """
    before = os.environ.get(THREADS)
    os.environ[THREADS] = "1"
    try:
        yield
    finally:
        os.environ.pop(THREADS)
        if before is not None:
            os.environ[THREADS] = before


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
