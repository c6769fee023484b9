"""Pen traces, or a folder of clips by their digit -> what the video network learns from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifier.data.writers import Trace, read_traces
from classifier.video.decode import SUFFIXES, frames
from classifier.video.over_time import Clips
from pipeline.synth.clips.drawn import any_drawing, as_traced, draw_clip, draw_many
from pipeline.watch.drawn import STEPS, crops_of, look

# How often each training trace is drawn, each time by another hand.
DRAWN = 3
# Of the 30 training writers, in their order, every fifth only chooses the epoch.
CHOOSES = 5
# Of a folder's clips, one in so many.
CHOOSES_CLIPS = 8


class Lessons(NamedTuple):
    """Clips to train on, to choose the epoch on, and to measure on; and what they are."""

    train: Clips
    validation: Clips
    test: Clips | None
    what: str


def lessons(path: str | Path, *, seed: int = 0) -> Lessons:
    """Read pen traces (``.npz``, see :func:`classifier.data.writers.read_traces`), or ``path/7/*.mp4`` and so on."""
    return _of_folder(Path(path)) if Path(path).is_dir() else _of_traces(path, seed)


def _of_traces(path: str | Path, seed: int) -> Lessons:
    traces, rng = read_traces(path), np.random.default_rng(seed)
    writers = sorted({trace.writer for trace in traces})
    chooses = set(writers[CHOOSES - 1 :: CHOOSES]) or set(writers[-1:])
    learned = [trace for trace in traces if trace.writer not in chooses]
    X, lengths = draw_many([trace.strokes for trace in learned * DRAWN], rng)
    train = Clips(X, digits_of(learned * DRAWN), lengths)
    validation = seen([trace for trace in traces if trace.writer in chooses], seed=seed)
    test = read_traces(path, "test")
    what = (
        f"drawn from {len(learned):,} pen traces of {len(writers) - len(chooses)} writers, each by {DRAWN} hands; "
        f"validation: {len(validation.y):,} of {len(chooses)} other writers; test: {len(test):,} of others again"
    )
    return Lessons(train, validation, seen(test, seed=seed + 1) if test else None, what)


def seen(traces: Sequence[Trace], *, seed: int, plain: bool = False) -> Clips:
    """Traces drawn on a sheet, a board or a screen and found there again, as `tridigit watch` sees them.

    Parameters
    ----------
    plain : bool
        As they were traced, with a pen of usual width, in place of other hands and pens.
    """
    rng = np.random.default_rng(seed)
    drawings = [as_traced(t.strokes) if plain else any_drawing(t.strokes, rng) for t in traces]
    X = np.stack([crops_of(list(draw_clip(drawing, rng))) for drawing in drawings])
    return Clips(X, digits_of(traces), np.full(len(X), X.shape[1]))


def digits_of(traces: Sequence[Trace]) -> NDArray[np.intp]:
    return np.array([trace.digit for trace in traces])


def _of_folder(folder: Path) -> Lessons:
    files = [
        (path, int(home.name))
        for home in sorted(folder.iterdir())
        if home.is_dir() and home.name in "0123456789"
        for path in sorted(home.iterdir())
        if path.suffix.lower() in SUFFIXES
    ]
    X, y, lengths = [], [], []
    for path, digit in files:
        crops = look(frames(path)).crops
        if len(crops):
            lengths.append(len(crops))
            X.append(np.concatenate([crops, np.zeros((STEPS - len(crops), 28, 28), np.uint8)]))
            y.append(digit)
    if len(y) < 2 * CHOOSES_CLIPS:
        raise ValueError(f"{folder} should hold clips in folders 0 to 9, {2 * CHOOSES_CLIPS} at least: {len(y)} found.")
    clips, chooses = Clips(np.stack(X), np.array(y), np.array(lengths)), np.arange(len(y)) % CHOOSES_CLIPS == 0
    what = f"of {folder.resolve().name}; one in {CHOOSES_CLIPS} of its {len(y):,} chooses the epoch"
    return Lessons(Clips(*(a[~chooses] for a in clips)), Clips(*(a[chooses] for a in clips)), None, what)
