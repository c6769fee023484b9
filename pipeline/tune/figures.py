"""Figures of a search: which parameters matter, how sure that is, what accuracy costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from classifier.search.fits import Trial
from pipeline.show.style import styled

SHOWN = 20
# Under labels that lines run through.
PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}


def varied(candidates: Sequence[Trial]) -> dict[str, list[Any]]:
    """Parameters with more than one value, and their values in order."""
    names = sorted({name for candidate in candidates for name in candidate.params})
    values = {name: {_hashable(candidate.params.get(name)) for candidate in candidates} for name in names}
    return {name: sorted(found, key=lambda v: (str(type(v)), v)) for name, found in values.items() if len(found) > 1}


def by_parameters(candidates: Sequence[Trial]) -> Figure:
    """A heat map of the mean score where two parameters are varied, else a line for each candidate."""
    names = varied(candidates)
    return _heat_map(candidates, names) if len(names) == 2 else _parallel(candidates, names)


def _heat_map(candidates: Sequence[Trial], names: dict[str, list[Any]]) -> Figure:
    (down, rows), (across, columns) = names.items()
    scores = np.full((len(rows), len(columns)), np.nan)
    for candidate in candidates:
        scores[_place(rows, candidate.params.get(down)), _place(columns, candidate.params.get(across))] = candidate.mean
    with styled(size=(1.8 + 1.0 * len(columns), 1.2 + 0.6 * len(rows))) as (figure, axes):
        ax = axes[0, 0]
        ax.imshow(scores, cmap="Greys", aspect="auto", vmin=np.nanmin(scores), vmax=np.nanmax(scores) + 1e-9)
        middle = (np.nanmin(scores) + np.nanmax(scores)) / 2
        for (row, column), score in np.ndenumerate(scores):
            if not np.isnan(score):
                colour = "white" if score > middle else "black"
                ax.text(column, row, f"{score:.2%}", ha="center", va="center", color=colour)
        ax.set_xticks(range(len(columns)), [_label(v) for v in columns])
        ax.set_yticks(range(len(rows)), [_label(v) for v in rows])
        ax.set(xlabel=across, ylabel=down)
        ax.grid(False)
    return figure


def _parallel(candidates: Sequence[Trial], names: dict[str, list[Any]]) -> Figure:
    """Parallel coordinates; the best candidate is drawn thick, worse ones lighter."""
    scored = [candidate for candidate in candidates if not np.isnan(candidate.mean)]
    means = np.array([candidate.mean for candidate in scored])
    with styled(size=(max(5.0, 1.6 * (len(names) + 1)), 3.6)) as (figure, axes):
        ax = axes[0, 0]
        grays = np.interp(np.argsort(np.argsort(-means)), [0, max(1, len(means) - 1)], [0.0, 0.85])
        for k in np.argsort(means):
            places = [
                _place(values, scored[k].params.get(name)) / max(1, len(values) - 1) for name, values in names.items()
            ]
            height = (means[k] - means.min()) / max(1e-9, np.ptp(means))
            ax.plot([*places, height], color=str(grays[k]), linewidth=2.5 if k == means.argmax() else 0.8)
        for x, values in enumerate(names.values()):
            for k in _ticks(len(values)):
                ax.text(
                    x, k / max(1, len(values) - 1), _label(values[k]), fontsize=8, ha="center", va="center", bbox=PAPER
                )
        for height, score in ((0, means.min()), (1, means.max())):
            ax.text(len(names) + 0.03, height, f"{score:.2%}", fontsize=7, va="center")
        ax.set_xticks(range(len(names) + 1), [*(name.replace("__", "\n") for name in names), "mean score"])
        ax.set_yticks([])
        ax.grid(axis="x")
    return figure


def by_candidate(candidates: Sequence[Trial]) -> Figure:
    """Every fold's score, mean and standard deviation of the best candidates."""
    shown = [candidate for candidate in candidates if not np.isnan(candidate.mean)][:SHOWN]
    with styled(size=(7.5, 1.0 + 0.28 * len(shown))) as (figure, axes):
        ax = axes[0, 0]
        for row, candidate in enumerate(shown):
            ax.plot(100 * candidate.scores, [row] * len(candidate.scores), "|", color="black", markersize=8)
            ax.errorbar(100 * candidate.mean, row, xerr=100 * candidate.std, fmt="o", color="#0072B2", markersize=4)
        ax.set_yticks(range(len(shown)), [f"{rank + 1}" for rank in range(len(shown))])
        ax.set_ylim(len(shown) - 0.5, -0.5)
        ax.set(xlabel="score, %; bars are the folds, the dot their mean ± standard deviation", ylabel="rank")
    return figure


def front(candidates: Sequence[Trial]) -> Figure:
    """Mean score against cost; the line joins the candidates that none beats at its cost or less."""
    scored = [candidate for candidate in candidates if not np.isnan(candidate.mean)]
    by_macs = len({candidate.macs for candidate in scored}) > 1 and all(candidate.macs for candidate in scored)
    costs = np.array([(c.macs or 0) / 1e6 if by_macs else c.seconds for c in scored])
    means = 100 * np.array([candidate.mean for candidate in scored])
    with styled(size=(6.0, 3.4)) as (figure, axes):
        ax = axes[0, 0]
        ax.plot(costs, means, "o", color="#999999", markersize=4)
        best = pareto(costs, means)
        ax.plot(costs[best], means[best], "-o", color="#0072B2", markersize=5)
        ax.set(xlabel="million MACs for one image" if by_macs else "seconds a fit", ylabel="mean score, %")
    return figure


def pareto(costs: NDArray[np.float64], scores: NDArray[np.float64]) -> NDArray[np.intp]:
    """Indices, by rising cost, of those that nothing at most as costly equals or beats."""
    order = np.lexsort((-scores, costs))
    highest = np.maximum.accumulate(np.concatenate([[-np.inf], scores[order]]))[:-1]
    return np.asarray(order[scores[order] > highest])


def _place(values: Sequence[Any], value: Any) -> int:
    return values.index(_hashable(value))


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _label(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _ticks(n: int) -> list[int]:
    """At most seven places over the whole length."""
    return sorted(set(np.linspace(0, n - 1, min(n, 7)).round().astype(int).tolist()))
