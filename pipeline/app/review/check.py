"""The promise of `accept`, checked on a sample of the accepted fields of one's own pile."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.app.review.store import Store
from pipeline.grammar import how_many


@dataclass(frozen=True)
class Checked:
    """Accepted fields that a person looked at without knowing.

    Attributes
    ----------
    n : int
        Those of which the person said what they show.
    wrong : int
        Those of ``n`` that show something else than was accepted.
    open : int
        Those that the person could not read.
    """

    n: int
    wrong: int
    open: int = 0

    @property
    def interval(self) -> tuple[float, float]:
        """95% interval of the share that is wrong (Wilson, 1927)."""
        from pipeline.benchmark.metrics import Share

        return Share(self.wrong, self.n).interval


def accepted_are_wrong(store: Store) -> str:
    """The result in words; '' before the first."""
    found = Checked(*store.counts_of_accepted())
    if not found.n:
        return ""
    low, high = found.interval
    looked_at = how_many(found.n, "accepted field")
    return f"Of {looked_at} looked at, {found.wrong:,} wrong: {low:.1%} to {high:.1%} of all (95%)."
