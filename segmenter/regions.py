"""Ink mask -> regions of interest: connected ink, broken strokes joined, specks dropped, left to right."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from segmenter.ink.kinds import SURROUNDING

Mask = NDArray[np.bool_]
Labels = NDArray[np.int32]


# Shares of the height of the writing: dropped components smaller than GRAIN are paper grain, thinner than PEN no ink.
GRAIN, PEN = 0.08, 0.07
# A stroke with no other digit near is joined over a wider gap, in gaps inside a digit.
ALONE = 1.75
# A component that is higher than this share is a digit of its own.
LOW = 0.75
# More components than that are not looked at one by one.
MOST = 200
# As many regions side by side may be the digits of a number: the lengths of :mod:`classifier.number_format`, which
# this package does not import.
LENGTHS = (3,)
# Heights of the digits of a plain number differ by no more than this factor.
SIMILAR = 1.35
# Sides of the same region, seen in two ways, lie no further apart, as a share of the height of the writing.
SAME = 0.12
# Other writing is at least so high, as a share of the height of the number's.
OTHER = 0.3


@dataclass(frozen=True, eq=False)
class Regions:
    """Regions in reading order.

    Attributes
    ----------
    labels : (H, W) int32
        0 = paper or dropped ink, i + 1 = region i.
    boxes : (n, 4) int
        left, top, right, bottom in pixels of ``labels``; right and bottom exclusive.
    text_height : int
        Height of the writing in pixels: the median over the ink of the height of its component.
    left_out : (m, 4) int
        Boxes of what was dropped though it is too large for paper grain: a point, a minus, a small
        digit beside the number. They may lie outside ``labels``, on the rest of the image.
    joined : bool
        Whether a region was put together of several components.
    """

    labels: Labels
    boxes: NDArray[np.int_]
    text_height: int
    left_out: NDArray[np.int_] = field(default_factory=lambda: np.zeros((0, 4), int))
    joined: bool = False

    def __len__(self) -> int:
        return len(self.boxes)


def find_regions(mask: Mask, *, speck: float = 0.3, join_gap: float = 0.2) -> Regions:
    """Find the regions of interest.

    Parameters
    ----------
    mask : (H, W) bool
        True = ink.
    speck : float
        Components lower than this share of the text height are no digits of their own; those far
        from every larger one, and dots, are dropped.
    join_gap : float
        Widest gap within a broken digit, as a share of the text height. A low component as near as
        that to a larger one, and above or below it, is joined to it; a stroke with no other digit near
        also over 1.75 times that gap.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
    if count == 1:
        return Regions(labels, np.zeros((0, 4), int), 0)
    stats = stats[1:].astype(int)
    if len(stats) > MOST:
        labels, stats = _largest(labels, stats)
    boxes = np.column_stack([stats[:, 0], stats[:, 1], stats[:, 0] + stats[:, 2], stats[:, 1] + stats[:, 3]])
    heights, areas = stats[:, 3], stats[:, 4]
    text_height = _weighted_median(heights, areas)
    low = heights <= LOW * text_height
    owner = _owners(labels, boxes, heights, text_height, speck, join_gap) if low.any() else np.arange(len(boxes))
    kept = np.flatnonzero(owner == np.arange(len(boxes)))
    whole = len(kept) == len(owner)
    merged = boxes if whole else np.array([union(boxes[owner == k]) for k in kept]).reshape(-1, 4)
    order = np.argsort(merged[:, 0] + merged[:, 2], kind="stable")
    dropped = boxes[owner < 0]
    sides = dropped[:, 2:] - dropped[:, :2]
    # Rests of printed lines are thinner than a pen's stroke.
    by_pen = (sides.max(axis=1) >= max(3, GRAIN * text_height)) & (sides.min(axis=1) >= max(2, PEN * text_height))
    if whole and (order == np.arange(len(order))).all():
        return Regions(labels, merged, text_height)
    rank = np.zeros(len(boxes) + 1, np.int32)
    for new, old in enumerate(kept[order]):
        rank[1:][owner == old] = new + 1
    joined = bool(((owner >= 0) & (owner != np.arange(len(owner)))).any())
    return Regions(rank[labels], merged[order], text_height, dropped[by_pen], joined)


def _largest(labels: Labels, stats: NDArray[np.int_]) -> tuple[Labels, NDArray[np.int_]]:
    """Keep the components with the most ink, so that paper full of grain takes no minutes."""
    kept = np.sort(np.argsort(-stats[:, 4], kind="stable")[:MOST])
    renumber = np.zeros(len(stats) + 1, np.int32)
    renumber[kept + 1] = np.arange(1, MOST + 1)
    return renumber[labels], stats[kept]


def _weighted_median(values: NDArray[np.int_], weights: NDArray[np.int_]) -> int:
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return int(values[order][np.searchsorted(total, total[-1] / 2)])


def union(boxes: NDArray[np.int_]) -> NDArray[np.int_]:
    """The box around boxes (n, 4)."""
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])


def _owners(
    labels: Labels,
    boxes: NDArray[np.int_],
    heights: NDArray[np.int_],
    text_height: int,
    speck: float,
    join_gap: float,
) -> NDArray[np.int_]:
    """For each component the one that it belongs to: itself, a larger one, or -1 if it is dropped."""
    owner = np.arange(len(boxes))
    reach = max(2, round(join_gap * text_height))
    for i in np.argsort(-heights):
        if heights[i] > LOW * text_height:
            continue
        rivals = np.flatnonzero((heights > heights[i]) & (owner >= 0))
        dot = _is_dot(boxes[i], text_height)
        near, gap, next_gap = _nearest(labels, boxes[i], i, rivals, reach if dot else round(ALONE * reach))
        shared = _share_columns(boxes[i], boxes[near]) if near >= 0 else 0.0
        alone = not dot and next_gap > 2 * gap and shared > 0.2
        if (gap <= reach and shared > 0.5) or alone:
            owner[i] = owner[near]
        elif heights[i] < speck * text_height and (gap > reach or dot):
            owner[i] = -1
    return owner


def _share_columns(a: NDArray[np.int_], b: NDArray[np.int_]) -> float:
    """Columns that two boxes share, as a share of the narrower one."""
    return (min(a[2], b[2]) - max(a[0], b[0])) / min(a[2] - a[0], b[2] - b[0])


def _is_dot(box: NDArray[np.int_], text_height: int) -> bool:
    """Small both ways: a dot or a comma, where a long low component may be the bar of a five."""
    return max(box[2] - box[0], box[3] - box[1]) < 0.25 * text_height


def _nearest(
    labels: Labels, box: NDArray[np.int_], own: int, rivals: NDArray[np.int_], reach: int
) -> tuple[int, float, float]:
    """The component of ``rivals`` nearest to ``own``, its distance in pixels and that of the next one.

    -1 and infinity if all are farther than ``reach``.
    """
    left, top, right, bottom = box
    margin = 2 * reach  # where the next one counts
    window = labels[max(0, top - margin) : bottom + margin, max(0, left - margin) : right + margin]
    distance = cv2.distanceTransform((window != own + 1).astype(np.uint8), cv2.DIST_L2, 3)
    gaps = [float(distance[window == r + 1].min(initial=np.inf)) for r in rivals] + [np.inf] * 2
    best, second = np.argsort(gaps, kind="stable")[:2]
    if gaps[best] > reach:
        return -1, np.inf, np.inf
    return int(rivals[best]), gaps[best], gaps[second]


def stand_apart(regions: Regions) -> bool:
    """Whether as many regions as a number has digits, each of a digit's size, stand side by side: nothing to cut."""
    boxes, text_height = regions.boxes, regions.text_height
    if len(boxes) not in LENGTHS:
        return False
    width, height = (boxes[:, 2:] - boxes[:, :2]).T
    apart = boxes[:-1, 2] <= boxes[1:, 0]
    return bool(apart.all() and (height > 0.5 * text_height).all() and (width < 1.2 * text_height).all())


def is_plain(kinds: NDArray[np.uint8], regions: Regions) -> bool:
    """Whether nothing but a number is to be seen: whole regions that stand free and apart, and are alike."""
    if not stand_apart(regions) or regions.joined or len(regions.left_out) or not stands_free(kinds, regions):
        return False
    heights = regions.boxes[:, 3] - regions.boxes[:, 1]
    return bool(heights.max() <= SIMILAR * heights.min())


def stands_free(kinds: NDArray[np.uint8], regions: Regions) -> bool:
    """Whether paper is all around the writing: nothing reaches the border of the image, no desk was taken out."""
    boxes, (height, width) = regions.boxes, kinds.shape
    if not len(boxes) or kinds.max(initial=0) == SURROUNDING:
        return False
    return bool(boxes[:, :2].min() > 0 and (boxes[:, 2:].max(axis=0) < (width, height)).all())


def are_alike(some: Regions, others: Regions) -> bool:
    """Whether both are as many regions in the same places, so that of their ink hardly more than edges differs."""
    if len(some) != len(others) or not len(some):
        return False
    return bool(np.abs(some.boxes - others.boxes).max() <= max(2, SAME * others.text_height))


def with_other_writing(regions: Regions, writing: Mask) -> Regions:
    """The same regions, with the boxes of what is writing but in no number among what was left out."""
    if not writing.any():
        return regions
    _, _, stats, _ = cv2.connectedComponentsWithStats(writing.view(np.uint8))
    large = stats[1:][stats[1:, cv2.CC_STAT_HEIGHT] >= max(3, OTHER * regions.text_height)].astype(int)
    boxes = np.column_stack([large[:, :2], large[:, :2] + large[:, 2:4]])
    return replace(regions, left_out=np.concatenate([regions.left_out, boxes]))
