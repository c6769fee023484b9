"""A finished search -> one HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from classifier.search.fits import Trial
from pipeline.show.html import svg, write_page
from pipeline.tune import figures


def write_tuning_page(candidates: Sequence[Trial], path: Path, *, command: str, measured: str) -> None:
    """Write the page.

    Parameters
    ----------
    candidates : sequence of Trial
        Best first.
    path : path
        Of the HTML file.
    command : str
        That makes the same search.
    measured : str
        What the score is, and on what.
    """
    best = candidates[0]
    words = (
        f"<p><code>{escape(command)}</code></p><p>{escape(measured)} {len(candidates)} candidates, "
        f"{len(best.fits)} folds; every fit began with fresh weights. The best mean is {best.mean:.2%} (standard "
        f"deviation of its folds {best.std:.2%}). It was chosen as the best of these, so expect a little less on "
        "other images; differences well under the standard deviation may be chance.</p>"
    )
    parts = [words]
    if any(name.split("__")[-1] == "epochs" for name in figures.varied(candidates)):
        parts.append("<p>Compare what has the same epochs: candidates dropped early were trained for fewer.</p>")
    if figures.varied(candidates):
        caption = "Mean score of the folds. Darker is better."
        parts.append(f"<h2>Parameters</h2>{svg(figures.by_parameters(candidates), caption)}")
    parts += [
        f"<h2>Folds</h2>{svg(figures.by_candidate(candidates), f'The best {figures.SHOWN}, by rank.')}",
        f"<h2>Accuracy and cost</h2>{svg(figures.front(candidates), 'One dot a candidate.')}",
        f"<h2>All candidates</h2>{_table(candidates)}",
    ]
    write_page(path, "tridigit: a search", "\n".join(parts))


def _table(candidates: Sequence[Trial]) -> str:
    names = sorted({name for candidate in candidates for name in candidate.params})
    folds = range(len(candidates[0].fits))
    head = ["rank", *names, *(f"fold {k + 1}" for k in folds), "mean", "std", "seconds a fit", "million MACs", "error"]
    rows = []
    for rank, candidate in enumerate(candidates, 1):
        errors = dict.fromkeys(fit.error for fit in candidate.fits if fit.error)
        cells = [
            rank,
            *(candidate.params.get(name, "") for name in names),
            *(f"{score:.2%}" for score in (*candidate.scores, candidate.mean, candidate.std)),
            f"{candidate.seconds:.1f}",
            f"{candidate.macs / 1e6:.2f}" if candidate.macs else "",
            "; ".join(errors),
        ]
        rows.append("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in cells) + "</tr>")
    return f"<table><tr>{''.join(f'<th>{escape(h)}</th>' for h in head)}</tr>{''.join(rows)}</table>"
