"""Regions -> pieces that no cut divides -> runs of pieces that may be digits -> their crops."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from segmenter.crops import CROP, mnist_crop
from segmenter.cuts import CutGenerator
from segmenter.regions import Regions, union

Gray = NDArray[np.uint8]
Run = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Pieces:
    """Connected ink that no cut divides, left to right.

    Attributes
    ----------
    labels : (H, W) int32
        0 = paper, i + 1 = piece i.
    boxes : (n, 4) int
        left, top, right, bottom in pixels of ``labels``.
    crossed : (n,) float
        Ink crossed by the cut on the left of each piece, in stroke widths; 0 where there is none.
    cuts : tuple of (k, 2) int arrays
        The cuts between them as x, y points.
    """

    labels: NDArray[np.int32]
    boxes: NDArray[np.int_]
    crossed: NDArray[np.float64]
    cuts: tuple[NDArray[np.int_], ...] = ()


def cut_regions(regions: Regions, generator: CutGenerator, *, spacing: float, max_cost: float) -> Pieces:
    """Divide every region at its candidate cuts.

    Parameters
    ----------
    regions : Regions
    generator : callable
        One of :data:`segmenter.cuts.CUT_GENERATORS`.
    spacing : float
        Least distance between two cuts, share of the height of the writing; never under 3 px.
    max_cost : float
        Most ink that a cut may cross, in stroke widths.
    """
    distance = max(3, round(spacing * regions.text_height))
    labels = np.zeros_like(regions.labels)
    boxes, crossed, drawn = [], [], []
    for region, (left, top, right, bottom) in enumerate(regions.boxes):
        own = regions.labels[top:bottom, left:right] == region + 1
        side = np.zeros(own.shape, int)
        cuts = generator(own, spacing=distance, max_cost=max_cost)
        for cut in cuts:
            side += np.arange(own.shape[1]) >= cut.columns[:, None]
            drawn.append(np.column_stack([cut.columns + left, np.arange(top, bottom)]))
        for k in np.unique(side[own]):
            part = own & (side == k)
            x, y, width, height = cv2.boundingRect(part.view(np.uint8))
            boxes.append((left + x, top + y, left + x + width, top + y + height))
            crossed.append(cuts[k - 1].cost if k else 0.0)
            labels[top:bottom, left:right][part] = len(boxes)
    return Pieces(labels, np.array(boxes, int).reshape(-1, 4), np.array(crossed), tuple(drawn))


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
    runs = []
    for start in range(len(pieces.boxes)):
        left, top, right, bottom = pieces.boxes[start].tolist()
        for stop in range(start + 1, min(start + max_pieces, len(pieces.boxes)) + 1):
            x0, y0, x1, y1 = pieces.boxes[stop - 1].tolist()
            gap = x0 - right
            left, top, right, bottom = min(left, x0), min(top, y0), max(right, x1), max(bottom, y1)
            if right - left > max_width * text_height or gap > max_gap * text_height:
                break
            if bottom - top >= MIN_HEIGHT * text_height:
                runs.append((start, stop))
    return runs


# Lower runs are no digit, share of the height of the writing.
MIN_HEIGHT = 0.35


def crop_runs(ink: Gray, pieces: Pieces, runs: list[Run]) -> tuple[NDArray[np.uint8], list[NDArray[np.int_]]]:
    """MNIST-normalised crops (n, 28, 28) of the runs and their boxes in pixels of ``ink``."""
    crops, boxes = np.zeros((len(runs), CROP, CROP), np.uint8), []
    for k, (start, stop) in enumerate(runs):
        box = pieces.boxes[start] if stop == start + 1 else union(pieces.boxes[start:stop])
        boxes.append(box)
        crops[k] = mnist_crop(_ink_of(ink, pieces.labels, start, stop, box))
    return crops, boxes


def _ink_of(ink: Gray, labels: NDArray[np.int32], start: int, stop: int, box: NDArray[np.int_]) -> Gray:
    """Ink of a run of pieces: their own pixels and the soft edge around them that no other piece owns."""
    left, top, right, bottom = box.tolist()
    left, top = max(0, left - 1), max(0, top - 1)
    window = labels[top : bottom + 1, left : right + 1]
    own = ((window > start) & (window <= stop)).view(np.uint8)
    others = (window > 0).view(np.uint8) - own
    edge = cv2.dilate(own, _CROSS) & ~others
    return ink[top : bottom + 1, left : right + 1] * edge


_CROSS = np.ones((3, 3), np.uint8)
