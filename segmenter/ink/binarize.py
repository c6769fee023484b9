"""Gray -> ink: polarity, even lighting, contrast, blur, threshold, erode/dilate, and what is none taken out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from segmenter.ink.kinds import INK, MARK, PAPER, SURROUNDING
from segmenter.ink.marks import find_marks
from segmenter.ink.printed import drop_surroundings, remove_rulings

if TYPE_CHECKING:
    from segmenter.ink.pixels import Told

Gray = NDArray[np.uint8]
Mask = NDArray[np.bool_]


def ink_is_bright(gray: Gray) -> bool:
    """Find the polarity: strokes are the long tail of what differs from its surroundings.

    The sign of the skewness of ``gray`` minus its local mean (box of a sixth of the height, at
    least 15 px). A shadow moves the mean along with the pixel, and the two sides of a straight edge
    cancel out.
    """
    side = max(15, gray.shape[0] // 6) | 1
    values = gray.astype(np.float32)
    # Replicated, a stroke cut by the border of a tight field does not count twice.
    detail = values - cv2.blur(values, (side, side), borderType=cv2.BORDER_REPLICATE)
    return float(cv2.mean(detail * detail * detail)[0]) > 0


def even_lighting(dark: Gray, *, window: float = 0.35) -> Gray:
    """Strength of dark ink relative to the paper around it.

    The paper is the morphological closing of the image, taken at quarter size, which fills strokes
    narrower than the window; the ink is one minus the image over the paper, so a shadow that
    dims both alike leaves no trace.

    Parameters
    ----------
    dark : (H, W) uint8
        Ink dark.
    window : float
        Side of the closing, as a share of the image's height.

    Returns
    -------
    (H, W) uint8
        Ink bright: 255 where nothing is reflected, 0 on paper.
    """
    height, width = dark.shape
    small = cv2.resize(dark, (max(1, width // 4), max(1, height // 4)), interpolation=cv2.INTER_AREA)
    side = max(3, int(window * small.shape[0]) | 1)
    # Without a margin the closing takes a slope for ink in the last half window.
    framed = cv2.copyMakeBorder(small, side, side, side, side, cv2.BORDER_REPLICATE)
    paper = cv2.morphologyEx(framed, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))[side:-side, side:-side]
    low, high, _, _ = cv2.minMaxLoc(paper)
    if low >= high - 4:  # evenly lit already
        return cv2.convertScaleAbs(cv2.subtract(np.full_like(dark, int(high)), dark), alpha=255 / max(high, 1))
    smooth = cv2.blur(paper, (side // 2 | 1, side // 2 | 1))
    paper = cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR)
    return 255 - cv2.divide(dark, paper, scale=255)


def stretch(ink: Gray, mask: Mask) -> tuple[Gray, int]:
    """Paper to 0 and stroke cores to 255.

    Returns
    -------
    ink : (H, W) uint8
        Stretched between the median of the paper and the 70th percentile of the ink.
    contrast : int
        The distance of these two in gray levels of the evened image.
    """
    strokes = ink[mask]
    if not len(strokes) or len(strokes) == ink.size:
        return ink, 0
    paper_is_clean = cv2.countNonZero(ink) * 2 < ink.size
    low = 0.0 if paper_is_clean else float(np.median(ink[~mask]))
    rank = int(0.7 * len(strokes))
    high = float(np.partition(strokes, rank)[rank])
    if low == 0 and high >= 250:
        return ink, int(high)
    gain = 255 / max(high - low, 1)
    return cv2.convertScaleAbs(cv2.subtract(ink, np.full_like(ink, int(low))), alpha=gain), int(high - low)


def _otsu(ink: Gray) -> Mask:
    level, _ = cv2.threshold(ink, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return ink > level


def _adaptive_gaussian(ink: Gray) -> Mask:
    """Above the local Gaussian mean, over a quarter of the height, by 12 of 255."""
    block = max(3, ink.shape[0] // 4 | 1)
    return cv2.adaptiveThreshold(ink, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY, block, -12) > 0


def _sauvola(ink: Gray) -> Mask:
    """Sauvola & Pietikäinen, "Adaptive document image binarization", 2000; window a quarter of the height."""
    from skimage.filters import threshold_sauvola  # slow to import, and the other methods do without

    dark = 255 - ink
    return dark < threshold_sauvola(dark, window_size=max(3, ink.shape[0] // 4 | 1), k=0.2)


def _auto(ink: Gray) -> Mask:
    """Otsu on the evened image; where it calls over a third of it ink, Sauvola's local threshold."""
    mask = _otsu(ink)
    return mask if cv2.countNonZero(mask.view(np.uint8)) * 3 < mask.size else _sauvola(ink)


THRESHOLDS: dict[str, Callable[[Gray], Mask]] = {
    "auto": _auto,
    "otsu": _otsu,
    "adaptive_gaussian": _adaptive_gaussian,
    "sauvola": _sauvola,
}


@dataclass(frozen=True, eq=False)
class Ink:
    """The ink of an image.

    Attributes
    ----------
    strength : (H, W) uint8
        Bright on 0, lighting evened.
    kinds : (H, W) uint8
        What each pixel shows; see :mod:`segmenter.ink.kinds`.
    contrast : int
        Gray levels between paper and stroke cores.
    """

    strength: Gray
    kinds: Gray
    contrast: int


def find_ink(
    gray: Gray,
    told: Told | None = None,
    *,
    threshold: str,
    sigma: float,
    lighting_window: float,
    closing: int,
    min_contrast: int,
    ruling_length: float,
) -> Ink:
    """Find ink by its darkness and shape; with ``told``, which knows what each pixel shows, only where that sees it.

    Parameters
    ----------
    gray : (H, W) uint8
    told : Told, optional
    threshold, lighting_window, min_contrast, ruling_length
        As of :class:`segmenter.Segmenter`.
    sigma : float
        Of the Gaussian blur, in pixels.
    closing : int
        Side of the square that dilates and erodes the mask, in pixels; odd, since OpenCV shifts the result of an even
        one.

    Returns
    -------
    Ink
        None of it where there is not enough contrast.
    """
    darkest, brightest, _, _ = cv2.minMaxLoc(gray)
    if brightest - darkest < min_contrast:
        return Ink(np.zeros_like(gray), np.zeros_like(gray), int(brightest - darkest))
    gray, bright = (gray, ink_is_bright(gray)) if told is None else told.on_paper(gray)
    dark = 255 - gray if bright else gray
    if told is not None:
        strength = told.only_ink(told.strength(dark))
    else:
        strength = even_lighting(dark, window=lighting_window) if lighting_window else 255 - dark
    smooth = cv2.GaussianBlur(strength, (0, 0), sigma) if sigma > 0.3 else strength
    mask = THRESHOLDS[threshold](smooth)
    strength, contrast = stretch(strength, mask)
    if contrast < min_contrast:
        return Ink(strength, np.zeros_like(gray), contrast)
    if closing >= 3:
        mask = cv2.morphologyEx(mask.view(np.uint8), cv2.MORPH_CLOSE, np.ones((closing, closing), np.uint8)) > 0
    # Printed lines first: one along the border would take all that it meets with it.
    unruled = remove_rulings(mask, min_length=ruling_length) if ruling_length else mask
    if told is not None:
        kinds = told.kinds(unruled)
        kinds[find_marks(kinds == INK)] = MARK
        return Ink(strength, kinds, contrast)
    kinds = np.where(mask, np.uint8(MARK), np.uint8(PAPER))
    kinds[unruled] = SURROUNDING
    kinds[drop_surroundings(unruled)] = INK
    return Ink(strength, kinds, contrast)
