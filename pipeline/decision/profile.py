"""What was fitted on labelled images: fusion, confidence, the threshold of `accept`. Kept as a small JSON file."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache, lru_cache
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.decision.confidence import NAMES, Confidence
from pipeline.decision.fusion import KINDS, Exponents
from pipeline.readers import ASKED, SOURCES, WAYS, Weights, key_of

# Of the files. The first had no number.
FORMAT_VERSION = 3
# Of the Clopper-Pearson bound.
ALPHA = 0.05
# No precision accepts a number that is more likely wrong than right: easy images alone would promise much for all.
LEAST_CONFIDENCE = 0.5
# No single number that is accepted is so many times as likely wrong as those that are accepted may be together: easy
# images would otherwise carry hard ones along.
WORST = 10


@dataclass(frozen=True)
class Acceptance:
    """Which confidence promises which precision.

    The lower Clopper-Pearson bound of the precision of what is accepted has to reach it (Clopper & Pearson, "The
    use of confidence or fiducial limits", 1934).

    Attributes
    ----------
    measured_on : int
        Images that nothing was fitted on.
    n : int
        Those of them that may be accepted at all; their confidence is above :data:`LEAST_CONFIDENCE`.
    wrong : tuple of (float, int)
        For each wrong reading of those, from the most to the least confident: its confidence, and how many readings
        have a higher one.
    """

    measured_on: int
    n: int
    wrong: tuple[tuple[float, int], ...]

    @classmethod
    def measured(cls, confidence: NDArray[np.float64], right: NDArray[np.bool_], *, of: int) -> Acceptance:
        """From the readings, of ``of`` images, that may be accepted if they are confident enough."""
        likely = confidence > LEAST_CONFIDENCE
        confidence, right = confidence[likely], right[likely]
        worst = np.sort(confidence[~right])[::-1]
        above = np.searchsorted(np.sort(-confidence), -worst, side="left")
        return cls(of, len(confidence), tuple(zip(worst.tolist(), above.tolist(), strict=True)))

    def threshold(self, precision: float) -> float | None:
        """Confidence above which the precision is at least this, with 95% certainty; None if none promises it.

        No confidence below 1 - :data:`WORST` * (1 - precision) is enough, even if it would be for all together.
        """
        found = self._end(precision)
        return found and max(found[0], 1 - WORST * (1 - precision))

    def share(self, precision: float) -> float | None:
        """Share of the images whose confidence promises this precision for all together; None if none does.

        So many are accepted at most: see :meth:`threshold`.
        """
        found = self._end(precision)
        return found and found[1] / self.measured_on

    @property
    def ceiling(self) -> float:
        """The highest precision that can be promised."""
        from scipy.stats import beta

        bounds = [beta.ppf(ALPHA, above - k, k + 1) for k, (_, above) in enumerate(self._ends) if above > k]
        return float(max(bounds, default=0.0))

    @property
    def _ends(self) -> list[tuple[float, int]]:
        """Where the accepted may end: before each wrong reading, or after the last."""
        return [*self.wrong, (LEAST_CONFIDENCE, self.n)]

    def _end(self, precision: float) -> tuple[float, int] | None:
        """The last of them that promises this."""
        for errors, (confidence, above) in reversed(list(enumerate(self._ends))):
            if above > errors and promises(precision, accepted=above, wrong=errors):
                return confidence, above
        return None


def promises(precision: float, *, accepted: int, wrong: int) -> bool:
    """Whether the lower 95% Clopper-Pearson bound of ``accepted - wrong`` right ones in ``accepted`` reaches this.

    It does if so few wrong ones would be that rare under this precision; scipy.stats would take longer to import than
    a reader to load.
    """
    if not 0 < precision < 1 or wrong > accepted * (1 - precision):
        return precision <= 0
    failure, success = math.log(1 - precision), math.log(precision)
    logs = [
        math.lgamma(accepted + 1) - math.lgamma(k + 1) - math.lgamma(accepted - k + 1)
        + k * failure + (accepted - k) * success
        for k in range(wrong + 1)
    ]  # fmt: skip
    return math.fsum(map(math.exp, logs)) <= ALPHA


@lru_cache
def threshold(acceptance: Acceptance, precision: float) -> float | None:
    """:meth:`Acceptance.threshold`, worked out once: a reader asks for every batch."""
    return acceptance.threshold(precision)


@dataclass(frozen=True, eq=False)
class Profile:
    """Everything that :func:`pipeline.calibrate.calibration.calibrate` fits.

    Attributes
    ----------
    made_from : str
        The images, in words.
    exponents : Exponents
    confidence : mapping
        Sources that were asked, by their :func:`pipeline.readers.key_of` -> Confidence.
    acceptance : mapping
        Reader -> Acceptance.
    networks : mapping
        Parameter of :class:`pipeline.NumberReader` -> names of the weights of its networks that this was fitted with;
        those without a name are missing.
    """

    made_from: str
    exponents: Exponents
    confidence: Mapping[str, Confidence]
    acceptance: Mapping[str, Acceptance]
    networks: Weights = field(default_factory=dict)

    @staticmethod
    @cache
    def shipped() -> Profile:
        """The profile that comes with the package."""
        return Profile.load(Path(__file__).parent / "profiles" / "default.json")

    def check_networks(self, networks: Weights) -> None:
        """Refuse weights that this was not fitted with.

        Networks without a name are not refused, of a user's own training for example: nothing is known of them.

        Raises
        ------
        ValueError
            If the weights of a parameter have other names here.
        """
        for parameter, names in networks.items():
            known = self.networks.get(parameter, names)
            if names and names != known:
                raise ValueError(
                    f"The profile belongs to the weights {', '.join(known)} of `{parameter}`. Received: "
                    f"{', '.join(names)}. `tridigit calibrate` makes one for them."
                )

    def threshold(self, reader: str, precision: float) -> float | None:
        """Confidence above which a reader's numbers are accepted; None if none promises this precision."""
        return threshold(self.acceptance[reader], precision)

    def as_json(self) -> str:
        """The text that :meth:`save` writes."""
        kept = {"format_version": FORMAT_VERSION, "confidence_features": NAMES, **asdict(self)}
        return json.dumps(kept, indent=1) + "\n"

    def save(self, path: str | PathLike[str]) -> None:
        Path(path).write_text(self.as_json(), encoding="utf-8")

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Profile:
        """Read a profile.

        Raises
        ------
        OSError, ValueError
            If there is no such file, or it is no profile, or one of another version.
        """
        try:
            kept = json.loads(Path(path).read_text(encoding="utf-8-sig"))
            if (version := kept.get("format_version", 1)) != FORMAT_VERSION:
                raise ValueError(f"format version {version}, not {FORMAT_VERSION}; calibrate again")
            if tuple(kept["confidence_features"]) != NAMES:
                raise ValueError(f"evidence of {kept['confidence_features']}, not of {NAMES}")
            found = cls(
                kept["made_from"],
                Exponents(*({name: float(e) for name, e in kept["exponents"][kind].items()} for kind in KINDS)),
                {
                    name: Confidence(float(c["intercept"]), tuple(map(float, c["coefficients"])))
                    for name, c in kept["confidence"].items()
                },
                {
                    name: Acceptance(a["measured_on"], a["n"], tuple((float(c), int(k)) for c, k in a["wrong"]))
                    for name, a in kept["acceptance"].items()
                },
                {parameter: tuple(map(str, names)) for parameter, names in kept["networks"].items()},
            )
            found._check()
            return found
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            raise ValueError(f"{path} should be a profile of `tridigit calibrate`. Received: {error}.") from error

    def _check(self) -> None:
        """What is missing or makes no sense shows now, not with the first image."""
        exponents = self.exponents.table(SOURCES)
        if not (np.isfinite(exponents) & (exponents >= 0)).all():
            raise ValueError(f"exponents {exponents.tolist()}")
        for name, confidence in ((name, self.confidence[name]) for name in map(key_of, ASKED)):
            numbers = np.array([confidence.intercept, *confidence.coefficients], float)
            if numbers.shape != (1 + len(NAMES),) or not np.isfinite(numbers).all():
                raise ValueError(f"confidence of {name} {numbers.tolist()}")
        for reader in WAYS:
            acceptance = self.acceptance[reader]
            sure, above = np.array([*acceptance.wrong, (LEAST_CONFIDENCE, acceptance.n)], float).T
            falling = sure[0] <= 1 and (np.diff(sure) <= 0).all() and above[0] >= 0 and (np.diff(above) >= 0).all()
            if not falling or not len(acceptance.wrong) <= acceptance.n <= acceptance.measured_on:
                raise ValueError(f"acceptance of the {reader} reader, whose wrong readings are in no order")
