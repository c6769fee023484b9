"""What the segmenter found, stage by stage."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, floor

import cv2
import numpy as np
from numpy.typing import NDArray

from segmenter.ink.kinds import INK, MARK, WRITING
from segmenter.pieces import Pieces
from segmenter.regions import Regions

Gray = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Candidate:
    """A run of pieces that may be one digit.

    Attributes
    ----------
    start, stop : int
        The pieces ``start`` to ``stop - 1``.
    box : (left, top, right, bottom)
        Pixels of the original image, right and bottom exclusive.
    """

    start: int
    stop: int
    box: Box


@dataclass(frozen=True, eq=False)
class Writing:
    """The writing of an image or a part of it: the stages up to the regions of interest.

    Attributes
    ----------
    gray : (H, W) uint8
        The part of the image that was looked at, at working scale.
    field : (64, 128) uint8
        All of the image in gray, see :func:`segmenter.canvas.fit_field`.
    ink : (H, W) uint8
        Strength of the ink, bright on 0, lighting evened.
    kinds : (H, W) uint8
        What each pixel shows, ink and what was taken out of it; see :mod:`segmenter.ink.kinds`.
    contrast : int
        Gray levels between paper and stroke cores.
    min_contrast : int
        The contrast that was asked of ink; with less there is none.
    regions : Regions
        Connected ink, left to right.
    scale : float
        Pixels of the original image for one of ``gray``.
    origin : (x, y)
        Where ``gray`` begins in the original image.
    size : (width, height)
        Of the original image.
    """

    gray: Gray
    field: Gray
    ink: Gray
    kinds: Gray
    contrast: int
    min_contrast: int
    regions: Regions
    scale: float
    origin: tuple[int, int]
    size: tuple[int, int]

    @property
    def mask(self) -> Mask:
        """(H, W) bool, True = ink."""
        return np.asarray(self.kinds == INK)

    @property
    def taken_out(self) -> NDArray[np.int_]:
        """Boxes (m, 4) in ``kinds`` of what was taken for other writing, print or marks: left, top, right, bottom."""
        taken = (self.kinds == WRITING) | (self.kinds == MARK)
        _, _, stats, _ = cv2.connectedComponentsWithStats(taken.view(np.uint8))
        corners, sides = stats[1:, :2].astype(int), stats[1:, 2:4]
        return np.hstack([corners, corners + sides])

    @property
    def text_height(self) -> int:
        """Height of the writing in pixels of ``gray``; 0 if there is none."""
        return self.regions.text_height

    def to_original(self, box: NDArray[np.int_]) -> Box:
        """A box in pixels of ``gray`` as one in pixels of the original image."""
        left, top, right, bottom = (v * self.scale for v in box.tolist())
        x, y = self.origin
        width, height = self.size
        return x + floor(left), y + floor(top), min(x + ceil(right), width), min(y + ceil(bottom), height)


@dataclass(frozen=True, eq=False)
class Segmentation(Writing):
    """What the segmenter found in one image. The stages stay on it for pictures and debugging.

    Attributes
    ----------
    pieces : Pieces
        Ink between neighbouring cuts.
    candidates : tuple of Candidate
        Runs of pieces that may be one digit.
    crops : (n, 28, 28) uint8
        One MNIST-normalised crop for each candidate, ink bright on 0.
    """

    pieces: Pieces
    candidates: tuple[Candidate, ...]
    crops: NDArray[np.uint8]

    @property
    def cuts(self) -> tuple[NDArray[np.int_], ...]:
        """Each cut as x, y points of ``gray``."""
        return self.pieces.cuts

    @property
    def boxes(self) -> tuple[Box, ...]:
        """Boxes of the candidates, in pixels of the original image."""
        return tuple(c.box for c in self.candidates)

    @property
    def ambiguous(self) -> bool:
        """Whether there may be more than one way to divide the ink into digits."""
        singles = [(i, i + 1) for i in range(len(self.pieces))]
        return bool(self.pieces.cuts) or [(c.start, c.stop) for c in self.candidates] != singles


def with_rest(writing: Writing, first: Writing) -> Writing:
    """The writing of a part of the image, seen closer, and with it what the first look saw beside that part."""
    boxes = (
        first.regions.left_out * first.scale + np.tile(first.origin, 2) - np.tile(writing.origin, 2)
    ) / writing.scale
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    beside = ((middle < 0) | (middle > writing.gray.shape[::-1])).any(axis=1)
    width, height = (boxes[:, 2:] - boxes[:, :2]).T
    printed = (width > 1.5 * writing.text_height) & (height < 0.35 * writing.text_height)  # a line that is written on
    left_out = np.concatenate([writing.regions.left_out, boxes[beside & ~printed].astype(int)])
    return replace(writing, regions=replace(writing.regions, left_out=left_out))
