"""Answers -> one HTML page that needs nothing else."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from html import escape
from os import cpu_count
from pathlib import Path
from typing import Any

import numpy as np

from classifier.protocols import Overlap
from classifier.runtime import WEIGHTS
from pipeline import figures, metrics
from pipeline.benchmark import WHAT, Answers, Images
from pipeline.page import picture, png, svg, write_page
from segmenter import Segmenter, fit_canvas

N_WORST, N_SAMPLES = 40, 6
MAIN = ("segmented", "whole")


def write_report(answers: Sequence[Answers], networks: Mapping[str, Mapping[str, Any]], path: Path) -> Path:
    """Write the report.

    Parameters
    ----------
    answers : sequence of Answers
        All that was read.
    networks : mapping
        'protocol/reader' -> parameters, MACs, history.
    path : path
        Of the HTML file.
    """
    composed = [a for a in answers if a.images.kind != "protocol"]
    sections = [
        _protocols([a for a in answers if a.images.kind == "protocol"]),
        _conditions(composed),
        _confusions(answers),
        _worst(answers),
        _samples(answers),
        _learning(networks),
        _features(answers),
        _speed(answers, networks),
        _how_measured(answers),
    ]
    body = "\n".join(section for section in sections if section)
    write_page(path, "tridigit: the readers compared", _summary(answers) + body)
    return path


def _summary(answers: Sequence[Answers]) -> str:
    readers = dict.fromkeys(a.reader for a in answers)
    items = "".join(f"<li><b>{name}</b>: {escape(WHAT[name])}</li>" for name in readers)
    return (
        "<p>Every reader saw the same images. <b>Exact match</b> is the share of images whose whole number is right, "
        "<b>digit accuracy</b> the share of single digits; an image that was not read counts as wrong. In brackets: "
        f"95% Wilson intervals.</p><ul>{items}</ul>"
    )


def _protocols(answers: Sequence[Answers]) -> str:
    if not answers:
        return ""
    seen = {a.images.name: a.images.overlap for a in answers if a.images.overlap}
    words = "".join(f"<li><b>{name}</b>: {_overlap(o)}</li>" for name, o in seen.items())
    if len(seen) < 2:
        return f"<h2>Triple MNIST</h2><ul>{words}</ul>{_table(answers)}"
    return f"""<h2>Two protocols, side by side</h2>
<p>The public Triple MNIST generator pools MNIST's training and test digits before it splits by <i>number</i>. Its test
numbers are new, but most of its test <i>digits</i> are not: a network meets the very same drawings that it was trained
on. The pooled figures therefore measure how well a reader finds digits that it may remember, in columns that never
vary, and compare with other projects. They do not measure how it reads a hand that it has never seen. The leak-free
protocol splits the numbers the same way and takes the test digits from MNIST's own test set, written by other people.
Each protocol's readers were trained on its own training digits.</p><ul>{words}</ul>
{_table(answers)}
<p>Digits of Triple MNIST stand in columns of their own and never touch, so neither protocol tests segmentation; the
conditions below do.</p>"""


def _overlap(o: Overlap) -> str:
    return (
        f"of {o.images:,} test images {o.images_seen:,} ({o.images_seen / o.images:.1%}) show at least one digit image "
        f"that the training images show, too, {o.images_all_seen:,} ({o.images_all_seen / o.images:.1%}) show three; "
        f"{o.digits_seen:,} of {o.digits:,} different digit images ({o.digits_seen / o.digits:.1%})"
    )


def _conditions(answers: Sequence[Answers]) -> str:
    if not answers:
        return ""
    own = answers[0].images.kind == "data"
    title = "Your images" if own else "By condition"
    words = "" if own else "<p>Fields composed of MNIST's test digits, any number, one condition each.</p>"
    figure = svg(
        figures.accuracy_by_kind([a.figures() for a in answers]),
        "Exact match with 95% intervals; on the right the same as errors on a logarithmic axis, where no error "
        "at all lies beyond the left border.",
    )
    return f"<h2>{title}</h2>{words}{figure}{_table(answers)}"


def _table(answers: Sequence[Answers]) -> str:
    rows = []
    for a in answers:
        truth = a.images.numbers
        f1 = metrics.precision_recall_f1(truth, a.numbers)
        cells = (
            f"{len(truth):,}", a.reader, metrics.exact_match(truth, a.numbers),
            metrics.digit_accuracy(truth, a.numbers), f"{f1['macro']['precision']:.4f}",
            f"{f1['macro']['recall']:.4f}", f"{f1['macro']['f1']:.4f}", f"{f1['micro']['f1']:.4f}",
            " / ".join(f"{f1[f'position {k}']['f1']:.4f}" for k in (1, 2, 3)),
            f"{a.accepted.mean():.1%}", a.accepted_wrong,
        )  # fmt: skip
        title = escape(a.images.what, quote=True)
        rows.append(
            f"<tr><td title='{title}'>{escape(a.images.name)}</td>" + "".join(f"<td>{cell}</td>" for cell in cells)
        )
    head = (
        "images", "n", "reader", "exact match", "digit accuracy", "precision (macro)", "recall (macro)", "F1 (macro)",
        "F1 (micro)", "F1 by position", "accepted", "wrong among them",
    )  # fmt: skip
    return f"<table><tr>{''.join(f'<th>{h}</th>' for h in head)}</tr>{'</tr>'.join(rows)}</tr></table>"


def _confusions(answers: Sequence[Answers]) -> str:
    readers = [name for name in MAIN if any(a.reader == name for a in answers)]
    if not readers:
        return ""
    caption = "Single digits over all images above, shares of each row in %; under 0.05 left empty."
    return f"<h2>Confusions</h2>{svg(figures.confusion_matrices(answers, readers), caption)}"


def _worst(answers: Sequence[Answers]) -> str:
    """The mistakes that were surest of themselves, with what both readers said."""
    by_images: dict[str, dict[str, Answers]] = {}
    for a in answers:
        if a.reader in MAIN:
            by_images.setdefault(a.images.name, {})[a.reader] = a
    wrong = [
        (reading.confidence, name, i)
        for name, readers in by_images.items()
        for a in readers.values()
        for i, reading in enumerate(a.readings)
        if reading.number and reading.number != a.images.numbers[i]
    ]
    chosen = list(dict.fromkeys((name, i) for _, name, i in sorted(wrong, reverse=True)))[:N_WORST]
    if not chosen:
        return "<h2>Worst mistakes</h2><p>None.</p>"
    pictures = [_mistake(by_images[name], i) for name, i in chosen]
    return (
        "<h2>Worst mistakes</h2><p>The wrong numbers with the highest confidence of either reader, the truth in bold. "
        "Images that were not read are not among them: a person sees those.</p>"
        f"<div class='pictures'>{''.join(pictures)}</div>"
    )


def _mistake(readers: Mapping[str, Answers], i: int) -> str:
    images = next(iter(readers.values())).images
    said = "<br>".join(
        f"{name}: {a.readings[i].number or '–'} ({a.readings[i].confidence:.3f}, {a.readings[i].status})"
        for name, a in readers.items()
    )
    return picture(images.images[i], f"<b>{images.numbers[i]}</b>, {escape(images.name)}<br>{said}")


def _samples(answers: Sequence[Answers]) -> str:
    kinds: dict[str, Images] = {a.images.name: a.images for a in answers}
    rows = [
        f"<h3>{escape(name)}</h3><p>{escape(images.what)}</p><div class='pictures'>"
        + "".join(picture(images.images[i], str(images.numbers[i])) for i in _spread(len(images.numbers)))
        + "</div>"
        for name, images in kinds.items()
    ]
    return f"<h2>Samples</h2>{''.join(rows)}"


def _spread(n: int) -> list[int]:
    """Indices over the whole length."""
    return sorted(set(np.linspace(0, n - 1, min(n, N_SAMPLES)).astype(int).tolist()))


def _learning(networks: Mapping[str, Mapping[str, Any]]) -> str:
    histories = {
        f"{key.split('/')[1]} reader": facts["history"]
        for key, facts in networks.items()
        if key in ("leak-free/segmented", "leak-free/whole")
    }
    if not histories:
        return ""
    caption = (
        "Training images are made harder than validation images and some show no digit, so the training curves lie "
        "above. Each network keeps the weights of its lowest validation loss."
    )
    return f"<h2>Learning curves</h2>{svg(figures.learning_curves(histories), caption)}"


def _features(answers: Sequence[Answers]) -> str:
    """Feature maps of the shipped whole-image network on the first field."""
    if not any(a.reader == "whole" for a in answers):
        return ""
    import keras

    from classifier.explain import feature_maps

    images = answers[0].images
    canvas = fit_canvas(Segmenter().look(images.images[0]))
    maps = feature_maps(keras.models.load_model(WEIGHTS / "best_model.keras"), canvas)
    caption = (
        f"The whole-image network on the first field ({images.numbers[0]}): the canvas, then the eight most active "
        "maps after each stage. The last row is the maximum over the rows: one value a column and map."
    )
    return f"<h2>Feature maps</h2>{png(figures.feature_maps(canvas, maps), caption)}"


def _speed(answers: Sequence[Answers], networks: Mapping[str, Mapping[str, Any]]) -> str:
    rows = []
    for name in dict.fromkeys(a.reader for a in answers):
        own = [a for a in answers if a.reader == name]
        facts = next(facts for key, facts in networks.items() if key.endswith(f"/{name}"))
        rate = np.median([len(a.readings) / a.seconds for a in own])
        latency = 1000 * np.median([a.latency for a in own])
        rows.append(
            f"<tr><td>{name}</td><td>{facts['parameters']:,}</td><td>{facts['macs'] / 1e6:.1f}</td>"
            f"<td>{rate:,.0f}</td><td>{latency:.2f}</td></tr>"
        )
    caption = "In batches of 64; composed images from memory, your own from their files."
    return (
        f"<h2>Speed and size</h2>{svg(figures.speed(answers), caption)}"
        "<table><tr><th>reader</th><th>parameters</th><th>million MACs a network call</th><th>images/s, median</th>"
        f"<th>one image, ms, median</th></tr>{''.join(rows)}</table>"
        "<p>The segmented reader calls its network once for each crop: three times on clean fields, more often where "
        "it tries cuts. The whole-image readers call theirs four times more for what it doubts. "
        f"One process, network on {cpu_count()} threads, {escape(platform.machine())}. The machine may "
        "be shared: ratios count, single times do not.</p>"
    )


def _how_measured(answers: Sequence[Answers]) -> str:
    if all(a.images.kind == "data" for a in answers):
        return """<h2>What was trained on what</h2>
<p>The readers were trained on MNIST's training digits. Images that show those say nothing about others.</p>"""
    return """<h2>What was trained on what</h2>
<p>All weights come from MNIST. The leak-free ones saw its first 55,000 training digits; the last 5,000 chose the epoch
and every other setting; its 10,000 test digits appear in these figures only. The whole-image networks were trained on
640 numbers of the public split, their epoch chosen on 160 others. The 200 test numbers of both protocols were never
composed in training; the conditions draw from all 1,000. The pooled weights saw the digits of the public training
images.</p>"""
