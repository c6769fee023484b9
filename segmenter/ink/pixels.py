"""What each pixel of an image shows, in the picture of fixed size that a network looks at, and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from segmenter.canvas import FIELD, fit_field, part_of_field
from segmenter.ink.binarize import ink_is_bright
from segmenter.ink.kinds import INK, MARK, NAMES, PAPER, SURROUNDING, WRITING

Gray = NDArray[np.uint8]
# Gray field (64, 128) uint8 -> for each pixel the probabilities of :mod:`segmenter.ink.kinds`, (64, 128, 5) float32.
Tell = Callable[[Gray], NDArray[np.float32]]

# Share of a pixel from which a thin stroke counts as seen there.
SEEN = 0.35
# The probability of ink from which a pixel may be some, and from which it surely is.
MAY_BE, IS = 0.25, 0.6
# What is taken out of the ink is something else with so much of the probability of both, on average.
SURE = 0.8
# Side of the square that paper is averaged over, per cent of the shorter side of the image.
LIGHTING = 35


def fit_pixels(kinds: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Set a map of what pixels show into a field, as :func:`segmenter.fit_field` does with their gray values.

    Parameters
    ----------
    kinds : (H, W) uint8
        See :mod:`segmenter.ink.kinds`.

    Returns
    -------
    (64, 128) uint8
        Beside the image what its edge shows most.
    """
    left, top, width, height = part_of_field(kinds.shape)
    small = np.zeros((height, width), np.uint8)
    for kind in (SURROUNDING, MARK, WRITING, INK):
        share = cv2.resize(255 * (kinds == kind).view(np.uint8), (width, height), interpolation=cv2.INTER_AREA)
        small[share > 255 * (0.5 if kind == SURROUNDING else SEEN)] = kind
    edge = np.concatenate([kinds[0], kinds[-1], kinds[:, 0], kinds[:, -1]])
    field = np.full(FIELD, np.bincount(edge).argmax(), np.uint8)
    field[top : top + height, left : left + width] = small
    return field


def _strokes_kept(probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same, but what is connected and taken for no ink on balance only is ink: a part of a digit, mostly."""
    ink, other = probabilities[..., INK], probabilities[..., WRITING:].sum(axis=2)
    dark = ink + other
    taken = (other > ink) & (dark > MAY_BE)
    count, labels = cv2.connectedComponents(taken.view(np.uint8))
    weight = np.bincount(labels.ravel(), dark.ravel(), count)
    doubt = np.bincount(labels.ravel(), ink.ravel(), count) > (1 - SURE) * weight
    doubt[0] = False
    kept = probabilities.copy()
    restored = doubt[labels]
    kept[restored, INK] = dark[restored]
    kept[restored, WRITING:] = 0
    return kept


@dataclass(frozen=True, eq=False)
class Told:
    """What a network says each pixel of an image shows.

    Attributes
    ----------
    probabilities : (H, W, 5) float32
        See :mod:`segmenter.ink.kinds`.
    """

    probabilities: NDArray[np.float32]

    @classmethod
    def of(cls, gray: Gray, tell: Tell, marks: NDArray[np.bool_] | None = None) -> Told:
        """Ask about an image, of which ``marks``, (H, W) bool, are known to be such."""
        left, top, width, height = part_of_field(gray.shape)
        part = _strokes_kept(tell(fit_field(gray)))[top : top + height, left : left + width]
        probabilities = np.asarray(cv2.resize(part, gray.shape[::-1], interpolation=cv2.INTER_LINEAR))
        if marks is not None and marks.any():
            with_edges = cv2.dilate(marks.view(np.uint8), np.ones((3, 3), np.uint8)) > 0
            probabilities[with_edges] = np.eye(len(NAMES), dtype=np.float32)[MARK]
        return cls(probabilities)

    def on_paper(self, gray: Gray) -> tuple[Gray, bool]:
        """The image with paper in place of its surroundings, and whether its ink is brighter than that."""
        p = self.probabilities
        paper, ink = p[..., PAPER] > IS, p[..., INK] > IS
        if not paper.any():
            return gray, ink_is_bright(gray)
        level = np.median(gray[paper])
        beside = p[..., SURROUNDING] > 1 - IS
        gray = np.where(beside, np.uint8(level), gray)
        return gray, bool(np.median(gray[ink]) > level) if ink.any() else ink_is_bright(gray)

    def strength(self, dark: Gray) -> Gray:
        """Strength of dark ink relative to the paper around it, as of :func:`segmenter.ink.binarize.even_lighting`.

        The paper is the mean of what is told to be some (normalised convolution: Knutsson & Westin, 1993), so that
        strokes may be of any thickness.
        """
        side = LIGHTING * min(dark.shape) // 100 | 1
        is_paper = (self.probabilities[..., PAPER] > IS).astype(np.float32)
        near = cv2.blur(is_paper, (side, side), borderType=cv2.BORDER_REPLICATE)
        paper = cv2.blur(is_paper * dark, (side, side), borderType=cv2.BORDER_REPLICATE) / np.maximum(near, 1e-6)
        everywhere = float(np.median(dark[is_paper > 0])) if is_paper.any() else float(dark.max())
        paper = np.where(near > 0.02, paper, everywhere)
        return np.clip(255 * (1 - dark / np.maximum(paper, 1)), 0, 255).astype(np.uint8)

    def only_ink(self, strength: Gray) -> Gray:
        """Ink and the paper close to it; elsewhere as if there were such paper, too."""
        p, side = self.probabilities, self._reach()
        near = cv2.dilate(self._ink().view(np.uint8), np.ones((side, side), np.uint8)) > 0
        near &= p[..., [WRITING, MARK, SURROUNDING]].sum(axis=2) < 1 - MAY_BE
        paper = strength[near & (p[..., PAPER] > IS)]
        return np.where(near, strength, np.uint8(np.median(paper)) if len(paper) else np.uint8(0))

    def kinds(self, mask: NDArray[np.bool_]) -> Gray:
        """What each pixel shows, of a mask of what is dark enough for ink."""
        kinds = self.probabilities.argmax(axis=2).astype(np.uint8)
        kinds[(kinds == INK) | (mask & self._ink())] = PAPER
        kinds[mask & self._ink()] = INK
        return kinds

    def _ink(self) -> NDArray[np.bool_]:
        """Where ink is more likely than anything else that is not paper."""
        p = self.probabilities
        return np.asarray((p[..., INK] > MAY_BE) & (p[..., INK] > p[..., [WRITING, MARK, SURROUNDING]].max(axis=2)))

    def _reach(self) -> int:
        """Side of a square of two pixels of the field around each pixel; odd."""
        height, width = self.probabilities.shape[:2]
        return 4 * max(1, round(width / part_of_field((height, width))[2])) + 1
