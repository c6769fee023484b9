"""The evidence of the readers -> one reading of each image: number, confidence, whether to take it, and why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.decision.confidence import confidence_features
from pipeline.decision.evidence import Evidence, more_than_a_number
from pipeline.decision.fusion import fuse
from pipeline.decision.profile import Profile
from pipeline.reading import Digit, Reading
from segmenter import Writing

# The segmented reader's confidence above which the whole-image reader is not asked.
SURE = 0.9995
# A digit as probable as this is not why a number is not accepted.
PLAIN = 0.99
# The whole-image reader's confidence under which another count that the segmented reader sees is believed.
BELIEVED = 0.5


@dataclass(frozen=True, eq=False)
class Views:
    """What the readers see of a batch of images; a reader that was not asked about an image has no evidence.

    Attributes
    ----------
    segmented, whole : sequence of n Evidence or None
    left_out : (n,) bool
        Whether there may be more than the number: ink beside it that was left out, digits far apart.
    """

    segmented: Sequence[Evidence | None]
    whole: Sequence[Evidence | None]
    left_out: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.left_out)

    @classmethod
    def join(cls, parts: Sequence[Views]) -> Views:
        """Views of several batches as those of one."""
        segmented, whole = ([view for part in parts for view in getattr(part, name)] for name in ("segmented", "whole"))
        return cls(segmented, whole, np.concatenate([part.left_out for part in parts] or [np.zeros(0, bool)]))

    def take(self, chosen: NDArray[np.bool_], *, only: str | None = None) -> Views:
        """Some of the images, of both readers or of only one."""
        at = np.flatnonzero(chosen).tolist()
        segmented = [self.segmented[k] if only != "whole" else None for k in at]
        return Views(segmented, [self.whole[k] if only != "segmented" else None for k in at], self.left_out[chosen])

    def together(self) -> tuple[Sequence[Evidence] | None, Sequence[Evidence] | None]:
        """Evidence of each reader, or None for one that was asked about none."""
        segmented, whole = ([view for view in views if view] for views in (self.segmented, self.whole))
        return segmented or None, whole or None


def numbers_of(probabilities: NDArray[np.float64]) -> NDArray[np.str_]:
    """(n, 3, 10) -> (n,) most probable numbers."""
    return np.array(["".join(map(str, row)) for row in probabilities.argmax(axis=2).tolist()], dtype="<U3")


def may_be_accepted(views: Views, probabilities: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(n,) bool: whether every reader asked gives this number and there is nothing but the number."""
    numbers = numbers_of(probabilities).tolist()
    same = [
        all(view is None or view.number == number for view in both)
        for *both, number in zip(views.segmented, views.whole, numbers, strict=True)
    ]
    return np.array(same, bool) & ~views.left_out


def is_sure(view: Evidence) -> bool:
    """Whether the segmented reader needs no second opinion."""
    return view.clean and float(view.probabilities.max(axis=1).prod()) > SURE


def judge(views: Views, profile: Profile) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Probabilities (n, 3, 10) and calibrated confidence (n,) of a batch."""
    n = len(views)
    probabilities, confidence = np.zeros((n, 3, 10)), np.zeros(n)
    segmented = np.array([view is not None for view in views.segmented], bool)
    whole = np.array([view is not None for view in views.whole], bool)
    parts = {"segmented": segmented & ~whole, "whole": whole & ~segmented, "fused": segmented & whole}
    for reader, asked in parts.items():
        if asked.any():
            some = views.take(asked)
            probabilities[asked] = p = fuse(*some.together(), profile.weights)
            confidence[asked] = profile.confidence[reader](confidence_features(p, *some.together(), some.left_out))
    return probabilities, confidence


def decide(
    segmented: Evidence | None,
    whole: Evidence | None,
    probabilities: NDArray[np.float64],
    confidence: float,
    writing: Writing,
    accept_above: float | None,
) -> Reading:
    """The reading of one image. ``accept_above`` is None where no confidence promises the precision asked for."""
    views = {name: view for name, view in (("segmented", segmented), ("whole", whole)) if view is not None}
    numbers = {name: view.number for name, view in views.items()}
    if problem := _problem(segmented, whole):
        return Reading("", "unreadable", problem, 0.0, by_reader=numbers)
    values, best = probabilities.argmax(axis=1).tolist(), probabilities.max(axis=1).tolist()
    number = "".join(map(str, values))
    places = segmented.digits if segmented is not None and segmented.digits else (Digit(0, 0),) * len(values)
    digits = tuple(
        Digit(value, p, place.box, place.candidate) for value, p, place in zip(values, best, places, strict=True)
    )
    more = more_than_a_number(writing)
    reason = _doubt(views, numbers, best, more, promised=accept_above is not None)
    sure = accept_above is not None and confidence > accept_above
    same = set(numbers.values()) == {number}
    accepted = sure and same and not more
    return Reading(
        number, "accept" if accepted else "review", "" if accepted else reason, confidence, digits,
        probabilities.astype(np.float32), numbers,
    )  # fmt: skip


def _problem(segmented: Evidence | None, whole: Evidence | None) -> str:
    """Why there is no number of three digits; '' if there is one."""
    if segmented is None or not segmented.problem:
        return whole.problem if whole is not None and segmented is None else ""
    if whole is None or whole.problem or float(whole.probabilities.max(axis=1).prod()) < BELIEVED:
        return segmented.problem
    return ""


def _doubt(
    views: Mapping[str, Evidence], numbers: Mapping[str, str], best: list[float], more: str, *, promised: bool
) -> str:
    """What speaks most against the number."""
    segmented = views.get("segmented")
    if segmented is not None and segmented.problem:
        return segmented.problem
    if len(set(numbers.values())) > 1:
        return f"the readers disagree: {' or '.join(numbers.values())}"
    if more:
        return more
    weakest = int(np.argmin(best))
    if segmented is not None and segmented.certainty < best[weakest]:
        return segmented.doubt
    if not promised and best[weakest] > PLAIN:
        return "no confidence promises the precision asked for"
    # Rounded down: 0.9994 must not show as the 1.000 that it is not.
    return f"low confidence on digit {weakest + 1} ({np.floor(best[weakest] * 1000) / 1000:.3f})"
