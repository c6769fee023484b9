"""One picture that shows how a clip was read."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.show.picture import COLOURS, TEXT, draw
from pipeline.watch.drawn import SURE, DrawnReading
from pipeline.watch.field import FilmReading

Picture = NDArray[np.uint8]
# Sides of a frame and of the plot below in pixels, and the margin that its numbers stand in.
TILE, PLOT, MARGIN = 72, 180, 40
# A digit that is never more probable than this is no line of its own.
SHOWN = 0.1
STATUS = {"sure": "accept", "unsure": "review", "unreadable": "unreadable"}


def draw_over_time(reading: DrawnReading) -> Picture:
    """The frames, what the network saw of each, and the probabilities of the digits after each; (H, W, 3) BGR."""
    at = reading.drawn.at
    since = at.index(reading.sure_from) if reading.sure_from is not None else None
    parts = [_tiles(reading.drawn.frames), _tiles(reading.drawn.crops), _words(list(map(str, at)), chosen=since)]
    return np.vstack([*parts, _plot(reading), _answer(reading, len(at) * TILE + MARGIN)])


def draw_film(film: FilmReading) -> Picture:
    """The frames with the number that each alone gives, and how the picture that they make was read; (H, W, 3) BGR.

    Frames that are not in that picture have no number.
    """
    rows = [_tiles(film.frames)]
    words = [one.number or "-" if used else "" for one, used in zip(film.said, film.used.tolist(), strict=True)]
    rows.append(_words(words, chosen=film.sharpest))
    picture = draw(film.writing, film.reading)
    width = max(picture.shape[1], rows[0].shape[1])
    return np.vstack(
        [np.pad(row, ((0, 0), (0, width - row.shape[1]), (0, 0)), constant_values=255) for row in [*rows, picture]]
    )


def _tiles(frames: NDArray[np.uint8]) -> Picture:
    """Frames side by side, each fitted into a tile."""
    tiles = [np.full((TILE, MARGIN, 3), 255, np.uint8)]
    for frame in frames:
        scale = (TILE - 4) / max(frame.shape)
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST
        size = max(1, round(frame.shape[1] * scale)), max(1, round(frame.shape[0] * scale))
        small = cv2.resize(frame, size, interpolation=how)
        tile = np.full((TILE, TILE), 255, np.uint8)
        top, left = (TILE - small.shape[0]) // 2, (TILE - small.shape[1]) // 2
        tile[top : top + small.shape[0], left : left + small.shape[1]] = small
        tiles.append(cv2.cvtColor(tile, cv2.COLOR_GRAY2BGR))
    return np.hstack(tiles)


def _words(words: Sequence[str], *, chosen: int | None) -> Picture:
    """A word below each tile, one of them in colour."""
    row = np.full((18, MARGIN + TILE * len(words), 3), 255, np.uint8)
    for k, word in enumerate(words):
        colour = COLOURS["accept"] if k == chosen else TEXT
        _write(row, word, (MARGIN + TILE * k + TILE // 2 - 4 * len(word), 13), colour)
    return row


def _plot(reading: DrawnReading) -> Picture:
    """A line for each digit that was ever likely, from 0 at the bottom to 1 at the top."""
    steps = len(reading.drawn.at)
    plot = np.full((PLOT + 12, MARGIN + TILE * steps, 3), 255, np.uint8)
    for level in (0.0, 0.5, SURE, 1.0):
        y = _height(level)
        cv2.line(plot, (MARGIN, y), (plot.shape[1] - 1, y), (225, 225, 225), 1)
        _write(plot, f"{level:g}", (6, y + 4), TEXT)
    for digit in np.flatnonzero(reading.probabilities.max(axis=0, initial=0) > SHOWN).tolist():
        final = str(digit) == reading.number
        values = reading.probabilities[:, digit].tolist()
        points = np.array([(MARGIN + TILE * k + TILE // 2, _height(p)) for k, p in enumerate(values)], np.int32)
        colour = COLOURS[STATUS[reading.status]] if final else (170, 170, 170)
        cv2.polylines(plot, [points[:, None]], False, colour, 2 if final else 1, cv2.LINE_AA)
        x, y = points[int(np.argmax(values))].tolist()
        _write(plot, str(digit), (x + 3, max(12, y - 4)), colour)
    return plot


def _height(probability: float) -> int:
    return round(6 + PLOT * (1 - probability))


def _answer(reading: DrawnReading, width: int) -> Picture:
    row = np.full((26, width, 3), 255, np.uint8)
    since = f" from frame {reading.sure_from} on" if reading.sure_from else ""
    words = f"{reading.number or 'no digit'}: {reading.reason or reading.status + since}"
    _write(row, words, (8, 18), COLOURS[STATUS[reading.status]])
    return row


def _write(picture: Picture, text: str, at: tuple[int, int], colour: tuple[int, int, int]) -> None:
    cv2.putText(picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.45, colour, 1, cv2.LINE_AA)
