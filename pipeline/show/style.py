"""The style that all figures share: legible in print."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from matplotlib import pyplot as plt

STYLE = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "axes.axisbelow": True,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
    "svg.fonttype": "none",
    "font.family": "sans-serif",
}


@contextmanager
def styled(*, rows: int = 1, columns: int = 1, size: tuple[float, float], **options: Any) -> Iterator[tuple]:
    """A figure in this style and its axes, rows x columns."""
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False, **options)
        yield figure, axes
        plt.close(figure)
