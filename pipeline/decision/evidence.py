"""What each source has to say of one image: probabilities of its digits, and how sure it is of their count."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from classifier.ctc import MOST, Columns
from classifier.number_format import FORMAT
from pipeline.decision.decoding import MAX_DIGITS, OTHER_COUNT, PLAIN_COUNT, best_paths
from pipeline.reading import Digit
from segmenter import Segmentation, Writing

# A clean region that the classifier gives less than this may be two digits that touch.
CUT_BELOW = 0.6
# Of 255 gray levels: what even paper varies by, and paper in too little light.
UNEVEN, DARK = 4, 64
# The probability of the format's count of digits from which the field reader gives a number.
SEEN = 0.2
NO_DIGITS = "no digits found"
MORE_DIGITS = f"found more than {MOST} digits"
OTHER_WRITING = "other writing beside the number"
# A digit that the edge of the image cuts, or that a ring makes larger, looks like another digit to every reader.
EDGE = "a digit touches the edge of the image: it may be cut off"
LARGER = "the digits differ much in size: one may be ringed or struck through"
# Heights of the largest and the smallest digit of one number differ by no more than this factor.
ALIKE = 1.45
# Digits of one number have no more paper between them, in heights of the writing.
FAR = 2.5


@dataclass(frozen=True, eq=False)
class Evidence:
    """What one source says of one image.

    Attributes
    ----------
    probabilities : (k, 10) float32
        Of every digit at each of the ``k`` positions that are asked about; uniform where it sees another count.
    certainty : float
        In [0, 1]: that the ink is ``k`` digits divided as these are. 1 where nothing had to be cut or left out, 0
        where it sees another count.
    digits : tuple of Digit
        Its own answer; empty where it sees another count.
    problem : str
        What it sees instead: 'blank image', 'found 2 digits: 4 7'.
    doubt : str
        What speaks against its certainty.
    plain : float
        In [0, 1]: that there is no other writing, for a source that can tell.
    veto : str
        Why no number may be accepted here, whatever the readers say; '' if nothing speaks against it.
    """

    probabilities: NDArray[np.float32] = field(default_factory=lambda: uniform(FORMAT.positions))
    certainty: float = 0.0
    digits: tuple[Digit, ...] = ()
    problem: str = ""
    doubt: str = ""
    plain: float = 1.0
    veto: str = ""

    @property
    def number(self) -> str:
        return "".join(str(digit.value) for digit in self.digits)


def uniform(count: int) -> NDArray[np.float32]:
    """Nothing known of ``count`` digits, (count, 10)."""
    return np.full((count, 10), 0.1, np.float32)


def needs_cuts(segmentation: Segmentation, probabilities: NDArray[np.float32]) -> bool:
    """Whether regions that stand apart should be cut after all: the classifier doubts one of them."""
    return not segmentation.ambiguous and bool(probabilities.max(axis=1).min(initial=1.0) < CUT_BELOW)


def of_segmentation(
    segmentation: Segmentation, probabilities: NDArray[np.float32], count: int = FORMAT.positions
) -> Evidence:
    """Evidence for ``count`` digits of the candidates of an image and their (n, 10) digit probabilities."""
    pieces = len(segmentation.pieces)
    if not pieces:
        return Evidence(uniform(count), problem=_nothing(segmentation))
    if not segmentation.candidates:
        return Evidence(uniform(count), problem=f"found {pieces} marks, none like a digit of a number")
    chosen: tuple[int, ...] = tuple(range(pieces))
    certainty, doubt = 1.0, ""
    if pieces != count or segmentation.ambiguous:
        paths = best_paths(segmentation, probabilities)
        other = max((k for k in range(len(paths)) if k != count), key=lambda k: paths[k].score)
        best, number = paths[other], paths[count]
        if best.score + OTHER_COUNT >= number.score or best.score > max(PLAIN_COUNT, number.score):
            values = probabilities[list(best.candidates)].argmax(axis=1).tolist()
            return Evidence(uniform(count), problem=_count_of(values))
        chosen = number.candidates
        own = float(np.log(probabilities[list(chosen)].max(axis=1)).sum())
        paid = float(np.exp(min(0.0, number.score - own)))
        against = float(1 / (1 + np.exp(best.score - number.score)))
        certainty = min(paid * against, 1 - 1e-6)
        doubt = _maybe(other) if against < paid else "the cut is uncertain"
    rows = probabilities[list(chosen)]
    digits = tuple(
        Digit(value, p, segmentation.candidates[k].box, k)
        for value, p, k in zip(rows.argmax(axis=1).tolist(), rows.max(axis=1).tolist(), chosen, strict=True)
    )
    veto = deceives(digits, segmentation.size) or (EDGE if cut_by_a_side(segmentation) else "")
    return Evidence(rows, certainty, digits, doubt=doubt, veto=veto)


def deceives(digits: Sequence[Digit], size: tuple[int, int]) -> str:
    """What all readers would be deceived by alike: a digit that the edge of the image may cut, or one much larger."""
    boxes = np.array([digit.box for digit in digits if digit.box])
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    if low.min() <= 1 or (high >= np.array(size) - 1).any():
        return EDGE
    heights = boxes[:, 3] - boxes[:, 1]
    return LARGER if heights.max() > ALIKE * heights.min() else ""


def cut_by_a_side(writing: Writing) -> bool:
    """Whether something as high as a digit, and no higher, was taken for a mark at a side of the image.

    It may be a one, or what the side leaves of another digit.
    """
    height = max(writing.text_height * writing.scale, 1)
    boxes = np.array([writing.to_original(box) for box in writing.taken_out]).reshape(-1, 4)
    at_side = (boxes[:, 0] <= 1) | (boxes[:, 2] >= writing.size[0] - 1)
    heights = (boxes[:, 3] - boxes[:, 1]) / height
    return bool((at_side & (heights * ALIKE >= 1) & (heights <= ALIKE)).any())


def of_whole(writing: Writing, probabilities: NDArray[np.float32]) -> Evidence:
    """Evidence of the (3, 10) probabilities of a whole-image network."""
    if not len(writing.regions):
        return Evidence(problem=_nothing(writing))
    values, best = probabilities.argmax(axis=1).tolist(), probabilities.max(axis=1).tolist()
    digits = tuple(Digit(value, p) for value, p in zip(values, best, strict=True))
    return Evidence(probabilities, 1.0, digits)


def of_field(columns: Columns, k: int, count: int = FORMAT.positions) -> Evidence:
    """Evidence for ``count`` digits of the columns of the ``k``-th image of a batch; see :mod:`classifier.ctc`."""
    counts = columns.counts[k]
    likeliest = int(counts.argmax())
    certainty, plain, digits = float(counts[count]), float(columns.plain[k]), columns.digits(count)[k]
    # The less it believes in this count, the less it has to say of the digits.
    probabilities = np.float32(certainty) * digits + np.float32(1 - certainty) * uniform(count)
    if certainty < SEEN:
        values = columns.digits(likeliest)[k].argmax(axis=1).tolist() if 0 < likeliest <= MOST else []
        problem = _count_of(values) if values else MORE_DIGITS if likeliest else NO_DIGITS
        return Evidence(uniform(count), certainty, problem=problem, plain=plain)
    values, best = digits.argmax(axis=1).tolist(), digits.max(axis=1).tolist()
    found = tuple(Digit(value, p) for value, p in zip(values, best, strict=True))
    other = int(np.argsort(counts)[-2]) if likeliest == count else likeliest
    writing = OTHER_WRITING if plain < 0.5 else f"maybe {OTHER_WRITING}"
    doubt = writing if plain < certainty else _maybe(other)
    return Evidence(probabilities, certainty, found, doubt=doubt, plain=plain)


def more_than_a_number(writing: Writing) -> str:
    """What speaks for more on the paper than one number, whatever the digits are; '' if nothing does."""
    if len(writing.regions.left_out):
        return "ink beside the number was left out"
    boxes = writing.regions.boxes
    between = np.maximum(boxes[1:, :2] - boxes[:-1, 2:], boxes[:-1, :2] - boxes[1:, 2:])
    if between.max(initial=0) > FAR * writing.regions.text_height:
        return "the digits stand far apart: maybe more than one number"
    return ""


def _nothing(writing: Writing) -> str:
    """Why no ink was found: there is none, or what there is cannot be told from the paper."""
    if writing.mask.any() or not UNEVEN < writing.contrast < writing.min_contrast:
        return "blank image"
    what = "paper too dark" if np.median(writing.gray) < DARK else "ink too faint"
    return f"blank image, or {what}: {writing.contrast} gray levels between lightest and darkest"


def _maybe(count: int) -> str:
    return f"could also be {count} digit{'s' * (count != 1)}"


def digits_in(problem: str) -> str:
    """The digits of another count than was asked for, as read: of 'found 2 digits: 4 7' it is '47'; '' of the rest."""
    found = re.match(r"found [1-9] (?:or more )?digits?: ([\d ]+)$", problem)
    return found[1].replace(" ", "") if found else ""


def _count_of(values: list[int]) -> str:
    """'found 2 digits: 4 7'."""
    more = " or more" if len(values) == MAX_DIGITS else ""
    found = f"found {len(values)}{more} digit{'s' * (len(values) != 1)}"
    return f"{found}: {' '.join(map(str, values))}" if values else found
