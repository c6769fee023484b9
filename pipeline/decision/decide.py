"""The evidence of the sources -> one reading of each image: number, confidence, whether to take it, and why not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.number_format import MOST_DIGITS
from pipeline.decision.confidence import confidence_features
from pipeline.decision.evidence import NO_DIGITS, Evidence
from pipeline.decision.fusion import Exponents, fuse
from pipeline.decision.profile import Profile
from pipeline.readers import key_of
from pipeline.reading import Digit, Reading

# The probability of the segmented reader's number above which, if the field reader agrees, no other source is asked.
SURE = 0.9995
# The same of the field reader's number, its count and that there is no other writing.
SURE_FIELD = 0.9
# A digit as probable as this is not why a number is not accepted.
PLAIN = 0.99
# A whole-image reader's confidence under which another count that the segmented reader sees is believed.
BELIEVED = 0.5


@dataclass(frozen=True, eq=False)
class Opinions:
    """What the sources of evidence say of a batch of n images.

    Attributes
    ----------
    by_source : mapping
        Source -> n Evidence, None for an image that it was not asked about. In the order of
        :data:`pipeline.readers.SOURCES`; sources that were asked about none may be missing.
    left_out : sequence of n str
        What speaks for more on the paper than one number: ink beside it that was left out, digits far apart. ''
        where nothing does.
    """

    by_source: Mapping[str, Sequence[Evidence | None]]
    left_out: Sequence[str]

    @classmethod
    def join(cls, parts: Sequence[Opinions]) -> Opinions:
        """Opinions on several batches, of the same sources, as those on one."""
        sources = parts[0].by_source if parts else ()
        by_source = {source: [one for part in parts for one in part.by_source[source]] for source in sources}
        return cls(by_source, [why for part in parts for why in part.left_out])

    def take(self, chosen: NDArray[np.bool_], *, only: Iterable[str] | None = None) -> Opinions:
        """On some of the images, of all sources or of only some."""
        at = np.flatnonzero(chosen).tolist()
        sources = list(self.by_source if only is None else only)
        by_source = {source: [self.by_source[source][k] for k in at] for source in sources}
        return Opinions(by_source, [self.left_out[k] for k in at])

    def of_each(self) -> list[dict[str, Evidence]]:
        """For each image what the sources that were asked about it say."""
        each: list[dict[str, Evidence]] = [{} for _ in self.left_out]
        for source, evidence in self.by_source.items():
            for k, one in enumerate(evidence):
                if one is not None:
                    each[k][source] = one
        return each


def together(each: Sequence[Mapping[str, Evidence]]) -> dict[str, list[Evidence]]:
    """Source -> its evidence on images that the same sources were asked about."""
    return {source: [of_image[source] for of_image in each] for source in (each[0] if each else ())}


def numbers_of(probabilities: Sequence[NDArray[np.float64]] | NDArray[np.float64]) -> NDArray[np.str_]:
    """(k, 10) of each image -> (n,) most probable numbers."""
    best = ("".join(map(str, of_image.argmax(axis=1).tolist())) for of_image in probabilities)
    return np.array(list(best), dtype=f"<U{MOST_DIGITS}")


def may_be_accepted(opinions: Opinions, probabilities: Sequence[NDArray[np.float64]]) -> NDArray[np.bool_]:
    """(n,) bool: whether the sources asked about each image stand behind its number."""
    facts = zip(opinions.of_each(), numbers_of(probabilities).tolist(), opinions.left_out, strict=True)
    return np.array([stand_behind(*of_image) for of_image in facts], bool)


def stand_behind(said: Mapping[str, Evidence], number: str, left_out: str) -> bool:
    """Whether the sources asked stand behind a number: none gives another, and if there are several, two give it.

    The field reader has to be one of them, where it is asked: it alone sees what is on the paper beside the ink that
    the others read. Where it is not asked, nothing may speak for more than the number. What deceives all readers alike,
    a digit cut off by the edge or ringed, is for a person.
    """
    if any(one.veto for one in said.values()):
        return False
    given = [one.number for one in said.values() if one.number]
    if set(given) != {number} or len(given) < min(2, len(said)):
        return False
    return said["field"].number == number if "field" in said else not left_out


def need_no_third(by_source: Mapping[str, Sequence[Evidence | None]]) -> list[int]:
    """Images of a batch of which the segmented reader and the field reader are sure; none unless both were asked."""
    found = []
    for k, (cut, field) in enumerate(zip(by_source.get("segmented", ()), by_source.get("field", ()), strict=False)):
        if cut is None or field is None or cut.number != field.number or cut.certainty < 1:
            continue
        plain = field.certainty * field.plain * float(field.probabilities.max(axis=1).prod())
        if float(cut.probabilities.max(axis=1).prod()) > SURE and plain > SURE_FIELD:
            found.append(k)
    return found


def weigh(evidence: Mapping[str, Sequence[Evidence]], exponents: Exponents) -> NDArray[np.float64]:
    """Probabilities (n, 3, 10) of the sources together, rows summing to 1; of one source its own."""
    if len(evidence) > 1:
        return fuse(evidence, exponents)
    (alone,) = evidence.values()
    own = np.stack([one.probabilities for one in alone]).astype(float)
    return np.asarray(own / own.sum(axis=2, keepdims=True))


def judge(opinions: Opinions, profile: Profile) -> tuple[list[NDArray[np.float64]], NDArray[np.float64]]:
    """Probabilities (k, 10) of each image, and calibrated confidence (n,), of a batch.

    Images that the same sources were asked about, for the same count of digits, are judged together. However sure of
    the digits all are, a number is no surer than the field reader is that there are so many, and nothing else.
    """
    each = opinions.of_each()
    probabilities, confidence = [np.zeros((0, 10))] * len(each), np.zeros(len(each))
    asked: dict[tuple[tuple[str, ...], int], list[int]] = {}
    for k, said in enumerate(each):
        count = len(next(iter(said.values())).probabilities)
        asked.setdefault((tuple(said), count), []).append(k)
    for (sources, _), at in asked.items():
        evidence = {source: [each[k][source] for k in at] for source in sources}
        p = weigh(evidence, profile.exponents)
        for k, of_image in zip(at, p, strict=True):
            probabilities[k] = of_image
        more = np.array([bool(opinions.left_out[k]) for k in at])
        sure = profile.confidence[key_of(sources)](confidence_features(p, evidence, more))
        alone = [min(one.certainty, one.plain) for one in evidence["field"]] if "field" in evidence else 1.0
        confidence[at] = np.minimum(sure, alone)
    return probabilities, confidence


def decide(
    said: Mapping[str, Evidence],
    probabilities: NDArray[np.float64],
    confidence: float,
    left_out: str,
    accept_above: float | None,
) -> Reading:
    """The reading of one image.

    Parameters
    ----------
    said : mapping
        Source -> evidence, of those that were asked.
    probabilities : (3, 10) float64
        Of the sources together.
    confidence : float
        Calibrated.
    left_out : str
        What speaks for more on the paper than the number; '' if nothing does.
    accept_above : float or None
        None where no confidence promises the precision asked for.
    """
    numbers = {source: one.number for source, one in said.items()}
    if problem := _problem(said):
        return Reading("", "unreadable", problem, 0.0, by_reader=numbers)
    values, best = probabilities.argmax(axis=1).tolist(), probabilities.max(axis=1).tolist()
    number = "".join(map(str, values))
    places = (said["segmented"].digits if "segmented" in said else ()) or (Digit(0, 0),) * len(values)
    digits = tuple(
        Digit(value, p, place.box, place.candidate) for value, p, place in zip(values, best, places, strict=True)
    )
    sure = accept_above is not None and confidence > accept_above
    accepted = sure and stand_behind(said, number, left_out)
    reason = "" if accepted else _doubt(said, numbers, best, left_out, promised=accept_above is not None)
    status = "accept" if accepted else "review"
    return Reading(number, status, reason, confidence, digits, probabilities.astype(np.float32), numbers)


def _problem(said: Mapping[str, Evidence]) -> str:
    """Why there is no number; '' if there is one.

    The field reader's count is believed, unless both others find a number where it does not: digits that touch.
    Without it, another count than a number has, which the segmented reader sees, is believed unless the whole-image
    reader is sure.
    """
    if "field" in said:
        if all(source in said and not said[source].problem for source in ("segmented", "whole")):
            return ""
        # Why there is nothing to be seen, the segmenter knows better.
        nothing = said["field"].problem == NO_DIGITS and "segmented" in said
        return (said["segmented"].problem if nothing else "") or said["field"].problem
    others = [one for source, one in said.items() if source != "segmented"]
    seen = [one for one in others if not one.problem]
    if "segmented" not in said:
        return "" if seen else others[0].problem
    if any(float(one.probabilities.max(axis=1).prod()) >= BELIEVED for one in seen):
        return ""
    return said["segmented"].problem


def _doubt(
    said: Mapping[str, Evidence], numbers: Mapping[str, str], best: list[float], left_out: str, *, promised: bool
) -> str:
    """What speaks most against the number."""
    if len(given := list(dict.fromkeys(number for number in numbers.values() if number))) > 1:
        return f"the readers disagree: {' or '.join(given)}"
    if vetoes := [one.veto for one in said.values() if one.veto]:
        return vetoes[0]
    field, segmented = said.get("field"), said.get("segmented")
    weakest = int(np.argmin(best))
    if not promised and min([best[weakest], *([field.certainty, field.plain] if field else [])]) > PLAIN:
        return "no confidence promises the precision asked for"
    if field is not None and min(field.certainty, field.plain) < best[weakest]:
        return field.problem or field.doubt
    if segmented is not None and segmented.problem:
        return segmented.problem
    if left_out:
        return left_out
    if segmented is not None and segmented.certainty < best[weakest]:
        return segmented.doubt
    # Rounded down: 0.9994 must not show as the 1.000 that it is not.
    return f"low confidence on digit {weakest + 1} ({np.floor(best[weakest] * 1000) / 1000:.3f})"
