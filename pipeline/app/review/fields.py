"""What the review is about: a field with the reader's answer, and a person's decision on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.decision.evidence import digits_in
from pipeline.reading import Box
from segmenter import load_gray

# What can be decided of a field; a skipped one is asked about again at the end.
VERDICTS = ("number", "unreadable", "no number", "skip")


@dataclass(frozen=True)
class Field:
    """One image with what the reader made of it.

    Attributes
    ----------
    key : str
        The same image has the same key, however often it is added.
    name : str
        As people call it; never a path.
    number, status, reason, confidence
        As of :class:`pipeline.Reading`; of a file that is no image the status is 'error'.
    boxes : tuple of Box
        Of the digits, in pixels of the image.
    places : int
        Digits that a number of this pile has at most.
    reader : str
        Version of the reader.
    queued : bool
        Whether a person is asked about it.
    doubt : float
        Its place in a queue that begins with the most doubtful: the confidence, but for fields that were accepted and
        are asked about to check the reader. Those lie at random among the others.
    probabilities : tuple of float
        Of the digits of the number.
    path : str, optional
        Where the image lies.
    image : bytes, optional
        The image itself, if it lies nowhere else.
    id : int
        In the store; 0 before it is there.
    """

    key: str
    name: str
    number: str
    status: str
    reason: str
    confidence: float
    boxes: tuple[Box, ...]
    places: int
    reader: str
    queued: bool
    doubt: float
    probabilities: tuple[float, ...] = ()
    path: str | None = None
    image: bytes | None = None
    id: int = 0

    @property
    def seen(self) -> str:
        """What was read: the number, or the digits of a field that shows more or fewer than a number has."""
        return self.number or digits_in(self.reason)


@dataclass(frozen=True)
class Decision:
    """What a person said of a field.

    Attributes
    ----------
    token : str
        Made by who asks for it to be stored; the same one is stored once, however often it is sent.
    field : int
        Its id.
    verdict : str
        One of :data:`VERDICTS`.
    number : str
        What the field shows; '' but for a number.
    reviewer : str
        Who said so.
    seconds : float
        From when it was shown.
    """

    token: str
    field: int
    verdict: str
    number: str
    reviewer: str
    seconds: float = 0.0

    def __post_init__(self) -> None:
        if self.verdict not in VERDICTS:
            raise ValueError(f"`verdict` should be one of {list(VERDICTS)}. Received: {self.verdict!r}.")
        if self.verdict == "number" and not (self.number.isascii() and self.number.isdecimal()):
            raise ValueError(f"A number should be digits. Received: {self.number!r}.")
        if self.verdict != "number" and self.number:
            raise ValueError(f"Only the verdict 'number' has a number. Received: {self.number!r} of {self.verdict!r}.")


@dataclass(frozen=True)
class Progress:
    """How far a review has come.

    Attributes
    ----------
    decided, skipped, left : int
        Fields of the queue; they add up to all of it.
    held : int
        Those of ``left`` that another reviewer has on the screen.
    seconds_each : float
        Median over the last decisions; 0 before the first.
    """

    decided: int
    skipped: int
    left: int
    held: int
    seconds_each: float


def load_image(field: Field) -> NDArray[np.uint8]:
    """The image of a field, gray (H, W) uint8.

    Raises
    ------
    OSError, ValueError
        If it is gone, or is no image.
    """
    return load_gray(field.image if field.path is None else Path(field.path))
