"""Probabilities of candidate digits, or of a whole image -> the best way to read it as three digits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.reading import Digit, Reading
from segmenter import Look, Segmentation

N_DIGITS = 3
# Longer numbers are not told apart.
MAX_DIGITS = 6
# A clean region that the classifier gives less than this may be two digits that touch.
CUT_BELOW = 0.6
# Log-probabilities, so that they add up with the network's own.
SKIP = -2.5  # leave a piece out of the number
SKIP_INK = -6.0  # and for leaving out all the ink there is
SKIP_EDGE = 1.5  # back for a piece cut off by the image's border: it belongs to a neighbouring field
CROSSED = -0.15  # end a digit at a cut, for each stroke width of ink crossed
OTHER_COUNT = -1.0  # read another number of digits than three


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
    pieces = segmentation.n_pieces
    value = candidate_scores(segmentation, probabilities)
    skip = _skip_scores(segmentation)
    score = np.full((MAX_DIGITS + 1, pieces + 1), -np.inf)
    score[0, 0] = 0.0
    chosen = np.full((MAX_DIGITS + 1, pieces + 1), -1)
    by_stop: dict[int, list[int]] = {}
    for k, candidate in enumerate(segmentation.candidates):
        by_stop.setdefault(candidate.stop, []).append(k)
    for stop in range(1, pieces + 1):
        score[:, stop] = score[:, stop - 1] + skip[stop - 1]
        for k in by_stop.get(stop, []):
            through = score[:-1, segmentation.candidates[k].start] + value[k]
            better = np.flatnonzero(through > score[1:, stop])
            score[1:, stop][better] = through[better]
            chosen[1:, stop][better] = k
    return [_trace(segmentation, chosen, score, n) for n in range(MAX_DIGITS + 1)]


def _trace(segmentation: Segmentation, chosen: NDArray[np.int_], score: NDArray[np.float64], n: int) -> Path:
    total, found, stop = float(score[n, -1]), [], segmentation.n_pieces
    while np.isfinite(total) and stop > 0:
        k = int(chosen[n, stop])
        if k < 0:
            stop -= 1
        else:
            found.append(k)
            n, stop = n - 1, segmentation.candidates[k].start
    return Path(tuple(reversed(found)), total)


def candidate_scores(segmentation: Segmentation, probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
    """How well each candidate passes for one digit: its best log-probability, its size, the cut it begins at."""
    boxes = np.array(segmentation.boxes, float).reshape(-1, 4) / segmentation.scale
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    best = np.log(probabilities.max(axis=1, initial=1e-9))
    low = np.clip(0.75 - height / max(segmentation.text_height, 1), 0, 1) * 4
    wide = np.clip(width / max(segmentation.text_height, 1) - 1.5, 0, 1) * 2
    crossed = segmentation.crossed[[c.start for c in segmentation.candidates]]
    return best - low - wide + CROSSED * crossed


def _skip_scores(segmentation: Segmentation) -> NDArray[np.float64]:
    """What it costs to leave a piece out: little for dots and for what the border cuts off."""
    n, pieces = segmentation.n_pieces, segmentation.pieces
    ink = np.bincount(pieces.ravel(), minlength=n + 1)[1 : n + 1]
    rows = [np.flatnonzero((pieces == i + 1).any(axis=1)) for i in range(n)]
    height = np.array([np.ptp(r) + 1 for r in rows]) / max(segmentation.text_height, 1)
    cost = SKIP * np.clip(height * 1.25 - 0.25, 0, 1) + SKIP_INK * ink / max(int(ink.sum()), 1)
    for column in (pieces[:, 0], pieces[:, -1]):
        cost[np.unique(column[column > 0]) - 1] += SKIP_EDGE
    return np.minimum(cost, -0.02)


def needs_cuts(segmentation: Segmentation, probabilities: NDArray[np.float32]) -> bool:
    """Whether three regions that stand apart should be cut after all: the classifier doubts one of them."""
    return not segmentation.ambiguous and bool(probabilities.max(axis=1).min(initial=1.0) < CUT_BELOW)


def decide(segmentation: Segmentation, probabilities: NDArray[np.float32], *, review_below: float) -> Reading:
    """The reading of one image from the probabilities of its candidates.

    ``confidence`` is the product of the three probabilities, times the weight of three digits
    against the best other count, times what the path pays for its cuts and for pieces left out. A
    number beside which ink was dropped that may belong to it is never accepted.
    """
    if not segmentation.n_pieces:
        return Reading("", "unreadable", "blank image", 0.0)
    if not segmentation.candidates:
        return Reading("", "unreadable", f"found {segmentation.n_pieces} marks, none like a digit of a number", 0.0)
    chosen: tuple[int, ...] = (0, 1, 2)
    certainty, doubt = 1.0, ""
    if segmentation.n_pieces != N_DIGITS or segmentation.ambiguous:
        paths = best_paths(segmentation, probabilities)
        other = max((k for k in range(len(paths)) if k != N_DIGITS), key=lambda k: paths[k].score)
        best, three = paths[other], paths[N_DIGITS]
        if best.score + OTHER_COUNT >= three.score:
            values = probabilities[list(best.candidates)].argmax(axis=1)
            return Reading("", "unreadable", _count_of(values.tolist()), 0.0)
        chosen = three.candidates
        own = float(np.log(probabilities[list(chosen)].max(axis=1)).sum())
        paid = float(np.exp(min(0.0, three.score - own)))
        against = float(1 / (1 + np.exp(best.score - three.score)))
        certainty = paid * against
        doubt = f"could also be {other} digit{'s' * (other != 1)}" if against < paid else "the cut is uncertain"
    probabilities = probabilities[list(chosen)]
    digits = tuple(
        Digit(value, p, segmentation.candidates[k].box, k)
        for value, p, k in zip(
            probabilities.argmax(axis=1).tolist(), probabilities.max(axis=1).tolist(), chosen, strict=True
        )
    )
    return _reading(segmentation, "segmented", probabilities, digits, certainty, doubt, review_below)


def decide_whole(look: Look, probabilities: NDArray[np.float32], *, review_below: float) -> Reading:
    """The reading of one image from the (3, 10) probabilities of a whole-image network.

    ``confidence`` is the product of the highest probability of each position: low where the network sees another
    count than three.
    """
    if not len(look.regions):
        return Reading("", "unreadable", "blank image", 0.0)
    values, best = probabilities.argmax(axis=1).tolist(), probabilities.max(axis=1).tolist()
    digits = tuple(Digit(value, p) for value, p in zip(values, best, strict=True))
    return _reading(look, "whole", probabilities, digits, 1.0, "", review_below)


def _count_of(values: list[int]) -> str:
    """'found 2 digits: 4 7'."""
    more = " or more" if len(values) == MAX_DIGITS else ""
    found = f"found {len(values)}{more} digit{'s' * (len(values) != 1)}"
    return f"{found}: {' '.join(map(str, values))}" if values else found


def _reading(
    look: Look,
    reader: str,
    probabilities: NDArray[np.float32],
    digits: tuple[Digit, ...],
    certainty: float,
    doubt: str,
    review_below: float,
) -> Reading:
    best = [digit.probability for digit in digits]
    number = "".join(str(digit.value) for digit in digits)
    confidence = float(np.prod(best)) * certainty
    status, reason = "accept", ""
    if confidence < review_below:
        weakest = int(np.argmin(best))
        # Rounded down: 0.9994 must not show as the 1.000 that it is not.
        low = f"low confidence on digit {weakest + 1} ({np.floor(best[weakest] * 1000) / 1000:.3f})"
        status, reason = "review", low if best[weakest] <= certainty else doubt
    elif look.regions.left_out:
        status, reason = "review", "ink beside the number was left out"
    return Reading(number, status, reason, confidence, digits, probabilities, {reader: number})
