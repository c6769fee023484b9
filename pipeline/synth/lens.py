"""A sheet -> what lies before the camera: its layers on paper, turned, seen at an angle, maybe on a desk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.synth.glyphs import Gray
from pipeline.synth.sheet import Box, Sheet
from segmenter.ink.kinds import INK, MARK, SURROUNDING, WRITING

Rng = np.random.Generator

# Share of the fields that are slips on a desk.
SLIPS = 0.06
# Of 255: the strength from which ink or print is called that.
SHOWN = 90


class View(NamedTuple):
    """What lies before the camera.

    Attributes
    ----------
    image : (H, W) uint8
    to_image : (3, 3) float
        The map from sheet to image.
    on_desk : bool
        Whether the image shows what lies beyond the paper's edges.
    """

    image: Gray
    to_image: NDArray[np.float64]
    on_desk: bool


def see(sheet: Sheet, paper: Gray, rng: Rng, *, slips: float = SLIPS) -> View:
    """The window of the sheet as it lies before the camera; with a chance of ``slips`` it is a slip on a desk."""
    fade = rng.uniform(0.25, 0.95), rng.uniform(0.2, 0.9)
    image = paper
    for layer, strength in zip((sheet.ink, sheet.print), fade, strict=True):
        image = cv2.multiply(image, 255 - cv2.convertScaleAbs(layer, None, strength), scale=1 / 255)
    left, top, right, bottom = sheet.window
    width, height = max(4, right - left), max(4, bottom - top)
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)
    slip = rng.random() < slips
    turn = np.deg2rad(rng.uniform(-12, 12) if slip else rng.normal(0, 2.5))
    away = corners - corners.mean(axis=0)
    onto = away @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    onto[:, 0] += rng.normal(0, 0.05) * onto[:, 1]
    onto += rng.normal(0, 0.02, onto.shape) * sheet.height
    room = rng.uniform(0.05, 0.35, 2) * (width, height) if slip else np.zeros(2)
    size = (round(width + 2 * room[0]), round(height + 2 * room[1]))
    shrink = min(1.0, *(np.array(size) / np.maximum(np.ptp(onto, axis=0) + 2, 1))) if slip else 1.0
    onto = (shrink * onto + np.array(size) / 2).astype(np.float32)
    to_image = cv2.getPerspectiveTransform(corners, onto)
    if not slip:
        seen = cv2.warpPerspective(image, to_image, size, borderMode=cv2.BORDER_REPLICATE)
        return View(np.asarray(seen), to_image, slip)
    desk = int(rng.integers(0, 235))
    image = image[max(0, top) : bottom, max(0, left) : right]
    shift = np.array([[1, 0, max(0, left)], [0, 1, max(0, top)], [0, 0, 1]], float)
    seen = cv2.warpPerspective(image, to_image @ shift, size, borderMode=cv2.BORDER_CONSTANT, borderValue=desk)
    return View(np.asarray(seen), to_image, slip)


def label(sheet: Sheet, view: View) -> NDArray[np.uint8]:
    """What each pixel of a view shows, (H, W) uint8: see :mod:`segmenter.ink.kinds`."""
    own, other = (np.where(whose, sheet.ink, 0).astype(np.uint8) for whose in (sheet.own, sheet.other & ~sheet.own))
    marks = np.where(sheet.own | sheet.other, sheet.print, np.maximum(sheet.print, sheet.ink)).astype(np.uint8)
    size = view.image.shape[::-1]
    kinds = np.zeros(view.image.shape, np.uint8)
    for kind, layer in ((MARK, marks), (WRITING, other), (INK, own)):
        kinds[cv2.warpPerspective(layer, view.to_image, size) > SHOWN] = kind
    if view.on_desk:
        left, top, right, bottom = sheet.window
        corners = np.array([[(left, top), (right, top), (right, bottom), (left, bottom)]], np.float64)
        slip = cv2.perspectiveTransform(corners, view.to_image).round().astype(np.int32)
        kinds[cv2.fillPoly(np.zeros_like(kinds), [slip], 1) == 0] = SURROUNDING
    return kinds


def move_boxes(boxes: Sequence[Box], to_image: NDArray[np.float64]) -> NDArray[np.float64]:
    """Upright boxes round the boxes' images."""
    if not boxes:
        return np.zeros((0, 4))
    corners = np.array([[(a, b), (c, b), (c, d), (a, d)] for a, b, c, d in boxes], np.float64)
    seen = cv2.perspectiveTransform(corners.reshape(-1, 1, 2), to_image).reshape(-1, 4, 2)
    return np.concatenate([seen.min(axis=1), seen.max(axis=1)], axis=1)
