"""The report's figures: one style, legible in print, told apart without colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.calibration import calibration_curve

from pipeline.benchmark import metrics
from pipeline.benchmark.run import Answers
from pipeline.readers import READERS
from pipeline.show.style import styled

LOWEST_DRAWN = 0.02  # percent; what is lower, or none at all, is drawn here on logarithmic axes
N_BINS = 20


def accuracy_by_kind(results: Sequence[Mapping[str, Any]]) -> Figure:
    """Exact match of every reader on every kind of images with 95% intervals, and the same as errors on a log axis.

    ``results`` are those of ``results.json``, or of :meth:`pipeline.benchmark.run.Answers.figures`.
    """
    kinds = list(dict.fromkeys(r["images"] for r in results))
    readers = list(dict.fromkeys(r["reader"] for r in results))
    with styled(columns=2, size=(9.5, 1.2 + 0.36 * len(kinds)), sharey=True) as (figure, axes):
        for r in results:
            row = kinds.index(r["images"]) + (readers.index(r["reader"]) - (len(readers) - 1) / 2) * 0.13
            right, low, high = (100 * r["exact_match"][key] for key in ("value", "low", "high"))
            colour, marker = READERS[r["reader"]].colour, READERS[r["reader"]].marker
            for ax, x, start, stop in (
                (axes[0, 0], right, low, high),
                (axes[0, 1], 100 - right, 100 - high, 100 - low),
            ):
                ax.plot([start, stop], [row, row], color=colour, linewidth=1)
                ax.plot(x, row, marker, color=colour, markersize=4.5, label=r["reader"])
        left, errors = axes[0]
        left.set_yticks(range(len(kinds)), kinds)
        left.set_ylim(len(kinds) - 0.5, -0.5)
        left.set_xlim(0, 100.5)
        left.set_xlabel("exact match, %")
        _log_percent(errors, "x")  # no error at all lies beyond the left border
        errors.set_xlabel("wrong numbers, %")
        _legend(figure, left)
    return figure


def _legend(figure: Figure, ax: Axes) -> None:
    """Every label of ``ax`` once, above all axes."""
    handles = dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
    figure.legend(handles.values(), handles.keys(), loc="outside upper center", ncols=len(handles))


def reliability(answers: Sequence[Answers]) -> Figure:
    """Share of right numbers over confidence, and the same points as errors on logarithmic axes.

    All images pooled, in bins of as many images each, so that chance moves every point alike.
    """
    with styled(columns=2, size=(9.5, 4.6)) as (figure, axes):
        right_ones, errors = axes[0]
        for ax in axes[0]:
            ax.plot([LOWEST_DRAWN, 100], [LOWEST_DRAWN, 100], color="#777777", linestyle=":", label="as promised")
        for order, reader in enumerate(_readers(answers)):
            confidence = np.concatenate([a.confidence for a in answers if a.reader == reader])
            right = np.concatenate([a.right for a in answers if a.reader == reader])
            found, said = calibration_curve(right, confidence, n_bins=N_BINS, strategy="quantile")
            row = READERS[reader]
            style = {"color": row.colour, "marker": row.marker, "markersize": 4.5, "zorder": 9 - order}
            right_ones.plot(100 * said, 100 * found, linewidth=1, label=reader, **style)
            errors.plot(*np.maximum(LOWEST_DRAWN, [100 - 100 * said, 100 - 100 * found]), linestyle="", **style)
        right_ones.set(xlim=(0, 101), ylim=(0, 101), xlabel="confidence, %", ylabel="right, %")
        _log_percent(errors, "x", "y")
        errors.set(xlabel="100 − confidence, %", ylabel="wrong, %")
        _legend(figure, right_ones)
    return figure


def risk_coverage(answers: Sequence[Answers]) -> Figure:
    """One panel for each kind of images: the share that is wrong of the most confident, over how many are taken."""
    kinds = list(dict.fromkeys(a.images.name for a in answers))
    columns = min(4, len(kinds))
    rows = -(-len(kinds) // columns)
    size = max(6.8, 1 + 2.1 * columns), 0.9 + 1.6 * rows  # the legend needs that width
    with styled(rows=rows, columns=columns, size=size, sharex=True, sharey=True) as (figure, axes):
        for ax, kind in zip(axes.flat, kinds, strict=False):
            own = [a for a in answers if a.images.name == kind]
            for order, a in enumerate(own):
                coverage, risk = 100 * np.array(metrics.risk_coverage(a.confidence, a.right))
                style = {"color": READERS[a.reader].colour, "linewidth": 1.2, "zorder": 9 - order}
                ax.plot(coverage, np.maximum(risk, LOWEST_DRAWN), label=a.reader, **style)
            ax.set_title(kind, fontsize=9)
        axes[0, 0].set(xlim=(0, 100), xticks=range(0, 101, 25))
        _log_percent(axes[0, 0], "y")
        for k in range(len(kinds), rows * columns):
            axes.flat[k].axis("off")
            axes.flat[k - columns].tick_params(labelbottom=True)
        figure.supxlabel("coverage: images taken, the most confident first, %", fontsize=9)
        figure.supylabel("risk: wrong among them, %", fontsize=9)
        _legend(figure, axes[0, 0])
    return figure


def _readers(answers: Sequence[Answers]) -> list[str]:
    return list(dict.fromkeys(a.reader for a in answers))


def _log_percent(ax: Axes, *names: str) -> None:
    """Axes 'x' or 'y' that are logarithmic from LOWEST_DRAWN to 100%, in plain numbers."""
    for name in names:
        ax.set(**{f"{name}scale": "log", f"{name}lim": (0.9 * LOWEST_DRAWN, 115)})
        getattr(ax, f"{name}axis").set_major_formatter("{x:g}")


def confusion_matrices(answers: Sequence[Answers], readers: Sequence[str]) -> Figure:
    """Confusions of single digits over all kinds of images, one matrix a reader; shares of a row in %."""
    with styled(columns=len(readers), size=(4.3 * len(readers), 4.2)) as (figure, axes):
        for ax, reader in zip(axes[0], readers, strict=True):
            counts = sum(metrics.confusion(a.images.numbers, a.numbers) for a in answers if a.reader == reader)
            shares = 100 * np.asarray(counts) / np.maximum(np.sum(counts, axis=1, keepdims=True), 1)
            ax.imshow(np.minimum(shares, 5), cmap="Greys", vmax=6)
            for (row, column), value in np.ndenumerate(shares):
                if value >= 0.05:
                    ax.text(
                        column, row, f"{value:.1f}", ha="center", va="center", fontsize=6.5,
                        color="white" if value > 3 else "black",
                    )  # fmt: skip
            ax.set_xticks(range(11), [*map(str, range(10)), "–"])
            ax.set_yticks(range(10))
            ax.set(title=f"{reader} reader", xlabel="read as (–: not read)", ylabel="true digit")
            ax.grid(False)
    return figure


def learning_curves(histories: Mapping[str, Mapping[str, list[float]]]) -> Figure:
    """Loss and accuracy of single digits, training and validation, epoch by epoch."""
    with styled(rows=2, columns=len(histories), size=(4.3 * len(histories), 4.6), sharex="col") as (figure, axes):
        for column, (name, history) in enumerate(histories.items()):
            epochs = np.arange(1, len(history["loss"]) + 1)
            for ax, what, label in zip(axes[:, column], ("loss", "accuracy"), ("loss", "digit error, %"), strict=True):
                for part, style in ((f"val_{what}", "-"), (what, ":")):
                    values = np.array(history[part])
                    shown = values if what == "loss" else 100 * (1 - values)
                    ax.plot(epochs, shown, style, color="black", label="validation" if style == "-" else "training")
                ax.set_yscale("log")
                ax.set_ylabel(label)
            axes[0, column].set_title(name)
            axes[1, column].set_xlabel("epoch")
            axes[0, column].legend()
    return figure


def speed(answers: Sequence[Answers]) -> Figure:
    """Images a second of each reader on each kind of images."""
    readers = _readers(answers)
    with styled(size=(8.5, 0.9 + 0.4 * len(readers))) as (figure, axes):
        ax = axes[0, 0]
        for row, reader in enumerate(readers):
            rates = [len(a.readings) / a.seconds for a in answers if a.reader == reader]
            ax.plot(
                rates, [row] * len(rates), READERS[reader].marker, color=READERS[reader].colour, markersize=4, alpha=0.5
            )
            ax.plot(np.median(rates), row, "|", color="black", markersize=18)
        ax.set_yticks(range(len(readers)), readers)
        ax.set_ylim(len(readers) - 0.5, -0.5)
        ax.set_xlim(left=0)
        ax.set_xlabel("images/s, one mark for each kind of images, the bar is the median")
    return figure


def plot_feature_maps(canvas: NDArray[np.uint8], maps: Mapping[str, NDArray[np.float32]], *, shown: int = 8) -> Figure:
    """The canvas and, stage by stage, the ``shown`` most active maps of a network."""
    with styled(rows=len(maps), columns=shown + 1, size=(8.5, 0.98 * len(maps))) as (figure, axes):
        for row, activation in zip(axes, maps.values(), strict=True):
            order = np.argsort(-activation.std(axis=(0, 1)))[:shown]
            height, width, channels = activation.shape
            row[0].text(0.5, 0.5, f"{height}x{width}\n{channels} maps", ha="center", va="center", fontsize=8)
            for ax, k in zip(row[1:], order, strict=False):
                ax.imshow(activation[..., k], cmap="gray", aspect="auto" if height == 1 else "equal")
            for ax in row:
                ax.axis("off")
        axes[0, 0].clear()
        axes[0, 0].imshow(canvas, cmap="gray")
        axes[0, 0].axis("off")
    return figure
