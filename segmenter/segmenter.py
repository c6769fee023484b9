"""The segmenter: one image -> candidate digits, in the order in which the data flows."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import lru_cache
from numbers import Real
from typing import Any

import cv2
import numpy as np

from segmenter.canvas import fit_field
from segmenter.cut_points import CUT_GENERATORS
from segmenter.image import MAX_PIXELS, load_gray
from segmenter.ink.binarize import THRESHOLDS, Ink, find_ink
from segmenter.ink.kinds import INK, WRITING
from segmenter.ink.marks import find_marks
from segmenter.ink.pixels import Tell, Told
from segmenter.params import Estimator
from segmenter.pieces import Pieces, Run, crop_runs, cut_regions, digit_sized_runs, whole_regions
from segmenter.regions import Regions, are_alike, find_regions, is_plain, stand_apart, stands_free, with_other_writing
from segmenter.writing import Box, Candidate, Gray, Segmentation, Writing, with_rest

# Writing higher than this many pixels is shrunk to two thirds of it before it is cut.
MAX_TEXT = 96
# Not the necks of the watershed: they are many and thin, and crowd out better cuts.
DEFAULT_GENERATORS = ("seam", "contour", "drop_fall", "skeleton")
MIN_CONTRAST = 24
SHARES = ("blur_sigma", "close_gap", "join_gap", "lighting_window", "ruling_length", "speck")


class Segmenter(Estimator):
    """Cuts candidate digits out of an image.

    Lengths are shares of the height of the image that is looked at, or of the writing, so that one
    setting serves every resolution.

    Parameters
    ----------
    threshold : {'auto', 'otsu', 'adaptive_gaussian', 'sauvola'}
        How ink is told from paper; see :data:`segmenter.ink.binarize.THRESHOLDS`.
    blur_sigma : float
        Standard deviation of the Gaussian blur before the threshold, share of the image's height.
    lighting_window : float
        Size of the window that evens the lighting, share of the image's height; 0 leaves it as it is.
    close_gap : float
        Side of the square that dilates and erodes the mask, share of the image's height; joins
        hairline breaks. Below 3 px nothing is done.
    min_contrast : int
        Gray levels (of 255) between paper and ink below which an image counts as blank.
    min_text_height : int
        Least height in pixels of the original image of writing that is read.
    speck : float
        Lower components are no digits, share of the height of the writing.
    join_gap : float
        Widest gap inside a broken digit, share of the height of the writing.
    ruling_length : float
        Shortest free-standing printed line, share of the image's width; 0 keeps printed lines and boxes.
    cut_generators : tuple of str
        How touching ink is cut; of the names in :data:`segmenter.cut_points.CUT_GENERATORS`.
    max_cuts : int
        Most cuts of one region.
    cut_cost : float
        Most ink that a cut may cross, in stroke widths.
    cut_spacing : float
        Least distance between two cuts, share of the height of the writing.
    max_digit_width : float
        Widest digit, share of the height of the writing.
    max_pieces : int
        Most pieces that one digit is put together from.
    max_regions : int
        Images with more regions than that are not divided into digits: they show no number.
    max_side : int
        Larger images are shrunk to this longer side in pixels before the field is looked for.
    max_pixels : int
        Larger images are refused before they are decoded.
    """

    def __init__(
        self,
        *,
        threshold: str = "auto",
        blur_sigma: float = 0.008,
        lighting_window: float = 0.35,
        close_gap: float = 0.033,
        min_contrast: int = MIN_CONTRAST,
        min_text_height: int = 8,
        speck: float = 0.3,
        join_gap: float = 0.2,
        ruling_length: float = 0.45,
        cut_generators: tuple[str, ...] = DEFAULT_GENERATORS,
        max_cuts: int = 16,
        cut_cost: float = 3.0,
        cut_spacing: float = 0.14,
        max_digit_width: float = 1.5,
        max_pieces: int = 16,
        max_regions: int = 40,
        max_side: int = 1024,
        max_pixels: int = MAX_PIXELS,
    ):
        self.threshold = threshold
        self.blur_sigma = blur_sigma
        self.lighting_window = lighting_window
        self.close_gap = close_gap
        self.min_contrast = min_contrast
        self.min_text_height = min_text_height
        self.speck = speck
        self.join_gap = join_gap
        self.ruling_length = ruling_length
        self.cut_generators = cut_generators
        self.max_cuts = max_cuts
        self.cut_cost = cut_cost
        self.cut_spacing = cut_spacing
        self.max_digit_width = max_digit_width
        self.max_pieces = max_pieces
        self.max_regions = max_regions
        self.max_side = max_side
        self.max_pixels = max_pixels

    def fit(self, X: Any = None, y: Any = None) -> Segmenter:
        """Check the parameters. Nothing is learned."""
        self._check()
        return self

    def _check(self) -> None:
        if not isinstance(self.threshold, str):
            raise TypeError(f"`threshold` should be a name. Received: {self.threshold!r}.")
        names = self.cut_generators
        if not isinstance(names, (tuple, list)) or not all(isinstance(name, str) for name in names):
            raise TypeError(f"`cut_generators` should be a tuple of names. Received: {names!r}.")
        _check_params(**self.get_params() | {"cut_generators": tuple(names)})

    def segment(self, image: Any, *, tell: Tell | None = None) -> Segmentation:
        """Find the candidate digits of an image.

        Where as many regions as a number has digits stand clearly apart they are the candidates; otherwise
        every region is cut, and every run of pieces of a digit's size is one.

        Parameters
        ----------
        image : path, bytes, PIL image or array
            See :func:`segmenter.image.load_gray`.
        tell : callable, optional
            Gray field (64, 128) uint8 -> what each pixel shows, (64, 128, 5) float32; see
            :mod:`segmenter.ink.pixels`. Asked where ink alone does not make a plain number.

        Raises
        ------
        ValueError, TypeError, OSError
            If it is no image; see :func:`segmenter.image.load_gray`.
        """
        writing = self.find_writing(image, tell=tell)
        if not stand_apart(writing.regions):
            return self.oversegment(writing)
        pieces = whole_regions(writing.regions)
        return _with_crops(writing, pieces, [(k, k + 1) for k in range(len(pieces))])

    def find_writing(self, image: Any, *, tell: Tell | None = None) -> Writing:
        """Find the writing of an image: the stages of :meth:`segment`, which says more, up to the regions of interest.

        Raises
        ------
        ValueError, TypeError, OSError
            If it is no image; see :func:`segmenter.image.load_gray`.
        """
        self._check()
        original = load_gray(image, max_pixels=self.max_pixels)
        box = (0, 0, original.shape[1], original.shape[0])
        field = fit_field(original)
        writing = self._seen_in(original, box, max(original.shape) / self.max_side, field)
        if tell is not None and not is_plain(writing.kinds, writing.regions):
            return self._asked(original, writing, tell)
        if closer := self._closer(writing, original.shape):
            writing = with_rest(self._seen_in(original, *closer, field), writing)
        return writing

    def oversegment(self, writing: Writing) -> Segmentation:
        """Cut every region of the writing, or of an earlier segmentation, whether or not it needs it."""
        self._check()
        if len(writing.regions) > self.max_regions:
            return _with_crops(writing, whole_regions(writing.regions), [])
        pieces = cut_regions(
            writing.regions,
            writing.ink,
            [CUT_GENERATORS[g] for g in self.cut_generators],
            spacing=self.cut_spacing,
            max_cost=self.cut_cost,
            max_cuts=self.max_cuts,
        )
        runs = digit_sized_runs(
            pieces,
            writing.text_height,
            max_width=self.max_digit_width,
            max_gap=self.join_gap,
            max_pieces=self.max_pieces,
        )
        return _with_crops(writing, pieces, runs)

    def _asked(self, original: Gray, first: Writing, tell: Tell) -> Writing:
        """The writing of an image as a network sees it.

        It is asked about the part that shows the writing; about all of the image where paper and desk, or lines that
        reach the border, hide where that is.
        """
        told = first if stands_free(first.kinds, first.regions) else self._told(first, tell)
        if closer := self._closer(told, original.shape):
            near = self._seen_in(original, *closer, first.field)
            return with_rest(near if is_plain(near.kinds, near.regions) else self._told(near, tell), told)
        return self._told(first, tell) if told is first else told

    def _told(self, writing: Writing, tell: Tell) -> Writing:
        """The same with what a network takes out, unless it sees the same regions, or takes one that stands free."""
        told = Told.of(writing.gray, tell, find_marks(writing.mask))
        ink, regions = self._look(writing.gray, writing.scale, told)
        apart = stand_apart(writing.regions) and stands_free(writing.kinds, writing.regions)
        if are_alike(regions, writing.regions) or (apart and len(regions) < len(writing.regions)):
            return writing
        regions = with_other_writing(regions, ink.kinds == WRITING)
        return replace(writing, ink=ink.strength, kinds=ink.kinds, contrast=ink.contrast, regions=regions)

    def _seen_in(self, original: Gray, box: Box, scale: float, field: Gray) -> Writing:
        """Shrink a part of the image by ``scale`` if that is over 1, find its ink and regions."""
        left, top, right, bottom = box
        # A copy: the segmentation must neither keep a large original alive nor change with the caller's array.
        gray = original[top:bottom, left:right].copy()
        scale = max(1.0, scale)
        if scale > 1.0:
            size = max(1, round((right - left) / scale)), max(1, round((bottom - top) / scale))
            gray = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
        ink, regions = self._look(gray, scale)
        return Writing(
            gray, field, ink.strength, ink.kinds, ink.contrast, self.min_contrast, regions, scale,
            origin=(left, top), size=(original.shape[1], original.shape[0]),
        )  # fmt: skip

    def _look(self, gray: Gray, scale: float, told: Told | None = None) -> tuple[Ink, Regions]:
        """The ink of an image and its regions of interest; none where the writing is lower than is read."""
        height = min(gray.shape[0], 2 * MAX_TEXT)  # before the second look a field may be small
        ink = find_ink(
            gray,
            told,
            threshold=self.threshold,
            sigma=self.blur_sigma * height,
            lighting_window=self.lighting_window,
            closing=(int(self.close_gap * height) - 1) | 1,
            min_contrast=self.min_contrast,
            ruling_length=self.ruling_length,
        )
        regions = find_regions(ink.kinds == INK, speck=self.speck, join_gap=self.join_gap)
        if regions.text_height * scale < self.min_text_height:
            regions = find_regions(np.zeros(gray.shape, bool))
        return ink, regions

    def _closer(self, writing: Writing, shape: tuple[int, ...]) -> tuple[Box, float] | None:
        """Box and scale of a closer look, where the writing is small in the image or larger than it need be.

        Shares of the height fit only an image that the writing fills, and cuts take time that grows
        with the pixels.
        """
        text, boxes = writing.regions.text_height, writing.regions.boxes
        small = text < 0.3 * writing.gray.shape[0] and not (writing.scale == 1.0 and stand_apart(writing.regions))
        digits = boxes[boxes[:, 3] - boxes[:, 1] >= self.speck * text]
        if not len(digits) or not (small or text > MAX_TEXT):
            return None
        margin = 0.4 * text
        left, top = np.maximum(0, (digits[:, :2].min(axis=0) - margin) * writing.scale).astype(int)
        right, bottom = np.minimum(shape[::-1], (digits[:, 2:].max(axis=0) + margin) * writing.scale).astype(int)
        return (int(left), int(top), int(right), int(bottom)), text * writing.scale / (MAX_TEXT * 2 / 3)


@lru_cache
def _check_params(**params: Any) -> None:
    known: dict[str, Any] = {"threshold": THRESHOLDS, "cut_generators": CUT_GENERATORS}
    chosen = [("threshold", params["threshold"]), *(("cut_generators", name) for name in params["cut_generators"])]
    for name, value in chosen:
        if value not in known[name]:
            raise ValueError(f"`{name}` should be one of {sorted(known[name])}. Received: {value!r}.")
    for name in sorted(set(params) - {"threshold", "cut_generators"}):
        value = params[name]
        least = 1 if name in ("max_side", "max_pixels", "max_pieces") else 0
        most = 1 if name in SHARES else np.inf
        if not isinstance(value, Real):
            raise TypeError(f"`{name}` should be a number. Received: {value!r}.")
        if not (least <= float(value) <= most and float(value) < np.inf):
            limit = " and at most 1" if name in SHARES else ""
            raise ValueError(f"`{name}` should be finite and at least {least}{limit}. Received: {value!r}.")


def _with_crops(writing: Writing, pieces: Pieces, runs: list[Run]) -> Segmentation:
    """The segmentation of the writing into these runs."""
    crops, boxes = crop_runs(writing.ink, pieces, runs)
    shown = [k for k, (left, _, right, _) in enumerate(boxes) if left < right]  # where cuts cross, a run may be empty
    candidates = tuple(Candidate(*runs[k], writing.to_original(boxes[k])) for k in shown)
    stages = {field.name: getattr(writing, field.name) for field in fields(Writing)}
    return Segmentation(**stages, pieces=pieces, candidates=candidates, crops=crops[shown])
