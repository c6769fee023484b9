"""Processes that die cost only the item that killed them."""

import os
import signal
import time

import pytest

from pipeline.batch.workers import Workers

pytestmark = pytest.mark.slow


def square(state, items):
    """Kills its process at a seven."""
    for item in items:
        if item == 7:
            os.kill(os.getpid(), signal.SIGKILL)
    return [state * item**2 for item in items]


def negative(item):
    return -item


def test_results_come_in_order():
    batches = [[1, 2], [3], [4, 5, 6]]
    assert list(Workers(square, 10, negative, count=2).run(batches)) == [10, 40, 90, 160, 250, 360]


def test_a_dead_process_costs_its_item_alone():
    batches = [[1, 2], [6, 7, 8], [9]]
    assert list(Workers(square, 1, negative, count=2).run(batches)) == [1, 4, 36, -7, 64, 81]


def test_a_process_may_die_while_nobody_waits():
    batches = ([k] for k in (1, 7, *range(10, 30)))
    results = []
    for result in Workers(square, 1, negative, count=2).run(batches):
        results.append(result)
        time.sleep(0.1)
    assert results == [1, -7, *(k**2 for k in range(10, 30))]


def test_batches_are_taken_as_they_are_needed():
    taken = []

    def batches():
        for k in range(40):
            taken.append(k)
            yield [1]

    results = Workers(square, 1, negative, count=1).run(batches())
    next(results)
    assert len(taken) <= 5
    results.close()
