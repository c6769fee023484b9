"""A clip of any length -> a few of its frames, in memory that does not grow with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Kept:
    """A frame that was kept.

    Attributes
    ----------
    at : int
        Which frame of the clip it is, from 0.
    gray : (H, W) uint8
    worth : float
        The higher, the rather it is kept.
    """

    at: int
    gray: Gray
    worth: float


def keep(frames: Iterable[Gray], most: int, worth: Callable[[Gray], float] = lambda _: 0.0) -> list[Kept]:
    """At most ``most`` frames, one of each of as many equal parts of the clip: the one that is worth most.

    How long the clip is shows only at its end: whenever there are twice as many as may be kept, the better one of
    each two neighbours stays, and the parts are twice as long from then on.
    """
    kept: list[Kept] = []
    best: Kept | None = None
    length, inside = 1, 0
    for at, gray in enumerate(frames):
        seen = Kept(at, gray, worth(gray))
        best = seen if best is None or seen.worth > best.worth else best
        inside += 1
        if inside == length:
            kept.append(best)
            best, inside = None, 0
        if len(kept) == 2 * most:
            kept, length = _better_halves(kept), 2 * length
    kept += [best] if best is not None else []
    while len(kept) > most:
        kept = _better_halves(kept)
    return kept


def _better_halves(kept: list[Kept]) -> list[Kept]:
    """The better one of each two neighbours; of an odd number the last stays."""
    pairs = [kept[k : k + 2] for k in range(0, len(kept), 2)]
    return [max(pair, key=lambda one: one.worth) for pair in pairs]


def spread(n: int, most: int) -> list[int]:
    """At most ``most`` indices of ``n``, evenly apart, the last among them."""
    return sorted({round((k + 1) * n / most) - 1 for k in range(most)} if n > most else set(range(n)))
