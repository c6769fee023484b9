"""Where the fits of a search run: processes of this machine, or the workers of a Dask cluster."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import joblib

from classifier.search.cluster import ANSWER_SECONDS, connect

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
    client = connect(scheduler)
    from distributed.diagnostics.plugin import WorkerPlugin

    class OneThread(WorkerPlugin):
        """Is set up before the first fit, also on workers that join later."""

        def setup(self, worker: Any) -> None:
            os.environ[THREADS] = "1"

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
