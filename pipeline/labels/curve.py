"""The curve of a comparison: test accuracy and seconds over the images that were learned from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, NullLocator

from pipeline.labels.rows import Row
from pipeline.show.style import styled

# Told apart without colour (Okabe & Ito's palette).
LINES = (("#000000", "o"), ("#0072B2", "s"), ("#D55E00", "^"), ("#009E73", "D"), ("#CC79A7", "v"), ("#E69F00", "P"))


def draw_curve(rows: Sequence[Row]) -> Figure:
    """Test accuracy of each network with its 95% interval, a panel for each group, and the seconds of each training."""
    groups = list(dict.fromkeys(row.group for row in rows))
    networks = list(dict.fromkeys((row.network, row.size) for row in rows))
    n = len(groups) + 1
    with styled(columns=n, size=(max(6.8, 3.4 * n), 3.6)) as (figure, axes):
        for k, (name, size) in enumerate(networks):
            colour, marker = LINES[k % len(LINES)]
            style: dict[str, Any] = {"color": colour, "marker": marker, "markersize": 4.5, "linewidth": 1.2}
            style["label"] = f"{name}, {size} px"
            own = [row for row in rows if (row.network, row.size) == (name, size)]
            for ax, group in zip(axes[0], groups, strict=False):
                _accuracy(ax, [row for row in own if row.group == group], style)
            trainings = sorted((row.images, row.seconds) for row in own if row.group == groups[0])
            axes[0, -1].plot(*zip(*trainings, strict=True), **style)
        for ax, group in zip(axes[0], groups, strict=False):
            ax.set(title=group, ylabel="right, test images, %", ylim=(0, 100))
        axes[0, -1].set(title="training", ylabel="seconds", yscale="log")
        axes[0, -1].yaxis.set(major_locator=LogLocator(subs=(1, 2, 5)), major_formatter="{x:g}")
        axes[0, -1].yaxis.set_minor_formatter(NullFormatter())
        counts = {row.images: row.labels_per_class for row in sorted(rows, key=lambda row: row.images)}
        for ax in axes[0]:
            ax.set(xscale="log", xlabel="labels a class")
            ax.set_xticks([*counts], [*counts.values()])
            ax.xaxis.set_minor_locator(NullLocator())
        figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=n)
    return figure


def _accuracy(ax: Axes, rows: Sequence[Row], style: dict[str, Any]) -> None:
    """Dots joined by a line, with whiskers."""
    rows = sorted(rows, key=lambda row: row.images)
    right = [100 * row.share.value for row in rows]
    below, above = (
        [abs(100 * row.share.interval[side] - value) for row, value in zip(rows, right, strict=True)] for side in (0, 1)
    )
    ax.errorbar([row.images for row in rows], right, yerr=[below, above], capsize=2, **style)
