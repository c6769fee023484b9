"""Batches of work in several processes, in order, with bounded memory; a process that dies costs only its file."""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from typing import Any, Generic, TypeVar

import cv2

Item = TypeVar("Item")
Result = TypeVar("Result")


@contextmanager
def one_opencv_thread() -> Iterator[None]:
    """Fields are small: OpenCV's threads take twice the processor time. What the process had comes back."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


@dataclass
class _Batch(Generic[Item, Result]):
    items: list[Item]
    future: Future[list[Result]]
    broken: int = 0


class Workers(Generic[Item, Result]):
    """Processes that each hold one state.

    Parameters
    ----------
    work : callable
        ``work(state, items) -> results``, one result an item; importable by name.
    state : object
        Pickled once into every process.
    dead : callable
        ``dead(item) -> result`` for an item whose process died.
    count : int
        Number of processes.
    """

    def __init__(
        self,
        work: Callable[[Any, list[Item]], list[Result]],
        state: Any,
        dead: Callable[[Item], Result],
        *,
        count: int,
    ):
        self.work, self.state, self.dead, self.count = work, state, dead, count

    def run(self, batches: Iterable[list[Item]]) -> Iterator[Result]:
        """Results of all batches in their order; at most ``4 * count`` batches are under way."""
        waiting: deque[_Batch[Item, Result]] = deque()
        self._pool = self._start(self.count)
        try:
            for items in batches:
                waiting.append(_Batch(items, self._submit(items)))
                if len(waiting) >= 4 * self.count:
                    yield from self._first(waiting)
            while waiting:
                yield from self._first(waiting)
        finally:
            self._pool.shutdown(cancel_futures=True)

    def _start(self, count: int) -> ProcessPoolExecutor:
        # Spawned, not forked: a forked child hangs once TensorFlow has run in its parent.
        return ProcessPoolExecutor(
            count, mp_context=get_context("spawn"), initializer=_become_worker, initargs=(self.work, self.state)
        )

    def _submit(self, items: list[Item]) -> Future[list[Result]]:
        with _no_interrupt():
            try:
                return self._pool.submit(_run, items)
            except BrokenProcessPool:  # a process died since; its batch is started again when its turn comes
                self._pool.shutdown()
                self._pool = self._start(self.count)
                return self._pool.submit(_run, items)

    def _first(self, waiting: deque[_Batch[Item, Result]]) -> list[Result]:
        """Results of the first batch waiting; where a process died, everything unfinished is started again."""
        first = waiting[0]
        while True:
            try:
                results = first.future.result()
            except BrokenProcessPool:
                first.broken += 1
                if first.broken == 2:
                    results = self._one_by_one(first.items)
                self._pool.shutdown()
                self._pool = self._start(self.count)
                for batch in waiting:
                    if batch.future.done() and batch.future.exception() and (batch is not first or first.broken < 2):
                        batch.future = self._submit(batch.items)
                if first.broken < 2:
                    continue
            waiting.popleft()
            return results

    def _one_by_one(self, items: list[Item]) -> list[Result]:
        """Each item alone in the only process of a pool, so that a death has one cause."""
        results: list[Result] = []
        for item in items:
            with self._start(1) as pool:
                try:
                    results += pool.submit(_run, [item]).result()
                except BrokenProcessPool:
                    results.append(self.dead(item))
        return results


@contextmanager
def _no_interrupt() -> Iterator[None]:
    """Processes started here inherit that Ctrl-C is not theirs to handle."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_task: tuple[Callable[[Any, list[Any]], list[Any]], Any]


def _become_worker(work: Callable[[Any, list[Any]], list[Any]], state: Any) -> None:
    global _task
    _task = work, state
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if (parent := parent_process()) is not None:
        parent.join()
        os._exit(1)


def _run(items: list[Any]) -> list[Any]:
    work, state = _task
    return work(state, items)
