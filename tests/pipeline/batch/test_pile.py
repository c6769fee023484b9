"""Piles: every source comes back, in order, however many there are."""

import os

from pipeline.batch.files import Source
from pipeline.batch.pile import Pile


def numbered(n):
    return [Source(f"/scans/{k}.png", f"{k}.png") for k in range(n)]


def test_sources_come_back_in_order_as_often_as_asked():
    pile = Pile(numbered(2500))
    assert len(pile) == 2500
    first = iter(pile)
    next(first)
    assert list(pile) == list(pile) == numbered(2500)
    assert len(list(first)) == 2499


def test_strange_names_and_errors_come_back():
    strange = Source("a\nb\r\x85.png", os.fsdecode(b"caf\xe9.png"), "cannot be listed: no")
    assert list(Pile([strange] * 1001)) == [strange] * 1001


def test_the_digest_is_that_of_the_files_in_their_order():
    a, b = numbered(2)
    assert Pile([a, b]).digest == Pile([a, b]).digest
    assert len({Pile(sources).digest for sources in ([], [a], [a, b], [b, a], [a, a])}) == 5


def test_a_hundred_thousand_names_take_less_than_a_megabyte():
    pile = Pile(numbered(100_000))
    assert sum(map(len, pile._packed)) < 1_000_000
