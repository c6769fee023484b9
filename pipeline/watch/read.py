"""Clips on disk -> rows of a table, one a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import cv2

from classifier.video.decode import Frames, frames
from classifier.video.runtime import VideoRuntime
from pipeline.show.clip import Picture, draw_film, draw_over_time
from pipeline.watch.drawn import DrawnReader
from pipeline.watch.field import FilmReader


@dataclass(frozen=True)
class Watched:
    """What one file came to.

    Attributes
    ----------
    path : str
    number : str
        '' if none was read.
    status : str
        That of the reading, or 'error'.
    reason : str
        Why it is not to be relied on; '' if it is.
    confidence : float
        Probability of the number; 0 if there is none.
    sure_from : int or None
        For a drawing the frame, from 1, from which on it was sure.
    frames : int
        How many were decoded.
    """

    path: str
    number: str
    status: str
    reason: str
    confidence: float = 0.0
    sure_from: int | None = None
    frames: int = 0

    def record(self) -> dict[str, Any]:
        """The row as a dictionary."""
        return vars(self) | {"confidence": round(self.confidence, 5)}


def watch_clips(
    paths: Iterable[str | PathLike[str]],
    *,
    mode: str = "drawn",
    every: int = 1,
    model: str | PathLike[str] | None = None,
    picture: str | PathLike[str] | None = None,
) -> Iterator[Watched]:
    """Read clips, one after the other.

    Parameters
    ----------
    paths : iterable of path
        See :func:`classifier.video.decode.frames`. What is no clip is a row with the status 'error'.
    mode : {'drawn', 'field'}
        A digit that is drawn before a camera that holds still, or a field that a camera moves over.
    every : int
        Look at the first of so many frames.
    model : path, optional
        A network of `tridigit train video`, for drawings. Default: that of the package.
    picture : path, optional
        Folder for one picture a clip.

    Raises
    ------
    OSError, ValueError
        If the model is none, or a picture cannot be written.
    """
    if mode not in MODES:
        raise ValueError(f"`mode` should be one of {list(MODES)}. Received: {mode!r}.")
    read = MODES[mode](model)
    for path in paths:
        try:
            clip = frames(path, every)
        except (OSError, ValueError) as error:
            yield Watched(fspath(path), "", "error", getattr(error, "strerror", None) or str(error))
            continue
        watched, draw = read(fspath(path), clip)
        if picture is not None:
            _write(draw(), Path(picture), Path(path))
        yield watched


# Reads a clip; the function that it gives beside the row draws why.
Read = Callable[[str, Frames], tuple[Watched, Callable[[], Picture]]]


def _drawn(model: str | PathLike[str] | None) -> Read:
    reader = DrawnReader(None if model is None else VideoRuntime(model))

    def read(path: str, clip: Frames) -> tuple[Watched, Callable[[], Picture]]:
        found = reader.read(clip)
        row = Watched(path, found.number, found.status, found.reason, found.confidence, found.sure_from, clip.read)
        # The drawing may not be finished.
        row = replace(row, status="unsure") if clip.missing and row.status == "sure" else row
        return _with_cut(row, clip), lambda: draw_over_time(found)

    return read


def _film(model: str | PathLike[str] | None) -> Read:
    if model is not None:
        raise ValueError("A `model` is for drawings; fields are read by the readers of images.")
    reader = FilmReader()

    def read(path: str, clip: Frames) -> tuple[Watched, Callable[[], Picture]]:
        film = reader.read(clip)
        found = film.reading
        row = Watched(path, found.number, found.status, found.reason, found.confidence, None, clip.read)
        return _with_cut(row, clip), lambda: draw_film(film)

    return read


MODES: dict[str, Callable[[str | PathLike[str] | None], Read]] = {"drawn": _drawn, "field": _film}


def _with_cut(row: Watched, clip: Frames) -> Watched:
    """The row with what its file lacks."""
    if not clip.missing:
        return row
    return replace(row, reason="; ".join(filter(None, (f"the file is cut: {clip.missing}", row.reason))))


def _write(picture: Picture, folder: Path, clip: Path) -> None:
    """``folder/clip.webm.png``: clips of one name in several formats stay apart."""
    folder.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(folder / f"{clip.name}.png"), picture):
        raise OSError(f"cannot write {folder / clip.name}.png")
