"""A field of a registered page without what is printed there; strokes that cross the print stay whole."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from segmenter.image import Gray

Mask = NDArray[np.bool_]

# How much darker than the paper print and ink are, in gray levels of paper that is 255.
PRINT_LEVEL, INK_LEVEL = 30, 45
# What lies so near to print belongs to it: the blur of scanners and lenses; pixels.
SPREAD = 2
# Pixels by which a field may lie beside its blank: paper that is not flat.
SHIFT = 4
# Correlation with the blank from which its print is where it was found.
FOUND = 0.3
# Pixels over which paper is as bright as its surroundings.
EVEN = 41


def take_print_out(page: Gray, blank: Gray) -> Gray:
    """What was written on a part of a page.

    Print is known from the blank, so its pixels go without a guess. Where ink stands on both sides of it, in line with
    each other, a stroke crosses, and what is between them stays.

    Parameters
    ----------
    page, blank : (H, W) uint8
        The same part of a registered page and of the blank; ink dark.

    Returns
    -------
    (H, W) uint8
        As ``page``, with paper where nothing but print is.
    """
    printed = blank < 255 - PRINT_LEVEL
    if not printed.any():
        return page
    printed = _grown(_moved(printed, *_shift_of(page, blank)), SPREAD)
    dark = _darkness(page, printed)
    ink = dark > INK_LEVEL
    gone = printed & ~(ink & _crossed(ink & ~printed, printed))
    return np.where(gone, _paper(page, ~(ink | printed)), page)


def written(page: Gray, blank: Gray) -> Mask:
    """Pixels of ink that no print explains."""
    printed = _grown(blank < 255 - PRINT_LEVEL, SPREAD)
    return (_darkness(page, printed) > INK_LEVEL) & ~printed


def _shift_of(page: Gray, blank: Gray) -> tuple[int, int]:
    """How far to the right and down the print lies from where the blank has it."""
    if min(blank.shape) <= 4 * SHIFT:
        return 0, 0
    middle = blank[SHIFT:-SHIFT, SHIFT:-SHIFT]
    if int(middle.max()) - int(middle.min()) < PRINT_LEVEL:
        return 0, 0
    _, best, _, (x, y) = cv2.minMaxLoc(cv2.matchTemplate(page, middle, cv2.TM_CCOEFF_NORMED))
    return (x - SHIFT, y - SHIFT) if best >= FOUND else (0, 0)


def _moved(mask: Mask, right: int, down: int) -> Mask:
    onto = np.array([[1, 0, right], [0, 1, down]], np.float32)
    moved = cv2.warpAffine(mask.view(np.uint8), onto, mask.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved) > 0


def _grown(mask: Mask, by: int) -> Mask:
    return np.asarray(cv2.dilate(mask.view(np.uint8), np.ones((2 * by + 1,) * 2, np.uint8))) > 0


def _darkness(page: Gray, printed: Mask) -> NDArray[np.int16]:
    """How much darker than the paper around it each pixel is; of paper that is 255."""
    bright = page.copy()
    bright[printed] = 0
    paper = cv2.blur(cv2.dilate(bright, np.ones((9, 9), np.uint8)), (EVEN, EVEN), borderType=cv2.BORDER_REPLICATE)
    return 255 - np.minimum(255, page * (255.0 / np.maximum(paper, 1))).astype(np.int16)


def _crossed(ink: Mask, printed: Mask) -> Mask:
    """What lies between ink on both sides of the print, in one of eight directions."""
    reach = 2 * SPREAD + _thickness(printed) + 2
    found = np.zeros(ink.shape, np.uint8)
    padded = cv2.copyMakeBorder(ink.view(np.uint8), *(reach,) * 4, cv2.BORDER_CONSTANT)
    for turn in np.arange(8) * np.pi / 8:
        line = np.zeros((2 * reach + 1,) * 2, np.uint8)
        end = np.round(reach / 2 * np.array([np.cos(turn), np.sin(turn)])).astype(int)
        cv2.line(line, (reach - end).tolist(), (reach + end).tolist(), 1)
        found |= cv2.morphologyEx(padded, cv2.MORPH_CLOSE, line)[reach:-reach, reach:-reach]
    return (found > 0) & printed


def _thickness(printed: Mask) -> int:
    """Of most printed lines, in pixels: twice the area over the length of the outline."""
    inner = np.asarray(cv2.erode(printed.view(np.uint8), np.ones((3, 3), np.uint8))) > 0
    outline = max(1, int(np.count_nonzero(printed & ~inner)))
    return min(12, round(2 * np.count_nonzero(printed) / outline) - 2 * SPREAD)


def _paper(page: Gray, bare: Mask) -> Gray:
    """What paper looks like at each pixel: the mean of bare paper around it."""
    weight = cv2.blur(bare.astype(np.float32), (EVEN, EVEN)) + 1e-6
    paper = cv2.blur(np.where(bare, page, 0).astype(np.float32), (EVEN, EVEN)) / weight
    known = weight > 1e-3
    paper[~known] = float(page[bare].mean()) if bare.any() else float(page.max())
    return np.asarray(np.clip(paper, 0, 255), np.uint8)
