"""A clip of one digit being drawn -> the digit, and from which frame on that was clear."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from classifier.video.runtime import VideoRuntime
from pipeline.watch.sample import Gray, keep, spread
from segmenter import mnist_crop
from segmenter.ink.binarize import THRESHOLDS, even_lighting, stretch
from segmenter.segmenter import MIN_CONTRAST

# Frames that the network sees of a clip, as in its training.
STEPS = 16
# Frames that are looked at for ink, and that are in memory.
LOOKED_AT = 48
# The longer side of a frame, in pixels, that is looked at.
SIDE = 384
# The probability from which an answer is sure; on the writers that chose the network, 99 of 100 such were right.
SURE = 0.9
# What stays of a drawing in motion: of 255, the mean change of a crop below which nothing more was drawn.
STILL = 1.5
# Of the blur before the threshold, in pixels.
SOFT = 1.0


class Network(Protocol):
    """A :class:`VideoRuntime`, or a fitted :class:`classifier.video.estimator.VideoClassifier`."""

    def predict_proba(self, frames: NDArray[np.uint8]) -> NDArray[np.float32]: ...


@dataclass(frozen=True, eq=False)
class Drawn:
    """What is to be seen of a drawing: frames evenly apart, from the first ink to the finished digit.

    Attributes
    ----------
    at : tuple of int
        Which frames of the clip these are, from 1; none if it shows no ink.
    frames : (k, H, W) uint8
        Gray, at most :data:`SIDE` pixels wide or high.
    crops : (k, 28, 28) uint8
        All ink of each, prepared as digits are.
    """

    at: tuple[int, ...]
    frames: NDArray[np.uint8]
    crops: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class DrawnReading:
    """What was drawn.

    Attributes
    ----------
    number : str
        The digit; '' if there is none.
    status : {'sure', 'unsure', 'unreadable'}
    reason : str
        Why it is not sure; '' if it is.
    confidence : float
        The network's probability of the digit after the last frame.
    sure_from : int or None
        The frame, from 1, after which the answer was this digit with a probability of :data:`SURE`, and stayed so.
    drawn : Drawn
        What the network saw.
    probabilities : (k, 10) float32
        After each frame of it.
    """

    number: str
    status: str
    reason: str
    confidence: float
    sure_from: int | None
    drawn: Drawn
    probabilities: NDArray[np.float32]


class DrawnReader:
    """Reads a digit from the frames of its being drawn on a sheet, a board or a screen that holds still.

    Parameters
    ----------
    network : object with ``predict_proba``, optional
        (n, T, 28, 28) uint8 -> (n, T, 10) float32. Default: the one that comes with the package.
    """

    def __init__(self, network: Network | None = None):
        self.network = network or VideoRuntime.of_package()

    def read(self, frames: Iterable[Gray]) -> DrawnReading:
        """Read a stream of gray frames; a clip without ink is an answer, not an error."""
        drawn = look(frames)
        if not drawn.at:
            return DrawnReading("", "unreadable", "no ink found", 0.0, None, drawn, np.zeros((0, 10), np.float32))
        probabilities = self.network.predict_proba(drawn.crops[None])[0]
        digit = int(probabilities[-1].argmax())
        confidence, doubted = float(probabilities[-1, digit]), np.flatnonzero(probabilities[:, digit] < SURE)
        since = int(doubted[-1]) + 1 if len(doubted) else 0
        if since == len(drawn.at):
            reason = f"low probability ({confidence:.3f})"
            return DrawnReading(str(digit), "unsure", reason, confidence, None, drawn, probabilities)
        return DrawnReading(str(digit), "sure", "", confidence, drawn.at[since], drawn, probabilities)


def look(frames: Iterable[Gray]) -> Drawn:
    """Look for the drawing in a stream of gray frames."""
    kept = keep(map(_small, frames), LOOKED_AT)
    crops = crops_of([one.gray for one in kept])
    begins, ends = _drawing(crops)
    chosen = [begins + k for k in spread(ends - begins, STEPS)]
    shown = np.stack([one.gray for one in kept])[chosen]
    return Drawn(tuple(kept[k].at + 1 for k in chosen), shown, crops[chosen])


def crops_of(frames: Sequence[Gray]) -> NDArray[np.uint8]:
    """All ink of each frame of a clip as one crop: (n, 28, 28) uint8, prepared as digits are; 0 where there is none."""
    bright = ink_is_bright(frames[-1])
    return np.stack([mnist_crop(ink_of(255 - gray if bright else gray)) for gray in frames])


def ink_is_bright(gray: Gray) -> bool:
    """Whether what covers less of a sheet is brighter than the rest: half a digit has no strokes to go by."""
    dark, paper, bright = np.percentile(cv2.blur(gray, (3, 3)), [0.5, 50, 99.5])
    return bool(bright - paper > paper - dark)


def ink_of(gray: Gray) -> Gray:
    """The strength of dark ink on a sheet, soft edges included, 0 elsewhere.

    Half a digit may be a long line, or a dot: unlike in a field, nothing is taken for print or dirt.
    """
    ink = even_lighting(gray)
    mask = THRESHOLDS["auto"](cv2.GaussianBlur(ink, (0, 0), SOFT))
    ink, contrast = stretch(ink, mask)
    if contrast < MIN_CONTRAST:
        return np.zeros_like(ink)
    return np.asarray(ink * cv2.dilate(mask.view(np.uint8), np.ones((3, 3), np.uint8)))


def _drawing(crops: NDArray[np.uint8]) -> tuple[int, int]:
    """The first frame with ink, and the one after that which shows the finished drawing."""
    inked = np.flatnonzero(crops.any(axis=(1, 2)))
    if not len(inked):
        return 0, 0
    changed = np.abs(crops.astype(np.int16) - crops[inked[-1]]).mean(axis=(1, 2)) > STILL
    moving = np.flatnonzero(changed[: inked[-1]])
    last = int(moving[-1]) + 1 if len(moving) else int(inked[0])
    return int(inked[0]), last + 1


def _small(gray: Gray) -> Gray:
    scale = SIDE / max(gray.shape)
    return gray if scale >= 1 else np.asarray(cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
