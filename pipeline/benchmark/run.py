"""Readers x kinds of images -> answers and their figures. Every reader sees the same images."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.cascade import Cascade
from classifier.data.mnist import Mnist
from classifier.data.triple_mnist import PROTOCOLS, Overlap, count_overlap, make_triples
from classifier.number_format import FORMAT
from classifier.runtime import WEIGHTS, Runtime
from pipeline.batch.labelled import LabelledFiles
from pipeline.batch.workers import one_opencv_thread
from pipeline.benchmark import metrics
from pipeline.benchmark.peers import RapidOcr, Reads
from pipeline.reader import NumberReader
from pipeline.readers import PIXELS, READERS, WAYS
from pipeline.reading import Reading
from pipeline.synth.compose import KEPT_OUT, KINDS, one_kind
from pipeline.synth.compose import compose as compose_field
from pipeline.synth.conditions import CONDITIONS, compose
from pipeline.synth.hands import hands_of
from segmenter import load_gray

# What is left out or put in -> kind of images -> exact match; see :mod:`pipeline.benchmark.ablation`.
Ablation = Mapping[str, Mapping[str, metrics.Share]]
PER_NUMBER = {"leak-free": 10, "pooled": 100}
N_LATENCY = 100


@dataclass(frozen=True, eq=False)
class Images:
    """One kind of labelled images.

    ``kind`` is 'protocol', 'condition' or 'data'; ``overlap`` how much of them was seen in training; ``groups`` (n,)
    what each belongs to, such as its source.
    """

    name: str
    kind: str
    what: str
    images: Sequence[Any]
    numbers: NDArray[np.str_]
    overlap: Overlap | None = None
    groups: NDArray[np.str_] | None = None


@dataclass(frozen=True, eq=False)
class Answers:
    """What one reader answered on one kind of images.

    ``seconds`` for all of them in batches; ``latency`` of one at a time, median in seconds.
    """

    reader: str
    images: Images
    readings: list[Reading]
    seconds: float
    latency: float
    numbers: NDArray[np.str_] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "numbers", np.array([r.number for r in self.readings], dtype=FORMAT.dtype))

    @property
    def accepted(self) -> NDArray[np.bool_]:
        return np.array([r.status == "accept" for r in self.readings])

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether the whole number is right; never where none was read."""
        return np.asarray((self.numbers == self.images.numbers) & (self.numbers != ""))

    @property
    def confidence(self) -> NDArray[np.float64]:
        """Of each reading; 0 where no number was read."""
        return np.array([r.confidence if r.number else 0.0 for r in self.readings])

    @property
    def accepted_wrong(self) -> int:
        return int((self.accepted & ~self.right).sum())

    def take(self, chosen: Sequence[int], name: str) -> Answers:
        """Those on some of the images, under a name of their own; the time is their share of that of all."""
        numbers = self.images.numbers[chosen]
        part = replace(
            self.images, name=name, what=f"{len(chosen)} of {self.images.name}", numbers=numbers, groups=None,
            images=[self.images.images[k] for k in chosen],
        )  # fmt: skip
        seconds = self.seconds * len(chosen) / len(self.readings)
        return Answers(self.reader, part, [self.readings[k] for k in chosen], seconds, self.latency)

    def figures(self) -> dict[str, Any]:
        """Everything that is measured, as JSON values."""
        truth = self.images.numbers
        return {
            "reader": self.reader,
            "images": self.images.name,
            "kind": self.images.kind,
            "n": len(truth),
            "exact_match": metrics.exact_match(truth, self.numbers).as_dict(),
            "digit_accuracy": metrics.digit_accuracy(truth, self.numbers).as_dict(),
            "precision_recall_f1": metrics.precision_recall_f1(truth, self.numbers),
            "confusion": metrics.confusion(truth, self.numbers).tolist(),
            "accepted": int(self.accepted.sum()),
            "accepted_wrong": self.accepted_wrong,
            "ece": metrics.expected_calibration_error(self.confidence, self.right),
            "brier": metrics.brier_score(self.confidence, self.right),
            "area_under_risk_coverage": metrics.area_under_risk_coverage(self.confidence, self.right),
            "images_per_second": len(truth) / self.seconds,
            "latency_ms": 1000 * self.latency,
        }


def readers_of(protocol: str) -> list[str]:
    """Names of the readers that have weights of this protocol."""
    return [name for name, reader in READERS.items() if protocol in reader.weights]


def load_reader(name: str, protocol: str = "leak-free", *, threads: int = 0) -> Any:
    """A reader of :data:`pipeline.readers.READERS` with the weights that come with the package, or a peer.

    All decide by the package's profile, whatever their weights, so that the networks alone make the difference. Those
    for comparison know nothing of the pixel network.
    """
    if name not in (known := readers_of(protocol)):
        raise ValueError(f"The {protocol} protocol has the readers {sorted(known)}. Received: {name!r}.")
    row, threads = READERS[name], threads or os.cpu_count() or 1
    if row.extra:
        return RapidOcr(threads=threads)
    networks: dict[str, Any] = {
        parameter: Cascade.of_package(weights, threads=threads) for parameter, weights in row.weights[protocol].items()
    }
    if protocol == "leak-free" and not row.compared:
        networks["pixel_classifier"] = Runtime.of_package(PIXELS, threads=threads)
    way = next(way for way, sources in WAYS.items() if sources == row.sources)
    return NumberReader(reader=way).set_params(**networks)


def network_facts(name: str, protocol: str = "leak-free") -> dict[str, dict[str, Any]]:
    """Name of its weights -> parameters, MACs for one image and history, for each network of a reader."""
    return {
        weights: dict(json.loads((WEIGHTS / f"{weights}.json").read_text()))
        for names in READERS[name].weights[protocol].values()
        for weights in names
    }


def protocol_images(mnist: Mnist, protocol: str) -> Images:
    """Test images of Triple MNIST: all 20,000 public ones, or 2,000 without a leak."""
    triples = make_triples(mnist, protocol, per_number=PER_NUMBER[protocol])
    test = triples["test"]
    what = "Triple MNIST, 84x84, 200 numbers that training does not have"
    overlap = count_overlap(triples["train"], test)
    return Images(protocol, "protocol", what, list(test.images), test.numbers, overlap)


def condition_images(mnist: Mnist, condition: str, n: int, seed: int) -> Images:
    """Fields of MNIST's test digits under one condition, or of one kind; the same for every reader."""
    if condition in CONDITIONS:
        images, numbers, _ = compose(mnist.x_test, mnist.y_test, n, condition=condition, seed=seed)
        return Images(condition, "condition", CONDITIONS[condition].what, images, np.array(numbers, dtype=FORMAT.dtype))
    rng, hands = np.random.default_rng([seed, *condition.encode()]), hands_of(mnist.x_test, mnist.y_test, seed=seed)
    fields = [
        compose_field(hands, rng, one_kind(condition), number=f"{rng.integers(10**FORMAT.positions):03d}")
        for _ in range(n)
    ]
    kept_out = " (kept out)" if condition in KEPT_OUT else ""
    what = f"fields of one symptom each: {condition}{', a kind in no training' if kept_out else ''}"
    shown = np.array([field.number for field in fields], dtype=FORMAT.dtype)
    return Images(condition + kept_out, "condition", what, [field.image for field in fields], shown)


def known_conditions() -> list[str]:
    """Names of all conditions and kinds of fields that leave a number what it is."""
    return [*CONDITIONS, *(name for what, names in KINDS.items() if what != "beside" for name in names)]


def own_images(name: str, files: LabelledFiles) -> tuple[Images, list[tuple[Path, str]]]:
    """A user's own labelled images, read from their files; and those that cannot be read, with the reason."""
    kept, skipped = [], list(files.skipped)
    for k, path in enumerate(files.paths):
        try:
            load_gray(path)
            kept.append(k)
        except (OSError, ValueError) as error:
            skipped.append((path, str(error)))
    files = files.take(np.array(kept, int))
    what = f"{len(files)} labelled files"
    return Images(name, "data", what, list(files.paths), files.numbers, groups=files.groups), skipped


def by_group(answers: Sequence[Answers]) -> list[Answers]:
    """What readers answered on the same images, apart for each group of these, such as their sources; [] without."""
    if not answers or (groups := answers[0].images.groups) is None:
        return []
    parts = {group: np.flatnonzero(groups == group).tolist() for group in np.unique(groups).tolist()}
    return [a.take(chosen, group) for group, chosen in parts.items() for a in answers]


def plan(
    mnist: Mnist, protocols: Sequence[str], conditions: Sequence[str], *, n: int, seed: int
) -> Iterator[tuple[str, Images]]:
    """Kinds of images in order, each with the protocol whose readers read it."""
    for protocol in [p for p in PROTOCOLS if p in protocols]:
        yield protocol, protocol_images(mnist, protocol)
    for condition in conditions:
        yield "leak-free", condition_images(mnist, condition, n, seed)


def answer(name: str, reader: Reads, images: Images) -> Answers:
    """Let one reader read one kind of images and take the time."""
    with one_opencv_thread():
        few = images.images[:N_LATENCY]
        singles = []
        for image in few:
            began = time.perf_counter()
            reader.read(image)
            singles.append(time.perf_counter() - began)
        began = time.perf_counter()
        readings = list(reader.read_many(images.images))
        elapsed = time.perf_counter() - began
    return Answers(name, images, readings, elapsed, float(np.median(singles)))


def write_results(
    answers: Sequence[Answers], networks: Mapping[str, Any], path: Path, *, ablation: Ablation | None = None
) -> None:
    """All figures as JSON; what they are is said at :func:`pipeline.benchmark.report.write_report`."""
    results: dict[str, Any] = {"networks": networks, "results": [a.figures() for a in answers]}
    if ablation:
        results["ablation"] = {
            part: {images: share.as_dict() for images, share in shares.items()} for part, shares in ablation.items()
        }
    path.write_text(json.dumps(results, indent=1) + "\n")


def table(answers: Sequence[Answers]) -> str:
    """The figures for the terminal: exact match and digit accuracy with 95% intervals, what was accepted."""
    head = ("images", "n", "reader", "exact match", "digit accuracy", "accepted", "wrong", "images/s")
    rows = [head]
    for a in answers:
        truth = a.images.numbers
        rows.append(
            (
                a.images.name,
                f"{len(truth):,}",
                a.reader,
                str(metrics.exact_match(truth, a.numbers)),
                str(metrics.digit_accuracy(truth, a.numbers)),
                f"{a.accepted.mean():.1%}",
                str(a.accepted_wrong),
                f"{len(truth) / a.seconds:,.0f}",
            )
        )
    widths = [max(len(row[k]) for row in rows) for k in range(len(head))]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows)
