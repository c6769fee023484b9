"""A sheet -> what lies before the camera: its layers on paper, turned, seen at an angle, maybe on a desk."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.synth.glyphs import Gray
from pipeline.synth.sheet import Box, Sheet

Rng = np.random.Generator


def see(sheet: Sheet, paper: Gray, rng: Rng) -> tuple[Gray, NDArray[np.float64]]:
    """The window of the sheet as it lies before the camera, and the map (3, 3) from sheet to image."""
    fade = rng.uniform(0.25, 0.95), rng.uniform(0.2, 0.9)
    image = paper
    for layer, strength in zip((sheet.ink, sheet.print), fade, strict=True):
        image = cv2.multiply(image, 255 - cv2.convertScaleAbs(layer, None, strength), scale=1 / 255)
    left, top, right, bottom = sheet.window
    width, height = max(4, right - left), max(4, bottom - top)
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)
    slip = rng.random() < 0.06
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
        return np.asarray(cv2.warpPerspective(image, to_image, size, borderMode=cv2.BORDER_REPLICATE)), to_image
    desk = int(rng.integers(0, 235))
    image = image[max(0, top) : bottom, max(0, left) : right]
    shift = np.array([[1, 0, max(0, left)], [0, 1, max(0, top)], [0, 0, 1]], float)
    seen = cv2.warpPerspective(image, to_image @ shift, size, borderMode=cv2.BORDER_CONSTANT, borderValue=desk)
    return np.asarray(seen), to_image


def move_boxes(boxes: Sequence[Box], to_image: NDArray[np.float64]) -> NDArray[np.float64]:
    """Upright boxes round the boxes' images."""
    if not boxes:
        return np.zeros((0, 4))
    corners = np.array([[(a, b), (c, b), (c, d), (a, d)] for a, b, c, d in boxes], np.float64)
    seen = cv2.perspectiveTransform(corners.reshape(-1, 1, 2), to_image).reshape(-1, 4, 2)
    return np.concatenate([seen.min(axis=1), seen.max(axis=1)], axis=1)
