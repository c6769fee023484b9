"""A page -> what a scanner or a phone makes of it, and where each point of the page went."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.synth.glyphs import Gray
from pipeline.synth.marks.cameras import packed, photograph, soft

Rng = np.random.Generator

# Largest skew of a scan in degrees, its change of scale, and tilt of a phone.
SKEW, SCALED, TILT = 6.0, 0.03, 15.0
# Pixels of a photograph, and the share of it that the page fills.
PHOTO, FILLED = (2100, 2800), 0.9
# Distance of a phone in widths of what it sees: a view of about 65 degrees along the longer side.
FAR = 1.0


@dataclass(frozen=True, eq=False)
class Taken:
    """A picture of a page.

    Attributes
    ----------
    gray : (H, W) uint8
    to_image : (3, 3) float64
        Map from pixels of the page to pixels of the picture.
    """

    gray: Gray
    to_image: NDArray[np.float64]


def scanned(page: Gray, rng: Rng) -> Taken:
    """Skewed, scaled, shifted, on a white or dark lid, noisy."""
    height, width = page.shape
    scale = 1 + rng.uniform(-SCALED, SCALED)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-SKEW, SKEW), scale)
    # The glass is a little larger than the page.
    room = 0.02 * width
    turn[:, 2] += room + rng.uniform(-room, room, 2)
    to_image = np.vstack([turn, [0, 0, 1]])
    size = round(width + 2 * room), round(height + 2 * room)
    lid = int(rng.choice([255, 240, 30]))
    gray = cv2.warpPerspective(page, to_image, size, flags=cv2.INTER_AREA, borderValue=lid)
    gray = soft(cv2.convertScaleAbs(gray, None, rng.uniform(0.88, 1.0)), rng, 0.8)
    noise = rng.standard_normal(gray.shape, np.float32) * np.float32(rng.uniform(1, 8))
    return Taken(packed(np.clip(gray + noise, 0, 255).astype(np.uint8), rng), to_image)


def photographed(page: Gray, rng: Rng) -> Taken:
    """On a desk, from a phone held not quite level, in uneven light."""
    to_image = _seen_by_phone(page.shape, rng)
    desk = int(rng.integers(0, 180))
    gray = cv2.warpPerspective(page, to_image, PHOTO, flags=cv2.INTER_AREA, borderValue=desk)
    return Taken(photograph(gray, rng), to_image)


def _seen_by_phone(shape: tuple[int, ...], rng: Rng) -> NDArray[np.float64]:
    """The map of a pinhole camera that is turned against the page by up to ``TILT`` degrees."""
    height, width = shape[:2]
    across, along = np.deg2rad(rng.uniform(-TILT, TILT, 2) / np.sqrt(2))
    turn = cv2.Rodrigues(np.array([across, 0, 0]))[0] @ cv2.Rodrigues(np.array([0, along, 0]))[0]
    turn = turn @ cv2.Rodrigues(np.array([0, 0, np.deg2rad(rng.uniform(-5, 5))]))[0]
    middle = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1]])
    onto = np.column_stack([turn[:, 0], turn[:, 1], [0, 0, FAR * height]])
    seen = onto @ middle
    corners = np.array([[[0, 0], [width, 0], [width, height], [0, height]]], float)
    found = cv2.perspectiveTransform(corners, seen)[0]
    low, size = found.min(axis=0), np.ptp(found, axis=0)
    scale = FILLED * min(PHOTO[0] / size[0], PHOTO[1] / size[1])
    shift = (np.array(PHOTO) - scale * size) / 2 - scale * low + rng.uniform(-0.03, 0.03, 2) * PHOTO
    return np.array([[scale, 0, shift[0]], [0, scale, shift[1]], [0, 0, 1]]) @ seen
