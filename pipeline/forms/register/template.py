"""A form's blank page made ready: what other pages are compared with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.forms.form import Form
from pipeline.forms.pages import DPI, MM_PER_INCH, load_page
from pipeline.forms.register.codes import markers_of
from segmenter.image import Gray
from segmenter.ink.binarize import even_lighting

# Pixels a millimetre of a registered page, and of the half as large one on which it is aligned.
SCALE = DPI / MM_PER_INCH
HALF = 0.5
# Longer side in pixels of the image in which features are found: on A4 about 120 dots an inch.
FEATURE_SIDE = 1400
FEATURES = 2500
# As many are kept in each cell of a grid, as many cells wide and high: all in the title would say little of the foot.
CELLS, FOUND = 5, 8_000
# Side of what paper is judged in, as a share of the height: wider than strokes, narrower than shadows.
PAPER = 0.03
# Places that are looked for again on a registered page: how many at most, how far apart, and half their side; mm.
ANCHORS, ANCHORS_APART, ANCHOR_REACH = 120, 7.0, 5.0
# How much darker than the paper print is, in gray levels.
PRINT_LEVEL = 60
# Millimetres around a field in which all that is printed has to be found again.
AROUND = 8.0


@dataclass(frozen=True, eq=False)
class Features:
    """Points that are found again on another picture of the same page.

    Attributes
    ----------
    points : (n, 2) float32
        (x, y) in pixels of the picture.
    descriptors : (n, 32) uint8
        Of ORB (Rublee et al., "ORB: an efficient alternative to SIFT or SURF", 2011).
    """

    points: NDArray[np.float32]
    descriptors: NDArray[np.uint8]


def features_of(gray: Gray) -> Features:
    """Features of a page, or of a picture of one."""
    shrink = min(1.0, FEATURE_SIDE / max(gray.shape))
    small = cv2.resize(gray, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA) if shrink < 1 else gray
    # In a shadow, corners are as good as elsewhere.
    ink = even_lighting(np.ascontiguousarray(small), window=PAPER)
    orb = cv2.ORB.create(FOUND, fastThreshold=12)
    found, descriptors = orb.compute(ink, _spread(orb.detect(ink), ink.shape))
    if descriptors is None:
        return Features(np.zeros((0, 2), np.float32), np.zeros((0, 32), np.uint8))
    points = (np.array([point.pt for point in found], np.float32) + 0.5) / shrink - 0.5
    return Features(points, np.asarray(descriptors))


def _spread(found: Sequence[cv2.KeyPoint], shape: tuple[int, ...]) -> list[cv2.KeyPoint]:
    """The strongest points of each cell of a grid, ``FEATURES`` in all at most."""
    most, kept, of_cell = FEATURES // CELLS**2 * 2, list[cv2.KeyPoint](), Counter[tuple[int, int]]()
    for point in sorted(found, key=lambda one: -one.response):
        cell = int(point.pt[0] * CELLS / shape[1]), int(point.pt[1] * CELLS / shape[0])
        of_cell[cell] += 1
        if of_cell[cell] <= most:
            kept.append(point)
    return kept[:FEATURES]


@dataclass(frozen=True, eq=False)
class Template:
    """The blank page of a form.

    Attributes
    ----------
    form : Form
    gray : (H, W) uint8
        At :data:`SCALE` pixels a millimetre.
    features : Features
    half : (H / 2, W / 2) uint8
        The same, smaller.
    anchors : (m, 2) int
        Corners of the print, (x, y) in pixels of ``half``, apart from each other and from the edge.
    markers : mapping
        Of ArUco, if the form names their dictionary; see :func:`pipeline.forms.register.codes.markers_of`.
    """

    form: Form
    gray: Gray
    features: Features
    half: Gray
    anchors: NDArray[np.int64]
    markers: Mapping[int, NDArray[np.float64]]

    @classmethod
    def of(cls, form: Form) -> Template:
        """Load the blank page and find what is characteristic of it.

        Raises
        ------
        ValueError, OSError
            If the blank page cannot be read, or there is too little print on it to know it again.
        """
        gray = load_blank(form.blank, form.page, form.size)
        half = np.asarray(cv2.resize(gray, None, fx=HALF, fy=HALF, interpolation=cv2.INTER_AREA))
        anchors = _anchors(half)
        if len(anchors) < 8:
            raise ValueError(
                f"The blank page of {form.name!r} should have print at 8 places at least. Received: {len(anchors)}."
            )
        markers = markers_of(gray, form.aruco) if form.aruco else {}
        if form.aruco and len(markers) < 3:
            raise ValueError(
                f"The blank page of {form.name!r} should have three markers of {form.aruco} at least. Received: "
                f"{len(markers)}."
            )
        return cls(form, gray, features_of(gray), half, anchors, markers)

    @property
    def around(self) -> list[tuple[slice, slice]]:
        """Rows and columns of ``half`` around each place of the form."""
        found = []
        for place in self.form.places:
            left, top, right, bottom = (round(side * SCALE * HALF) for side in place.box)
            by = round(AROUND * SCALE * HALF)
            found.append((slice(max(0, top - by), bottom + by), slice(max(0, left - by), right + by)))
        return found


def load_blank(path: Path, page: int, size: tuple[float, float]) -> Gray:
    """A blank page at :data:`SCALE` pixels a millimetre, (H, W) uint8; raises as :func:`load_page`.

    Parameters
    ----------
    size : (float, float)
        Its width and height in millimetres.
    """
    gray, (width, height) = load_page(path, page), (round(side * SCALE) for side in size)
    how = cv2.INTER_AREA if gray.shape[1] > width else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(gray, (width, height), interpolation=how))


def _anchors(half: Gray) -> NDArray[np.int64]:
    """Corners (Shi & Tomasi, "Good features to track", 1994): what moves in any direction shows there."""
    per_mm = SCALE * HALF
    reach = round(ANCHOR_REACH * per_mm) + 1
    inside = np.zeros_like(half)
    inside[reach:-reach, reach:-reach] = 255
    corners = cv2.goodFeaturesToTrack(half, ANCHORS, 0.02, ANCHORS_APART * per_mm, mask=inside, blockSize=9)
    return np.zeros((0, 2), np.int64) if corners is None else np.round(corners[:, 0]).astype(np.int64)
