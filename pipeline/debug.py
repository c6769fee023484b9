"""One picture that shows why an image was read as it was."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reading import Reading
from segmenter import Segmentation

Picture = NDArray[np.uint8]
HEIGHT, WIDTH = 168, 360  # of one stage, in pixels
COLOURS = {"accept": (120, 160, 0), "review": (0, 150, 230), "unreadable": (80, 60, 213)}  # BGR
CUT, LEFT_OUT, TEXT = (230, 110, 40), (170, 170, 240), (40, 40, 40)


def draw(segmentation: Segmentation, reading: Reading) -> Picture:
    """Draw what was seen and decided, from top to bottom.

    The image with the chosen boxes; the ink, its pieces in alternating gray and what was left out in
    pale red, with every candidate cut; the three crops with their digits; the answer.

    Returns
    -------
    (H, W, 3) uint8
        BGR, as OpenCV writes it.
    """
    scale = min(HEIGHT / segmentation.gray.shape[0], WIDTH / segmentation.gray.shape[1])
    seen = _fit(cv2.cvtColor(segmentation.gray, cv2.COLOR_GRAY2BGR), scale)
    colour = COLOURS[reading.status]
    for digit in reading.digits:
        corner = np.array(segmentation.origin * 2)
        left, top, right, bottom = ((np.array(digit.box) - corner) / segmentation.scale * scale).astype(int).tolist()
        cv2.rectangle(seen, (left, top), (right, bottom), colour, 2)
    shades = np.where(segmentation.pieces % 2 == 1, 60, 130)
    ink = np.where(segmentation.pieces > 0, shades, 255).astype(np.uint8)
    shown = cv2.cvtColor(ink, cv2.COLOR_GRAY2BGR)
    shown[segmentation.mask & (segmentation.pieces == 0)] = LEFT_OUT
    pieces = _fit(shown, scale)
    for cut in segmentation.cuts:
        cv2.polylines(pieces, [((cut + 0.5) * scale).astype(np.int32)], False, CUT, 1, cv2.LINE_AA)
    parts = [seen, pieces, _crops(segmentation, reading), _answer(reading, colour)]
    width = max(part.shape[1] for part in parts) + 12
    return np.vstack([_centre(part, width) for part in parts])


def save_picture(segmentation: Segmentation, reading: Reading, folder: Path, name: str) -> Path:
    """Write the picture of the file ``name`` below ``folder``, never outside it."""
    parts = [part for part in Path(name).parts if part not in ("..", "/", Path(name).anchor)]
    path = folder.joinpath(*parts[:-1], parts[-1] + ".png")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".png", draw(segmentation, reading))[1].tobytes())
    return path


def _fit(picture: Picture, scale: float) -> Picture:
    method = cv2.INTER_NEAREST if scale > 1 else cv2.INTER_AREA
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    return np.array(cv2.resize(picture, size, interpolation=method))


def _crops(segmentation: Segmentation, reading: Reading) -> Picture:
    """The crop of every chosen digit with its value and probability."""
    tiles = []
    for digit in reading.digits:
        crop = cv2.resize(segmentation.crops[digit.candidate], (84, 84), interpolation=cv2.INTER_NEAREST)
        tile = np.full((108, 112, 3), 255, np.uint8)
        tile[2:86, 14:98] = cv2.cvtColor(crop, cv2.COLOR_GRAY2BGR)
        tiles.append(_write(tile, f"{digit.value}  {digit.probability:.3f}", (24, 102), 0.45))
    return np.hstack(tiles) if tiles else np.full((4, 4, 3), 255, np.uint8)


def _answer(reading: Reading, colour: tuple[int, int, int]) -> Picture:
    band = np.full((46, WIDTH, 3), 255, np.uint8)
    cv2.rectangle(band, (0, 6), (10, 40), colour, -1)
    _write(band, f"{reading.number or '-'}   {reading.status}   {reading.confidence:.3f}", (20, 20), 0.55)
    return _write(band, reading.reason, (20, 39), 0.45)


def _write(picture: Picture, text: str, at: tuple[int, int], size: float) -> Picture:
    cv2.putText(picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, TEXT, 1, cv2.LINE_AA)
    return picture


def _centre(part: Picture, width: int) -> Picture:
    left = (width - part.shape[1]) // 2
    sides = left, width - part.shape[1] - left
    return np.pad(part, ((4, 4), sides, (0, 0)), constant_values=255)
