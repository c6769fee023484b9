"""A clip of a field before a moving camera -> one reading of all its frames."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from classifier.ctc import read_columns
from classifier.number_format import NumberFormat
from pipeline.decision.counts import counts_of_columns
from pipeline.decision.evidence import Evidence, of_field
from pipeline.decision.fusion import FLOOR
from pipeline.reader import NumberReader
from pipeline.reading import Reading
from pipeline.watch.align import overlay, sharpness
from pipeline.watch.sample import Gray, keep
from segmenter import Writing, fit_field

# Frames that are read, the sharpest one of each part of the clip.
STEPS = 16
# The longer side of a frame, in pixels, that is read.
SIDE = 640
# What the picture counts beside the mean over the frames.
PICTURE = 2.0


@dataclass(frozen=True, eq=False)
class FilmReading:
    """What all frames together say.

    Attributes
    ----------
    reading : Reading
        As of an image.
    at : tuple of int
        Which frames of the clip were read, from 1.
    said : tuple of Evidence
        What the field reader says of each.
    sharpest : int
        Which of these the others are laid over.
    used : (n,) bool
        Those that the picture is made of.
    writing : Writing
        What was found on the picture that they make, laid over each other; its gray is that picture.
    frames : (n, H, W) uint8
    """

    reading: Reading
    at: tuple[int, ...]
    said: tuple[Evidence, ...]
    sharpest: int
    used: NDArray[np.bool_]
    writing: Writing
    frames: NDArray[np.uint8]


class FilmReader:
    """Reads a field from frames that a moving camera took of it.

    Noise hurts more than anything else before a camera, and averaging answers leaves it in every one of them. So the
    frames are laid over each other first, and the picture that they make is read by all readers. The field reader reads
    each frame as well; see :func:`join`.

    Parameters
    ----------
    reader : NumberReader, optional
        With a field reader among its sources. Default: the one that comes with the package.
    """

    def __init__(self, reader: NumberReader | None = None):
        self.reader = reader or NumberReader.pretrained()

    def read(self, frames: Iterable[Gray]) -> FilmReading:
        """Read a stream of gray frames. A clip without a number is an answer, not an error."""
        kept = keep(map(_small, frames), STEPS, sharpness)
        grays, worth = [one.gray for one in kept], np.array([one.worth for one in kept])
        sharpest = int(worth.argmax())
        picture, used = overlay(grays, sharpest)
        said = self.of_frames(grays)
        ((reading, writing),) = self.reader.read_segmented([self.reader.segment(picture)])
        joined = join(reading, said, most_given(said, weights_of(said, worth, used)))
        at = tuple(one.at + 1 for one in kept)
        return FilmReading(joined, at, tuple(said), sharpest, used, writing, np.stack(grays))

    def of_frames(self, frames: Sequence[Gray]) -> list[Evidence]:
        """What the field reader says of each frame, in one call of its network."""
        network = self.reader.network("field_classifier")
        columns = read_columns(network.predict_proba(np.stack([fit_field(gray) for gray in frames])))
        counts = counts_of_columns(columns, NumberFormat.of(self.reader.digits))
        return [of_field(columns, k, count) for k, count in enumerate(counts)]


def weights_of(said: Sequence[Evidence], worth: NDArray[np.float64], used: NDArray[np.bool_]) -> NDArray[np.float64]:
    """What each frame counts: less the more it is blurred, and nothing where it is another picture or shows no number.

    They sum to 1; all are 0 if no frame shows one.
    """
    sees = np.array([one.certainty if one.number else 0.0 for one in said])
    weights = used * sees * worth / max(float(worth.max(initial=0)), 1e-9)
    return np.asarray(weights / max(float(weights.sum()), 1e-9))


def most_given(said: Sequence[Evidence], weights: NDArray[np.float64]) -> str:
    """The number that the frames of most weight give; '' if none gives one."""
    votes = Counter[str]()
    for one, weight in zip(said, weights.tolist(), strict=True):
        votes[one.number] += weight
    number, weight = votes.most_common(1)[0]
    return number if weight > 0 else ""


def mean_log(said: Sequence[Evidence]) -> NDArray[np.float64]:
    """Mean of the log-probabilities (k, 10) of all frames that are asked about equally many digits."""
    ((places, _),) = Counter(len(one.probabilities) for one in said).most_common(1)
    logs = [np.log(one.probabilities + FLOOR) for one in said if len(one.probabilities) == places]
    return np.asarray(np.mean(logs, axis=0), float)


def number_of(scores: NDArray[np.floating]) -> str:
    """The best digit of each row."""
    return "".join(map(str, scores.argmax(axis=1).tolist()))


def join(picture: Reading, said: Sequence[Evidence], frames: str) -> Reading:
    """What the picture says, and the frames one by one, as one reading.

    A number that is not sure is that of both together (logarithmic opinion pool: Genest & Zidek, 1986). Nothing is
    accepted that most frames do not give, too.
    """
    by_reader, mean = {**picture.by_reader, "frames": frames}, mean_log(said)
    if picture.status == "accept" and frames != picture.number:
        reason = f"the frames one by one give {frames or 'no number'}"
        picture = replace(picture, status="review", reason=reason)
    if picture.status != "review" or mean.shape != picture.probabilities.shape:
        return replace(picture, by_reader=by_reader)
    pooled = np.exp(PICTURE * np.log(picture.probabilities + FLOOR) + mean)
    pooled = (pooled / pooled.sum(axis=1, keepdims=True)).astype(np.float32)
    digits = tuple(
        replace(digit, value=int(row.argmax()), probability=float(row.max()))
        for digit, row in zip(picture.digits, pooled, strict=True)
    )
    return replace(picture, number=number_of(pooled), digits=digits, probabilities=pooled, by_reader=by_reader)


def _small(gray: Gray) -> Gray:
    scale = SIDE / max(gray.shape)
    return gray if scale >= 1 else np.asarray(cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
