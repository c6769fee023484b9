"""Where touching ink may be cut: every generator takes the strokes of a region and yields cuts of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from segmenter.cut_paths import Cut, Mask, Point, Strokes


class CutGenerator(Protocol):
    """``spacing``: least distance between two cuts of its own, in pixels."""

    def __call__(self, strokes: Strokes, *, spacing: int) -> Iterator[Cut]: ...


def seams(strokes: Strokes, *, spacing: int) -> Iterator[Cut]:
    """One cut through each valley of the crossing cost along the middle row."""
    height, width = strokes.mask.shape
    middle = height // 2
    through = strokes.through[middle]
    taken = np.zeros(width, bool)
    taken[: spacing // 2] = taken[width - spacing // 2 :] = True
    for column in np.argsort(through, kind="stable").tolist():
        if not taken[column]:
            taken[max(0, column - spacing) : column + spacing + 1] = True
            yield strokes.cut(middle, column)


def contours(strokes: Strokes, *, spacing: int) -> Iterator[Cut]:
    """Straight from each valley of the upper contour to the nearest peak of the lower one.

    Strathy, Suen & Krzyzak, "Segmentation of handwritten digits using contour features", 1993.
    """
    mask = strokes.mask
    height = len(mask)
    upper = np.where(mask.any(axis=0), mask.argmax(axis=0), height)
    lower = np.where(mask.any(axis=0), height - 1 - mask[::-1].argmax(axis=0), -1)
    valleys, peaks = _maxima(upper, spacing), _maxima(-lower, spacing)
    for x0 in valleys:
        for x1 in sorted(peaks, key=lambda x: abs(x - x0))[:2]:
            if abs(x1 - x0) < 0.5 * height:
                yield _straight(strokes, (int(upper[x0]), x0), (int(lower[x1]), x1))


def drop_falls(strokes: Strokes, *, spacing: int) -> Iterator[Cut]:
    """The way of a drop that falls from a valley and cuts where it can roll to neither side, from above and below.

    Congedo, Dimauro, Impedovo & Pirlo, "Segmentation of numeric strings", 1995: descending and
    ascending, each with a preference for the left or the right.
    """
    for turned in (False, True):
        mask = strokes.mask[::-1] if turned else strokes.mask
        upper = np.where(mask.any(axis=0), mask.argmax(axis=0), len(mask))
        for start in _maxima(upper, spacing):
            for side in (-1, 1):
                path = _fall(mask, start, side)
                yield _priced(strokes, path[::-1] if turned else path)


def _fall(mask: Mask, column: int, side: int) -> NDArray[np.int_]:
    height, width = mask.shape
    path = np.empty(height, int)
    for y in range(height):
        path[y] = column
        if y + 1 == height:
            break
        for step in (0, side, -side):
            x = column + step
            if 0 <= x < width and not mask[y + 1, x]:
                column = x
                break
    return path


def branches(strokes: Strokes, *, spacing: int) -> Iterator[Cut]:
    """The cheapest cut through each branch point of the skeleton."""
    from skimage.morphology import skeletonize

    skeleton = skeletonize(strokes.mask).astype(np.uint8)
    neighbours = cv2.filter2D(skeleton, -1, np.ones((3, 3), np.float32), borderType=cv2.BORDER_CONSTANT) - skeleton
    points = (skeleton > 0) & (neighbours >= 3)
    yield from _through(strokes, points)


def necks(strokes: Strokes, *, spacing: int) -> Iterator[Cut]:
    """The cheapest cut through each neck: where two basins of the distance to the paper meet.

    Watershed on the distance transform (Vincent & Soille, 1991).
    """
    from skimage.feature import peak_local_max
    from skimage.segmentation import watershed

    distance = cv2.distanceTransform(np.pad(strokes.mask.view(np.uint8), 1), cv2.DIST_L2, 5)[1:-1, 1:-1]
    peaks = peak_local_max(distance, min_distance=max(1, spacing), labels=strokes.mask.astype(int))
    markers = np.zeros(distance.shape, np.int32)
    markers[tuple(peaks.T)] = np.arange(1, len(peaks) + 1)
    basins = watershed(-distance, markers, mask=strokes.mask, watershed_line=True)
    yield from _through(strokes, strokes.mask & (basins == 0))


def _through(strokes: Strokes, points: NDArray[np.bool_]) -> Iterator[Cut]:
    """The cheapest cut through each cluster of points."""
    count, labels = cv2.connectedComponents(points.astype(np.uint8), connectivity=8)
    for k in range(1, count):
        rows, columns = np.nonzero(labels == k)
        best = int(strokes.through[rows, columns].argmin())
        yield strokes.cut(int(rows[best]), int(columns[best]))


def _straight(strokes: Strokes, start: Point, end: Point) -> Cut:
    """Upright down to ``start``, straight to ``end``, upright from there."""
    (y0, x0), (y1, x1) = start, end
    rows = np.arange(strokes.mask.shape[0])
    if y1 <= y0:  # the valley lies below the peak: the ink between them is not above one another
        return _priced(strokes, np.full(len(rows), (x0 + x1) // 2))
    return _priced(strokes, np.rint(np.interp(rows, [y0, y1], [x0, x1])).astype(int))


def _priced(strokes: Strokes, path: NDArray[np.int_]) -> Cut:
    rows = np.arange(len(path))
    return Cut(path, float(strokes.price[rows, path].sum() / strokes.width))


def _maxima(profile: NDArray[np.int_], spacing: int) -> list[int]:
    """Middles of the plateaus of a profile that are higher than both sides, inside."""
    from scipy.signal import find_peaks

    found, _ = find_peaks(np.asarray(profile, float), distance=max(1, spacing // 2))
    return found.tolist()


CUT_GENERATORS: dict[str, CutGenerator] = {
    "seam": seams, "contour": contours, "drop_fall": drop_falls, "skeleton": branches, "watershed": necks,
}  # fmt: skip
