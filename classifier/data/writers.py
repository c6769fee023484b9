"""Digits of other writers than MNIST's: USPS, and pen traces."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike

import numpy as np
from numpy.typing import NDArray

from classifier.data.mnist import load_arrays

Strokes = list[NDArray[np.float32]]


def load_usps(path: str | PathLike[str], part: str = "train") -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """USPS digits (J. Hull, 1994), 16x16.

    Parameters
    ----------
    path : path
        An ``.npz`` with ``x_train``, ``y_train``, ``x_test``, ``y_test``.
    part : {'train', 'test'}

    Returns
    -------
    images : (n, 16, 16) uint8
        Ink bright on 0.
    labels : (n,) uint8
    """
    images, labels = load_arrays(path, [f"x_{part}", f"y_{part}"]).values()
    return images, labels


@dataclass(frozen=True, eq=False)
class Trace:
    """One digit as a pen drew it.

    Attributes
    ----------
    strokes : list of (k, 2) float32
        (x, y) in units of the digit's height, y downwards, a point after each tick of a clock.
    digit : int
    writer : int
    """

    strokes: Strokes
    digit: int
    writer: int


def load_traces(path: str | PathLike[str], part: str = "train") -> dict[int, list[Strokes]]:
    """Pen traces by their digit; see :func:`read_traces`."""
    found: dict[int, list[Strokes]] = {}
    for trace in read_traces(path, part):
        found.setdefault(trace.digit, []).append(trace.strokes)
    return found


def read_traces(path: str | PathLike[str], part: str = "train") -> list[Trace]:
    """Pen traces of digits by 44 writers (E. Alpaydin, F. Alimoglu: Pen-Based Recognition, UCI, 1998; CC BY 4.0).

    Parameters
    ----------
    path : path
        An ``.npz`` with ``xy`` (points, y upwards), ``stroke`` (which stroke of its digit a point belongs to),
        ``offset`` (where each digit's points begin), ``y`` (labels), ``writer`` and ``split``.
    part : {'train', 'test'}
        30 writers, or 14 others.
    """
    names = ["xy", "stroke", "offset", "y", "writer", "split"]
    xy, stroke, offset, labels, writers, split = load_arrays(path, names).values()
    found = []
    for k in np.flatnonzero(split == part):
        points = xy[offset[k] : offset[k + 1]].astype(np.float32)
        of = stroke[offset[k] : offset[k + 1]]
        size = np.ptp(points, axis=0)
        points -= points.min(axis=0)
        points[:, 1] = size[1] - points[:, 1]
        # A flat digit is as wide as others are high.
        points /= max(size[1], 0.5 * size[0], 1.0)
        found.append(Trace([points[of == s] for s in np.unique(of)], int(labels[k]), int(writers[k])))
    return found
