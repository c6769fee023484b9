"""Singular and plural."""

from __future__ import annotations


def how_many(n: int, noun: str) -> str:
    """A count with its noun.

    >>> how_many(1, "field"), how_many(2_000, "field")
    ('1 field', '2,000 fields')
    """
    return f"{n:,} {noun}{'s' * (n != 1)}"
