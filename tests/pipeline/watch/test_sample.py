"""Which frames of a clip are kept."""

import weakref

import numpy as np
import pytest

from pipeline.watch.sample import keep, spread


def numbered(n):
    return (np.full((1, 1), k, np.uint16) for k in range(n))


@pytest.mark.parametrize("n", [1, 7, 8, 9, 16, 17, 100, 1000])
def test_as_many_as_are_asked_for_from_all_of_the_clip(n):
    kept = keep(numbered(n), 8)
    at = [one.at for one in kept]
    assert at == sorted(set(at)) == [int(one.gray[0, 0]) for one in kept]
    assert min(n, 4) <= len(at) <= min(n, 8)
    assert at[0] <= n / 4
    assert at[-1] >= 3 * n / 4 - 1


def test_of_each_part_the_best_is_kept():
    kept = keep(numbered(64), 4, worth=lambda gray: float(gray[0, 0] % 16 == 5))
    assert [one.at for one in kept] == [5, 21, 37, 53]


def test_memory_does_not_grow_with_the_clip():
    alive, most = weakref.WeakSet(), 0

    class Frame:
        """Can be referred to weakly, as arrays cannot be hashed."""

    def frames():
        nonlocal most
        for _ in range(500):
            alive.add(frame := Frame())
            most = max(most, len(alive))
            yield frame

    assert len(keep(frames(), 5)) <= 5
    assert most <= 2 * 5 + 3


@pytest.mark.parametrize(("n", "most", "expected"), [(3, 5, [0, 1, 2]), (10, 5, [1, 3, 5, 7, 9]), (0, 4, [])])
def test_spread_ends_with_the_last(n, most, expected):
    assert spread(n, most) == expected
