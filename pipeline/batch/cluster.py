"""Batches of work on the workers of a Dask cluster, in order; a worker that dies costs only time."""

from __future__ import annotations

import pickle
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from functools import lru_cache
from typing import Any, Generic, TypeVar

from classifier.search.cluster import ANSWER_SECONDS, connect
from pipeline import __version__

Item = TypeVar("Item")
Result = TypeVar("Result")
# Batches under way for each thread of the workers, so that none waits for the next; their results are all that is held.
AHEAD = 4
# Seconds after which the workers are counted again.
RECOUNT = 5.0
# Seconds without any worker after which none is waited for: one that died is started again sooner, or not at all.
DESERTED = 60.0


class Cluster(Generic[Item, Result]):
    """The workers of a Dask cluster; the same contract as :class:`pipeline.batch.workers.Workers`.

    Parameters
    ----------
    work : callable
        ``work(state, items) -> results``, one result an item; importable by name on the workers.
    state : object
        Pickled into every task, and kept there from task to task; so it should be small.
    dead : callable
        ``dead(item) -> result`` for an item that killed every worker it came to.
    scheduler : str
        ``tcp://HOST:PORT``
    """

    def __init__(
        self,
        work: Callable[[Any, list[Item]], list[Result]],
        state: Any,
        dead: Callable[[Item], Result],
        *,
        scheduler: str,
    ):
        self.work, self.state, self.dead, self.scheduler = work, state, dead, scheduler

    def run(self, batches: Iterable[list[Item]]) -> Iterator[Result]:
        """Results of all batches in their order; at most ``AHEAD`` batches a thread are under way.

        Raises
        ------
        OSError
            If the scheduler does not answer or goes away; if it has no workers, or for ``DESERTED`` seconds none any
            more; if the work fails on a worker.
        """
        waiting: deque[tuple[list[Item], Any]] = deque()
        with connect(self.scheduler) as client:
            submit, workers = self._submitter(client), _Workers(client)
            for items in batches:
                waiting.append((items, submit(items)))
                while len(waiting) >= workers.room():
                    yield from self._results(*waiting.popleft(), submit, workers)
            while waiting:
                yield from self._results(*waiting.popleft(), submit, workers)

    def _submitter(self, client: Any) -> Callable[[list[Item]], Any]:
        try:
            client.wait_for_workers(1, timeout=ANSWER_SECONDS)
        except TimeoutError as error:
            raise OSError(f"The Dask scheduler at {self.scheduler!r} has no workers.") from error
        state = pickle.dumps(self.state)
        return lambda items: client.submit(_run, __version__, self.work, state, items, pure=False)

    def _results(
        self, items: list[Item], future: Any, submit: Callable[[list[Item]], Any], workers: _Workers
    ) -> list[Result]:
        """Results of a batch. Dask itself starts it again where a worker dies, but not for ever."""
        from distributed import KilledWorker

        if not workers.finish(future):
            raise OSError(f"The Dask scheduler at {self.scheduler!r} has lost all its workers.")
        try:
            return list(future.result())
        except KilledWorker:
            if len(items) == 1:
                return [self.dead(items[0])]
            # Each item alone, so that a death has one cause.
            return [result for item in items for result in self._results([item], submit([item]), submit, workers)]
        except CancelledError as error:
            raise OSError(f"The Dask scheduler at {self.scheduler!r} went away.") from error
        except Exception as error:
            raise OSError(f"A worker of {self.scheduler!r} failed: {type(error).__name__}: {error}") from error


class _Workers:
    """The workers that the cluster has just now: they come and go."""

    def __init__(self, client: Any):
        self._client, self._counted, self._threads = client, float("-inf"), 1

    def room(self) -> int:
        """How many batches may be under way, by the workers' threads."""
        if time.monotonic() - self._counted > RECOUNT:
            self._threads = max(1, self._count())
            self._counted = time.monotonic()
        return AHEAD * self._threads

    def finish(self, future: Any) -> bool:
        """Wait until a batch is done or has failed; false if there has been no worker for ``DESERTED`` seconds.

        Dask would wait for ever: a worker that dies while it starts is not started again.
        """
        from distributed import wait

        seen = time.monotonic()
        while not future.done():
            try:
                wait(future, timeout=RECOUNT)
            except TimeoutError:
                if self._count():
                    seen = time.monotonic()
                elif time.monotonic() - seen > DESERTED:
                    return False
            except CancelledError:
                break
        return True

    def _count(self) -> int:
        return sum(self._client.ncores().values())


def _run(version: str, work: Callable[[Any, list[Any]], list[Any]], state: bytes, items: list[Any]) -> list[Any]:
    if version != __version__:
        raise ValueError(f"all should have the same tridigit. Received: {version} of the client, {__version__} here")
    return work(_loaded(state), items)


@lru_cache(maxsize=2)
def _loaded(state: bytes) -> Any:
    """Networks are loaded once in every worker."""
    return pickle.loads(state)
