"""Columns of a field, each with the probabilities of its symbols -> how many digits there are, and which.

Connectionist temporal classification (Graves et al., "Connectionist temporal classification: labelling unsegmented
sequence data with recurrent neural networks", 2006): a column shows a digit, other writing, or nothing; neighbouring
columns of one digit are one digit. What follows sums over all ways in which the columns may be read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.number_format import MOST_DIGITS

# Classes of a column beside the ten digits.
OTHER, NOTHING = 10, 11
N_SYMBOLS = 12
# The last entry of a distribution of counts means "more" than these.
MOST = MOST_DIGITS


@dataclass(frozen=True, eq=False)
class Columns:
    """What a batch of fields shows, summed over all readings of their columns.

    Attributes
    ----------
    counts : (n, 8) float32
        Probability of 0 to 6 digits, and of more; rows sum to 1.
    plain : (n,) float32
        Probability that there is no other writing: letters, signs, halves of digits, strokes through them.
    joint : (n, 6, 6, 10) float32
        Probability that there are k + 1 digits, and that the one at a place is d.
    """

    counts: NDArray[np.float32]
    plain: NDArray[np.float32]
    joint: NDArray[np.float32]

    def digits(self, count: int) -> NDArray[np.float32]:
        """Probabilities of the digit at each place, given that there are ``count``.

        Returns
        -------
        (n, count, 10) float32
            Rows sum to 1.
        """
        if not 1 <= count <= MOST:
            raise ValueError(f"`count` should lie between 1 and {MOST}. Received: {count}.")
        of_count = self.joint[:, count - 1, :count]
        return np.asarray(of_count / np.maximum(of_count.sum(axis=-1, keepdims=True), 1e-30), np.float32)

    @property
    def certainty(self) -> NDArray[np.float32]:
        """(n,) probability of the best reading: its count, its digits, and no other writing."""
        best = [self.counts[:, 0]]
        best += [self.counts[:, k] * self.digits(k).max(axis=2).prod(axis=1) for k in range(1, MOST + 1)]
        return np.asarray(self.plain * np.max(best, axis=0))

    def with_views(self, fields: NDArray[np.intp], views: Columns) -> Columns:
        """The mean over these and further views: view k is one of field ``fields[k]``."""
        shares = 1 + np.bincount(fields, minlength=len(self.plain))
        tables = []
        for name in ("counts", "plain", "joint"):
            table = getattr(self, name).copy()
            np.add.at(table, fields, getattr(views, name))
            tables.append(table / shares.reshape(-1, *[1] * (table.ndim - 1)).astype(np.float32))
        return Columns(*tables)


def read_columns(probabilities: NDArray[np.float32]) -> Columns:
    """Sum over all readings of the columns of a batch.

    Parameters
    ----------
    probabilities : (n, T, 12) float32
        Of the ten digits, of other writing and of nothing; rows sum to 1.
    """
    p = np.asarray(probabilities, np.float32)
    digit, gap = p[:, :, :OTHER], p[:, :, OTHER] + p[:, :, NOTHING]
    counts, entered = _forward(digit, gap)
    rest = _backward(digit, gap)
    joint = np.zeros((len(p), MOST, MOST, 10), np.float32)
    for count in range(1, MOST + 1):
        # A digit at place j begins in some column, and count - 1 - j more follow.
        begins, follow = entered[:, :, 1 : count + 1], rest[:, :, count - 1 :: -1][:, :, :count]
        joint[:, count - 1, :count] = (begins * follow).sum(axis=1)
    return Columns(counts, np.asarray((1 - p[:, :, OTHER]).prod(axis=1)), joint)


def best_numbers(columns: Columns) -> NDArray[np.str_]:
    """Most probable digits of the most probable count, (n,) str; '' where that is none or more than six."""
    counts = columns.counts.argmax(axis=1)
    found = np.full(len(counts), "", f"<U{MOST}")
    for count in set(counts.tolist()) - {0, MOST + 1}:
        rows = np.flatnonzero(counts == count)
        digits = columns.digits(count)[rows].argmax(axis=2)
        found[rows] = ["".join(map(str, row)) for row in digits.tolist()]
    return found


def _forward(digit: NDArray[np.float32], gap: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Distribution of the count (n, 8), and the probability that digit k begins in column t as d, (n, T, 8, 10)."""
    n, columns, _ = digit.shape
    inside, between = np.zeros((n, MOST + 2, 10), np.float32), np.zeros((n, MOST + 2), np.float32)
    between[:, 0] = 1
    entered = np.zeros((n, columns, MOST + 2, 10), np.float32)
    for t in range(columns):
        total = between + inside.sum(axis=2)
        # A new digit begins after a gap or after another digit.
        entered[:, t, 1:] = (total[:, :-1, None] - inside[:, :-1]) * digit[:, t, None]
        entered[:, t, -1] += (total[:, -1:] - inside[:, -1]) * digit[:, t]
        inside = inside * digit[:, t, None] + entered[:, t]
        between = total * gap[:, t, None]
    return between + inside.sum(axis=2), entered


def _backward(digit: NDArray[np.float32], gap: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probability that r more digits follow after column t, which shows d, (n, T, 7, 10)."""
    n, columns, _ = digit.shape
    rest = np.zeros((n, columns, MOST + 1, 10), np.float32)
    inside, between = np.zeros((n, MOST + 1, 10), np.float32), np.zeros((n, MOST + 1), np.float32)
    inside[:, 0], between[:, 0] = 1, 1
    for t in range(columns - 1, -1, -1):
        rest[:, t] = inside
        begin = digit[:, t, None] * inside
        any_begins = np.zeros_like(between)
        any_begins[:, 1:] = begin[:, :-1].sum(axis=2)
        stay = gap[:, t, None] * between
        # From a digit: the same one goes on, a gap comes, or another digit begins.
        inside = begin + (stay + any_begins)[:, :, None]
        inside[:, 1:] -= begin[:, :-1]
        between = stay + any_begins
    return rest
