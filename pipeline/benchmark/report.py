"""Answers -> one HTML page that needs nothing else."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from os import cpu_count
from pathlib import Path
from typing import Any

import numpy as np

from classifier.data.triple_mnist import Overlap
from classifier.number_format import FORMAT
from pipeline.benchmark import figures, metrics
from pipeline.benchmark.ablation import COMPLETE
from pipeline.benchmark.pictures import feature_map_section, samples, worst
from pipeline.benchmark.run import Ablation, Answers, Images
from pipeline.decision.profile import Profile
from pipeline.readers import READERS, WAYS
from pipeline.show.html import svg, write_page

# 'protocol/reader' -> name of its weights -> parameters, MACs, history.
Networks = Mapping[str, Mapping[str, Mapping[str, Any]]]


def write_report(
    answers: Sequence[Answers], networks: Networks, path: Path, *, ablation: Ablation | None = None
) -> Path:
    """Write the report.

    Parameters
    ----------
    answers : sequence of Answers
        All that was read.
    networks : mapping
        'protocol/reader' -> name of its weights -> parameters, MACs, history.
    path : path
        Of the HTML file.
    ablation : mapping, optional
        What is left out -> kind of images -> exact match; see :func:`pipeline.benchmark.ablation.ablate`.
    """
    composed = [a for a in answers if a.images.kind != "protocol"]
    sections = [
        _protocols([a for a in answers if a.images.kind == "protocol"]),
        _conditions(composed),
        _trust(answers, composed),
        _ablation(ablation or {}),
        _confusions(answers),
        worst(answers),
        samples(answers),
        _learning(networks),
        feature_map_section(answers),
        _speed(answers, networks),
        _how_measured(answers),
    ]
    body = "\n".join(section for section in sections if section)
    write_page(path, "tridigit: the readers compared", _summary(answers) + body)
    return path


def _summary(answers: Sequence[Answers]) -> str:
    readers = dict.fromkeys(a.reader for a in answers)
    items = "".join(f"<li><b>{name}</b>: {escape(READERS[name].what)}</li>" for name in readers)
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
            " / ".join(f"{f1[f'position {k}']['f1']:.4f}" for k in range(1, 1 + FORMAT.positions)),
        )  # fmt: skip
        rows.append((_name(a.images), *cells))
    head = (
        "images", "n", "reader", "exact match", "digit accuracy", "precision (macro)", "recall (macro)", "F1 (macro)",
        "F1 (micro)", "F1 by position",
    )  # fmt: skip
    return _html_table(head, rows)


def _name(images: Images) -> str:
    """The name of images, which tells what they are where the pointer rests on it."""
    return f"<span title='{escape(images.what, quote=True)}'>{escape(images.name)}</span>"


def _html_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """``head`` is text, the cells of ``rows`` are HTML."""
    cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><tr>{''.join(f'<th>{escape(h)}</th>' for h in head)}</tr>{cells}</table>"


def _trust(answers: Sequence[Answers], composed: Sequence[Answers]) -> str:
    """Calibration and selection; the networks of a protocol may be others, so their answers are not pooled."""
    reliability = svg(
        figures.reliability(composed),
        f"Reliability over all images of the section above, in {figures.N_BINS} bins of as many images each. On the "
        f"right the same points as errors on logarithmic axes; what is under {figures.LOWEST_DRAWN}%, or none at all, "
        "lies on the border. Below the dotted line on the left, and above it on the right, a reader promises too much.",
    ) if composed else ""  # fmt: skip
    curves = svg(
        figures.risk_coverage(answers),
        "Risk and coverage: the most confident answers are taken first. The lower a curve, the better; where it runs "
        f"along the lower border, less than {figures.LOWEST_DRAWN}% or none of what is taken is wrong.",
    )
    return f"""<h2>How far its confidence can be trusted</h2>
<p>The confidence of a reading is the probability that its whole number is right. What was not read counts as wrong with
confidence 0. <b>ECE</b>, the expected calibration error, is the mean distance between confidence and share of right
numbers over {metrics.BINS} bins (Guo et al., 2017); with few images chance alone makes it one or two percent.
<b>Brier</b> is the mean squared error of the confidence. <b>Risk</b> is the mean share of wrong numbers over all
coverages, the area under its curve (Geifman et al., 2019). The profile of the package turns evidence into confidence
and says what is accepted. It was fitted with the networks of the package on {escape(Profile.shipped().made_from)};
other networks borrow it.</p>
{reliability}{curves}{_html_table(TRUST, map(_trusted, answers))}"""


TRUST = ("images", "n", "reader", "ECE", "Brier", "risk", "accepted", "wrong among them")


def _trusted(a: Answers) -> Sequence[object]:
    """A row of the table: its columns are :data:`TRUST`."""
    return (
        _name(a.images),
        f"{len(a.readings):,}",
        a.reader,
        f"{metrics.expected_calibration_error(a.confidence, a.right):.2%}",
        f"{metrics.brier_score(a.confidence, a.right):.4f}",
        f"{metrics.area_under_risk_coverage(a.confidence, a.right):.2%}",
        f"{a.accepted.mean():.1%}",
        a.accepted_wrong,
    )


def _ablation(ablation: Ablation) -> str:
    if not ablation:
        return ""
    complete = ablation[COMPLETE]
    n = next(iter(complete.values())).n
    rows = [
        (escape(part), *(f"{share.value:.2%}{_difference(share, complete[name])}" for name, share in shares.items()))
        for part, shares in ablation.items()
    ]
    return f"""<h2>What each part brings</h2>
<p>Exact match on the same {n:,} images of each condition, and the difference to the complete segmented reader in
points; 95% intervals stand in results.json. All rows but the last two are the segmented reader with one change.</p>
{_html_table(("", *complete), rows)}"""


def _difference(share: metrics.Share, complete: metrics.Share) -> str:
    """'−3.17' on a line of its own; nothing where there is none."""
    points = 100 * (share.value - complete.value)
    return f"<br>{points:+.2f}".replace("-", "−") if points else ""


def _confusions(answers: Sequence[Answers]) -> str:
    readers = [name for name in WAYS if any(a.reader == name for a in answers)]
    if not readers:
        return ""
    caption = "Single digits over all images above, shares of each row in %; under 0.05 left empty."
    return f"<h2>Confusions</h2>{svg(figures.confusion_matrices(answers, readers), caption)}"


def _learning(networks: Networks) -> str:
    used = {name: facts for parts in networks.values() for name, facts in parts.items()}
    titles = {"cnn_digit_classifier": "digit network", "best_model": "whole-image network"}
    histories = {title: used[name]["history"] for name, title in titles.items() if name in used}
    if not histories:
        return ""
    caption = (
        "Training images are made harder than validation images and some show no digit, so the training curves lie "
        "above. Each is the last of several trainings; the weights are those of its lowest validation loss, averaged "
        "with those that it began with."
    )
    return f"<h2>Learning curves</h2>{svg(figures.learning_curves(histories), caption)}"


def _speed(answers: Sequence[Answers], networks: Networks) -> str:
    rows = []
    for name in dict.fromkeys(a.reader for a in answers):
        own = [a for a in answers if a.reader == name]
        facts = next(facts for key, facts in networks.items() if key.endswith(f"/{name}")).values()
        rate = np.median([len(a.readings) / a.seconds for a in own])
        latency = 1000 * np.median([a.latency for a in own])
        parameters = " + ".join(f"{f['parameters']:,}" for f in facts)
        macs = " + ".join(f"{f['macs'] / 1e6:.1f}" for f in facts)
        rows.append((name, parameters, macs, f"{rate:,.0f}", f"{latency:.2f}"))
    head = ("reader", "parameters", "million MACs a network call", "images/s, median", "one image, ms, median")
    caption = "In batches of 64; composed images from memory, your own from their files."
    return (
        f"<h2>Speed and size</h2>{svg(figures.speed(answers), caption)}{_html_table(head, rows)}"
        "<p>The segmented reader calls its network once for each crop: three times on clean fields, more often where "
        "it tries cuts. The whole-image readers call theirs four times more for what it doubts, the field reader three "
        "times more. Of the two digit networks the second is asked only where the first doubts; the fused reader asks "
        "the whole-image network only where the segmented and the field reader leave a doubt. "
        f"One process, network on {cpu_count()} threads, {escape(platform.machine())}. The machine may "
        "be shared: ratios count, single times do not.</p>"
    )


def _how_measured(answers: Sequence[Answers]) -> str:
    if all(a.images.kind == "data" for a in answers):
        return """<h2>What was trained on what</h2>
<p>The readers were trained on MNIST's training digits. Images that show those say nothing about others.</p>"""
    return """<h2>What was trained on what</h2>
<p>The leak-free weights saw MNIST's first 55,000 training digits, and those of the package 3,200 digits besides that
are drawn in handwriting which MNIST lacks; MNIST's last 5,000 training digits chose the epoch and every other setting;
its 10,000 test digits appear in these figures only. The whole-image networks were trained on 640 numbers of the public
split, their epoch chosen on 160 others. The 200 test numbers of both protocols were never
composed in training; the conditions draw from all 1,000. The pooled weights saw the digits of the public training
images.</p>"""
