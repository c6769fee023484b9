"""Single digits and letters in many hands -> tight ink of any height, drawn with any pen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
Stroke = NDArray[np.float32]

# MNIST's digits have a longer side of 20 pixels; pen and shear are shares of that.
BOX = 20
# Strokes are drawn so much larger and then reduced, so that a pen may be a fraction of a pixel wide.
FINE = 2


@dataclass(frozen=True)
class Style:
    """What the digits of one field share, as one hand with one pen wrote them.

    Attributes
    ----------
    pen : float
        Width of a stroke, share of the height of a digit.
    slant : float
        Shift of a row over its height.
    aspect : float
        Factor of the width.
    traced : float
        Share of the digits that are drawn from pen traces; the others are scanned.
    nib : (float, float)
        Breadth of a broad nib, share of the height of a digit, and its angle in degrees; a stroke across it is so
        much wider than one along it. Breadth 0 is a round pen.
    """

    pen: float
    slant: float
    aspect: float
    traced: float
    nib: tuple[float, float] = (0.0, 0.0)


def any_style(rng: np.random.Generator) -> Style:
    """One of the styles that people have."""
    return Style(
        pen=float(np.exp(rng.uniform(np.log(0.035), np.log(0.22)))),
        slant=float(rng.normal(0.04, 0.15) if rng.random() < 0.75 else rng.uniform(0.15, 0.6)),
        aspect=float(np.exp(rng.normal(0, 0.15))),
        traced=float(rng.choice([0.0, 0.5, 1.0], p=[0.4, 0.2, 0.4])),
        # With 0 degrees what goes down is broad: a steel pen under pressure.
        nib=(float(rng.uniform(0.04, 0.16)), float(rng.uniform(-20, 60))) if rng.random() < 0.25 else (0.0, 0.0),
    )


@dataclass(frozen=True, eq=False)
class Hands:
    """Digits to compose fields of.

    Attributes
    ----------
    scans : mapping of digit -> sequence of (h, w) uint8
        Tight, ink bright on 0, as MNIST has them.
    traces : mapping of digit -> sequence of list of (k, 2) float32
        Strokes, (x, y) in [0, 1] of the digit's height, y downwards.
    """

    scans: Mapping[int, Sequence[Gray]]
    traces: Mapping[int, Sequence[list[Stroke]]]

    def write(self, digit: int, height: float, style: Style, rng: np.random.Generator) -> Gray:
        """Tight ink of a digit whose longer side is about ``height`` pixels, bright on 0."""
        height *= rng.uniform(0.86, 1.1)
        slant, aspect = style.slant + rng.normal(0, 0.05), style.aspect * np.exp(rng.normal(0, 0.07))
        traces = self.traces.get(digit, ())
        if len(traces) and (rng.random() < style.traced or not len(self.scans.get(digit, ()))):
            strokes = traces[int(rng.integers(len(traces)))]
            ink = draw_strokes(strokes, height, max(style.pen - style.nib[0], 0.03) * height, slant, aspect)
        else:
            scan = self.scans[digit][int(rng.integers(len(self.scans[digit])))]
            ink = reshape_scan(scan, height, slant, aspect)
            ink = ink if style.nib[0] else _penned(ink, style, rng)
        return _nibbed(ink, style.nib[0] * height, style.nib[1])


def scans_of(images: NDArray[np.uint8], labels: NDArray[np.integer]) -> dict[int, list[Gray]]:
    """Digit images (n, side, side), ink bright on 0, as tight images by digit."""
    found: dict[int, list[Gray]] = {}
    for image, label in zip(images, labels.tolist(), strict=True):
        left, top, width, height = cv2.boundingRect((image > 40).view(np.uint8))
        if width:
            found.setdefault(label, []).append(image[top : top + height, left : left + width].copy())
    return found


def reshape_scan(scan: Gray, height: float, slant: float, aspect: float) -> Gray:
    """A tight scan sheared and resized in one step; BOX pixels become ``height``."""
    scale = height / max(scan.shape)
    own_height, own_width = scan.shape[0] * scale, scan.shape[1] * scale * aspect
    room = abs(slant) * own_height
    size = max(2, round(own_width + room) + 2), max(2, round(own_height) + 2)
    x_scale = scale * aspect
    shear = -slant * scale
    shift_x = 1 + (room if slant > 0 else 0.0) + 0.5 * (x_scale - 1)
    to_size = np.array([[x_scale, shear, shift_x], [0, scale, 1 + 0.5 * (scale - 1)]])
    if scale < 0.8:
        scan = cv2.GaussianBlur(scan, (0, 0), 0.45 / scale)
    grown = cv2.warpAffine(scan, to_size, size, flags=cv2.INTER_CUBIC if scale > 1 else cv2.INTER_LINEAR)
    if scale > 1.4:  # an enlarged scan is soft; a pen is not
        gain = min(scale, 3.0)
        grown = cv2.convertScaleAbs(np.maximum(grown, round(127 * (1 - 1 / gain))), None, gain, -127 * (gain - 1))
    return tight(grown)


def _penned(ink: Gray, style: Style, rng: np.random.Generator) -> Gray:
    """Strokes changed towards the width of the style's pen; a scan has its own, about a tenth of the height."""
    change = (style.pen - 0.11) * max(ink.shape) / 2
    if abs(change) < 0.4 or rng.random() < 0.4:
        return ink
    side = 2 * round(min(abs(change), 0.06 * max(ink.shape))) + 1
    if side < 3:
        return ink
    pen = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    if change > 0:
        around = side // 2
        return np.asarray(cv2.dilate(cv2.copyMakeBorder(ink, *(around,) * 4, cv2.BORDER_CONSTANT), pen))
    thin = cv2.erode(ink, cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3)))
    return thin if cv2.countNonZero(thin) * 3 > cv2.countNonZero(ink) else ink


def _nibbed(ink: Gray, breadth: float, angle: float) -> Gray:
    """Strokes as wide as a nib of ``breadth`` pixels at ``angle`` degrees makes them."""
    if breadth < 1.5:
        return ink
    around = round(breadth / 2 + 1)
    nib = np.zeros((2 * around + 1,) * 2, np.uint8)
    reach = breadth / 2 * np.array([np.cos(np.deg2rad(angle)), -np.sin(np.deg2rad(angle))])
    start, end = (np.round(around + way * reach).astype(int).tolist() for way in (-1, 1))
    cv2.line(nib, start, end, 1)
    return tight(np.asarray(cv2.dilate(cv2.copyMakeBorder(ink, *(around,) * 4, cv2.BORDER_CONSTANT), nib)))


def draw_strokes(strokes: Sequence[Stroke], height: float, pen: float, slant: float = 0.0, aspect: float = 1.0) -> Gray:
    """Strokes in units of the height drawn with a round pen; tight.

    Parameters
    ----------
    strokes : sequence of (k, 2) float
        (x, y), y downwards.
    height, pen : float
        Pixels.
    """
    moved = [np.column_stack([s[:, 0] * aspect - slant * s[:, 1], s[:, 1]]) * height * FINE for s in strokes]
    every = np.concatenate(moved)
    low, high = every.min(axis=0), every.max(axis=0)
    thick = max(1, round(pen * FINE))
    margin = thick / 2 + 2
    size = np.ceil((high - low + 2 * margin) / FINE).astype(int) * FINE
    canvas = np.zeros((int(size[1]), int(size[0])), np.uint8)
    for s in moved:
        points = np.round((s - low + margin) * 16).astype(np.int32)[:, None]
        cv2.polylines(canvas, [points], False, 255, thick, cv2.LINE_AA, shift=4)
    small = cv2.resize(canvas, None, fx=1 / FINE, fy=1 / FINE, interpolation=cv2.INTER_AREA)
    return tight(small)


def tight(ink: Gray, floor: int = 40) -> Gray:
    """Cut to the bounding box of what is brighter than ``floor``; one pixel if nothing is."""
    left, top, width, height = cv2.boundingRect((ink > floor).view(np.uint8))
    return ink[top : top + height, left : left + width] if width else np.zeros((1, 1), np.uint8)
