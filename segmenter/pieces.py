"""Regions -> pieces between neighbouring cuts -> runs from cut to cut that may be digits -> their crops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from segmenter.crops import CROP, mnist_crop
from segmenter.cut_paths import Cut, Strokes, distinct
from segmenter.cut_points import CutGenerator
from segmenter.regions import Regions

Gray = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Run = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Pieces:
    """Ink between neighbouring cuts, left to right.

    Attributes
    ----------
    labels : (H, W) int32
        0 = paper, i + 1 = piece i. Where two cuts cross, the piece between them has two parts.
    regions : (H, W) int32
        0 = paper, r + 1 = region r, which the pieces are made of.
    region : (n,) int
        Which region each piece is of.
    starts : (n, H) int
        For each row the first column right of the cut on the left of each piece; 0 where there is none.
    crossed : (n,) float
        Ink crossed by that cut, in stroke widths; 0 where there is none.
    cuts : tuple of (k, 2) int arrays
        All cuts as x, y points.
    """

    labels: NDArray[np.int32]
    regions: NDArray[np.int32]
    region: NDArray[np.intp]
    starts: NDArray[np.int_]
    crossed: NDArray[np.float64]
    cuts: tuple[NDArray[np.int_], ...] = ()

    def __len__(self) -> int:
        return len(self.region)

    @property
    def areas(self) -> NDArray[np.int_]:
        """(n,) pixels of ink of each piece."""
        return np.bincount(self.labels.ravel(), minlength=len(self) + 1)[1 : len(self) + 1]

    @property
    def heights(self) -> NDArray[np.int_]:
        """(n,) rows from the top to the bottom of each piece; 0 for one without ink."""
        return np.array([bottom - top for _, top, _, bottom in self.boxes], int)

    @property
    def boxes(self) -> list[tuple[int, int, int, int]]:
        """left, top, right, bottom of each piece, in pixels of ``labels``."""
        found = [cv2.boundingRect((self.labels == k + 1).view(np.uint8)) for k in range(len(self))]
        return [(x, y, x + width, y + height) for x, y, width, height in found]

    @property
    def borders(self) -> NDArray[np.int_]:
        """(n,) how many of the left and the right border of the image each piece touches."""
        touched = [np.unique(column[column > 0]) - 1 for column in (self.labels[:, 0], self.labels[:, -1])]
        return np.bincount(np.concatenate(touched), minlength=len(self))

    def cut_before(self, piece: int) -> int | None:
        """Which of ``cuts`` a piece begins at; None where a region begins, or all pieces end."""
        if piece == 0 or piece == len(self) or self.region[piece] != self.region[piece - 1]:
            return None
        return piece - 1 - int(self.region[piece])  # every region has one piece more than cuts

    def ink_of(self, start: int, stop: int) -> Mask:
        """(H, W) mask of the ink from the left cut of piece ``start`` to that of piece ``stop``."""
        if not self.cuts:  # most images: every piece is a region
            return (self.labels > start) & (self.labels <= stop)
        first, last = self.region[start], self.region[stop - 1]
        own = (self.regions > first) & (self.regions <= last + 1)
        columns = np.arange(own.shape[1])
        own &= (columns >= self.starts[start][:, None]) | (self.regions > first + 1)
        if stop < len(self) and self.region[stop] == last:
            own &= (columns < self.starts[stop][:, None]) | (self.regions < last + 1)
        return own


def whole_regions(regions: Regions) -> Pieces:
    """Every region as one piece."""
    n, height = len(regions.boxes), len(regions.labels)
    return Pieces(regions.labels, regions.labels, np.arange(n), np.zeros((n, height), int), np.zeros(n))


def cut_regions(
    regions: Regions, ink: Gray, generators: Sequence[CutGenerator], *, spacing: float, max_cost: float, max_cuts: int
) -> Pieces:
    """Divide every region at its candidate cuts.

    Parameters
    ----------
    regions : Regions
    ink : (H, W) uint8
        Strength of the ink.
    generators : sequence of callable
        Of :data:`segmenter.cut_points.CUT_GENERATORS`.
    spacing : float
        Least distance between two cuts of one generator, share of the height of the writing; never under 3 px.
    max_cost : float
        Most ink that a cut may cross, in stroke widths.
    max_cuts : int
        Most cuts of one region.
    """
    distance = max(3, round(spacing * regions.text_height))
    labels = np.zeros_like(regions.labels)
    region: list[int] = []
    starts, crossed, drawn = [], [], []
    for k, (left, top, right, bottom) in enumerate(regions.boxes.tolist()):
        window = np.s_[top:bottom, left:right]
        own = regions.labels[window] == k + 1
        cuts = _cuts(ink[window], own, generators, distance, max_cost, max_cuts)
        side = _sides(own, cuts)
        while not (filled := np.bincount(side[own], minlength=len(cuts) + 1) > 0).all():
            del cuts[max(0, int(filled.argmin()) - 1)]
            side = _sides(own, cuts)
        labels[window][own] = len(region) + 1 + side[own]
        for cut in (None, *cuts):
            start = np.zeros(len(labels), int)
            if cut is not None:
                start[top:bottom] = cut.columns + left
                drawn.append(np.column_stack([cut.columns + left, np.arange(top, bottom)]))
            region.append(k)
            starts.append(start)
            crossed.append(cut.cost if cut else 0.0)
    rows = np.array(starts, int).reshape(-1, len(labels))
    return Pieces(labels, regions.labels, np.array(region, np.intp), rows, np.array(crossed), tuple(drawn))


def _sides(own: Mask, cuts: list[Cut]) -> NDArray[np.intp]:
    """How many cuts lie left of each pixel; where cuts cross, in the order of their columns in each row."""
    columns = np.array([cut.columns for cut in cuts], int).reshape(len(cuts), len(own))
    return np.asarray((np.arange(own.shape[1]) >= columns[:, :, None]).sum(axis=0))


def _cuts(
    ink: Gray, own: Mask, generators: Sequence[CutGenerator], distance: int, max_cost: float, max_cuts: int
) -> list[Cut]:
    if own.shape[1] < 2 * distance:
        return []
    strokes = Strokes(ink, own)
    found = [cut for generator in generators for cut in generator(strokes, spacing=distance)]
    return distinct(found, strokes, most=max_cuts, max_cost=max_cost)


# Lower runs are no digit, share of the height of the writing.
MIN_HEIGHT = 0.35


def digit_sized_runs(
    pieces: Pieces, text_height: int, *, max_width: float, max_gap: float, max_pieces: int
) -> list[Run]:
    """Runs ``start, stop`` of neighbouring pieces that together have the size of a digit.

    Parameters
    ----------
    max_width, max_gap : float
        Widest digit and widest gap inside one, shares of ``text_height``.
    max_pieces : int
        Longest run.
    """
    boxes = pieces.boxes
    runs = []
    for start in range(len(boxes)):
        left, top, right, bottom = boxes[start]
        for stop in range(start + 1, min(start + max_pieces, len(boxes)) + 1):
            x0, y0, x1, y1 = boxes[stop - 1]
            gap = x0 - right
            left, top, right, bottom = min(left, x0), min(top, y0), max(right, x1), max(bottom, y1)
            if right - left > max_width * text_height or gap > max_gap * text_height:
                break
            if bottom - top >= MIN_HEIGHT * text_height:
                runs.append((start, stop))
    return runs


def crop_runs(ink: Gray, pieces: Pieces, runs: list[Run]) -> tuple[NDArray[np.uint8], list[NDArray[np.int_]]]:
    """MNIST-normalised crops (n, 28, 28) of the runs and their boxes in pixels of ``ink``."""
    crops, boxes = np.zeros((len(runs), CROP, CROP), np.uint8), []
    every = (pieces.regions > 0).view(np.uint8)
    for k, run in enumerate(runs):
        own = pieces.ink_of(*run).view(np.uint8)
        x, y, width, height = cv2.boundingRect(own)
        boxes.append(np.array([x, y, x + width, y + height]))
        left, top = max(0, x - 1), max(0, y - 1)
        window = np.s_[top : y + height + 1, left : x + width + 1]
        # The soft edge around the strokes that no other piece owns.
        edge = cv2.dilate(own[window], _CROSS) & ~(every[window] - own[window])
        crops[k] = mnist_crop(ink[window] * edge)
    return crops, boxes


_CROSS = np.ones((3, 3), np.uint8)
