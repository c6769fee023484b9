"""One picture that shows why an image was read as it was."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.readers import SOURCES
from pipeline.reading import Reading
from segmenter import Segmentation, Writing, fit_canvas

Picture = NDArray[np.uint8]
HEIGHT, WIDTH, TILE = 168, 360, 112  # of one stage, and of a crop with what surrounds it, in pixels
CAPTION = 0.45  # size of the letters
COLOURS = {"accept": (120, 160, 0), "review": (0, 150, 230), "unreadable": (80, 60, 213)}  # BGR
CUT, CHOSEN, LEFT_OUT, TEXT = (235, 190, 150), (220, 40, 160), (170, 170, 240), (40, 40, 40)


def draw(writing: Writing, reading: Reading) -> Picture:
    """Draw what was seen and decided, from top to bottom.

    The image with the chosen boxes; the ink, its pieces in alternating gray and what was left out in
    pale red, with every candidate cut and the chosen ones in a strong colour; what each network that was asked saw
    (the chosen crops, the gray field, the canvas) with the number it gave; the answer.

    Returns
    -------
    (H, W, 3) uint8
        BGR, as OpenCV writes it.
    """
    scale = min(HEIGHT / writing.gray.shape[0], WIDTH / writing.gray.shape[1])
    colour = COLOURS[reading.status]
    parts = [_seen(writing, reading, scale), _ink(writing, reading, scale)]
    parts += [_shown_to[source](writing, reading) for source in SOURCES if source in reading.by_reader]
    parts += [_answer(reading, colour)]
    width = max(part.shape[1] for part in parts) + 12
    return np.vstack([_centre(part, width) for part in parts])


def _seen(writing: Writing, reading: Reading, scale: float) -> Picture:
    """The part of the image that was looked at, with the boxes of the digits."""
    seen = _fit(cv2.cvtColor(writing.gray, cv2.COLOR_GRAY2BGR), scale)
    corner = np.array(writing.origin * 2)
    for digit in reading.digits:
        if digit.box:
            left, top, right, bottom = ((np.array(digit.box) - corner) / writing.scale * scale).astype(int).tolist()
            cv2.rectangle(seen, (left, top), (right, bottom), COLOURS[reading.status], 2)
    return seen


def _ink(writing: Writing, reading: Reading, scale: float) -> Picture:
    """The ink, piece by piece, and every candidate cut, last the chosen ones."""
    pieces, cuts = writing.regions.labels, list[NDArray[np.int_]]()
    if isinstance(writing, Segmentation):
        pieces, cuts = writing.pieces.labels, list(writing.cuts)
    chosen = _chosen_cuts(writing, reading)
    shades = np.where(pieces % 2 == 1, 60, 130)
    shown = cv2.cvtColor(np.where(pieces > 0, shades, 255).astype(np.uint8), cv2.COLOR_GRAY2BGR)
    shown[writing.mask & (pieces == 0)] = LEFT_OUT
    picture = _fit(shown, scale)
    for k in sorted(range(len(cuts)), key=chosen.__contains__):
        colour, width = (CHOSEN, 2) if k in chosen else (CUT, 1)
        cv2.polylines(picture, [((cuts[k] + 0.5) * scale).astype(np.int32)], False, colour, width, cv2.LINE_AA)
    return picture


def _chosen_cuts(writing: Writing, reading: Reading) -> set[int]:
    """The cuts that the digits of a reading begin or end at."""
    if not isinstance(writing, Segmentation):
        return set()
    chosen = [writing.candidates[d.candidate] for d in reading.digits if d.candidate is not None]
    ends = {end for candidate in chosen for end in (candidate.start, candidate.stop)}
    return {cut for end in ends if (cut := writing.pieces.cut_before(end)) is not None}


def save_picture(writing: Writing, reading: Reading, folder: Path, name: str) -> Path:
    """Write the picture of the file ``name`` below ``folder``, never outside it."""
    parts = [part for part in Path(name).parts if part not in ("..", "/", Path(name).anchor)]
    path = folder.joinpath(*parts[:-1], parts[-1] + ".png")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".png", draw(writing, reading))[1].tobytes())
    return path


def _fit(picture: Picture, scale: float) -> Picture:
    method = cv2.INTER_NEAREST if scale > 1 else cv2.INTER_AREA
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    return np.array(cv2.resize(picture, size, interpolation=method))


def _crops(writing: Writing, reading: Reading) -> Picture:
    """The crop of every chosen digit with its value and the probability that all readers together give it."""
    tiles = []
    for digit in reading.digits:
        if isinstance(writing, Segmentation) and digit.candidate is not None:
            tile = _enlarged(writing.crops[digit.candidate], 3)
            tiles.append(_centre(_captioned(tile, f"{digit.value}  {digit.probability:.3f}"), TILE))
    row = np.hstack(tiles) if tiles else np.full((1, TILE, 3), 255, np.uint8)
    return _captioned(row, _given("segmented", reading))


def _field(writing: Writing, reading: Reading) -> Picture:
    """The gray field of the field reader."""
    return _captioned(_enlarged(writing.field, 2), _given("field", reading))


def _canvas(writing: Writing, reading: Reading) -> Picture:
    """The canvas of the whole-image reader."""
    return _captioned(_enlarged(fit_canvas(writing), 2), _given("whole", reading))


# What the network of each source was shown.
_shown_to = {"segmented": _crops, "field": _field, "whole": _canvas}


def _given(source: str, reading: Reading) -> str:
    return f"{source}: {reading.by_reader[source] or 'no number'}"


def _enlarged(gray: NDArray[np.uint8], times: int) -> Picture:
    return np.repeat(np.repeat(cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR), times, axis=0), times, axis=1)


def _captioned(tile: Picture, text: str) -> Picture:
    """A picture with a line of text below."""
    (width, _), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, CAPTION, 1)
    wide = _centre(tile, max(tile.shape[1], width))
    line = np.full((20, wide.shape[1], 3), 255, np.uint8)
    return np.vstack([wide, _write(line, text, ((wide.shape[1] - width) // 2, 14), CAPTION)])


def _answer(reading: Reading, colour: tuple[int, int, int]) -> Picture:
    band = np.full((46, WIDTH, 3), 255, np.uint8)
    cv2.rectangle(band, (0, 6), (10, 40), colour, -1)
    _write(band, f"{reading.number or '-'}   {reading.status}   {reading.confidence:.3f}", (20, 20), 0.55)
    return _write(band, reading.reason, (20, 39), CAPTION)


def _write(picture: Picture, text: str, at: tuple[int, int], size: float) -> Picture:
    cv2.putText(picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, TEXT, 1, cv2.LINE_AA)
    return picture


def _centre(part: Picture, width: int) -> Picture:
    left = (width - part.shape[1]) // 2
    sides = left, width - part.shape[1] - left
    return np.pad(part, ((4, 4), sides, (0, 0)), constant_values=255)
