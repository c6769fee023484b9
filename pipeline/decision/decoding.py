"""Probabilities of candidate digits -> the best way through the pieces for each number of digits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmenter import Segmentation

# Longer numbers are not told apart.
MAX_DIGITS = 6
# Log-probabilities, so that they add up with the network's own.
SKIP = -2.5  # leave a piece out of the number
SKIP_INK = -6.0  # and for leaving out all the ink there is
SKIP_EDGE = 1.5  # back for a piece cut off by the image's border: it belongs to a neighbouring field
SHARED, MOST_SHARED = -0.5, 1  # begin a digit before the one on its left ends, for each piece of both; at most so many
CROSSED = -0.15  # end a digit at a cut, for each stroke width of ink crossed
OTHER_COUNT = -1.0  # read another number of digits than the format has
# Another count with more than this is no doubt what is there: of three touching digits next to none look so plain.
PLAIN_COUNT = -0.02


@dataclass(frozen=True)
class Path:
    """One way through the pieces from left to right.

    Attributes
    ----------
    candidates : tuple of int
        Indices of the chosen candidates.
    score : float
        Sum of log-probabilities; 0 is certain.
    """

    candidates: tuple[int, ...]
    score: float


def best_paths(segmentation: Segmentation, probabilities: NDArray[np.float32]) -> list[Path]:
    """The best path for each number of digits, by dynamic programming over the pieces.

    Parameters
    ----------
    segmentation : Segmentation
        Pieces and candidates.
    probabilities : (n, 10) float32
        Digit probabilities of each candidate.

    Returns
    -------
    list of Path
        Entry k reads k digits, up to :data:`MAX_DIGITS`; its score is -inf where there is no such path.
    """
    pieces = len(segmentation.pieces)
    value = candidate_scores(segmentation, probabilities)
    skip = _skip_scores(segmentation)
    score = np.full((MAX_DIGITS + 1, pieces + 1), -np.inf)
    score[0, 0] = 0.0
    chosen = np.full((MAX_DIGITS + 1, pieces + 1), -1)
    before = np.zeros((MAX_DIGITS + 1, pieces + 1), int)  # where the digits left of the chosen one end
    by_stop: dict[int, list[int]] = {}
    for k, candidate in enumerate(segmentation.candidates):
        by_stop.setdefault(candidate.stop, []).append(k)
    for stop in range(1, pieces + 1):
        score[:, stop] = score[:, stop - 1] + skip[stop - 1]
        for k in by_stop.get(stop, []):
            start = segmentation.candidates[k].start
            for end in range(start, min(start + MOST_SHARED, stop - 1) + 1):
                through = score[:-1, end] + value[k] + SHARED * (end - start)
                better = np.flatnonzero(through > score[1:, stop])
                score[1:, stop][better] = through[better]
                chosen[1:, stop][better] = k
                before[1:, stop][better] = end
    return [_trace(chosen, before, score, n) for n in range(MAX_DIGITS + 1)]


def _trace(chosen: NDArray[np.int_], before: NDArray[np.int_], score: NDArray[np.float64], n: int) -> Path:
    total, found, stop = float(score[n, -1]), [], score.shape[1] - 1
    while np.isfinite(total) and stop > 0:
        k = int(chosen[n, stop])
        if k < 0:
            stop -= 1
        else:
            found.append(k)
            n, stop = n - 1, int(before[n, stop])
    return Path(tuple(reversed(found)), total)


def candidate_scores(segmentation: Segmentation, probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
    """How well each candidate passes for one digit: its best log-probability, its size, the cut it begins at."""
    boxes = np.array(segmentation.boxes, float).reshape(-1, 4) / segmentation.scale
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    best = np.log(probabilities.max(axis=1, initial=1e-9))
    low = np.clip(0.75 - height / max(segmentation.text_height, 1), 0, 1) * 4
    wide = np.clip(width / max(segmentation.text_height, 1) - 1.5, 0, 1) * 2
    crossed = segmentation.pieces.crossed[[c.start for c in segmentation.candidates]]
    return best - low - wide + CROSSED * crossed


def _skip_scores(segmentation: Segmentation) -> NDArray[np.float64]:
    """What it costs to leave a piece out: little for dots and for what the border cuts off."""
    pieces = segmentation.pieces
    height, ink = pieces.heights / max(segmentation.text_height, 1), pieces.areas
    cost = SKIP * np.clip(height * 1.25 - 0.25, 0, 1) + SKIP_INK * ink / max(int(ink.sum()), 1)
    return np.minimum(cost + SKIP_EDGE * pieces.borders, -0.02)
