"""Readers with one part left out or exchanged -> exact match, so that what each part brings can be told."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.cascade import Cascade
from classifier.number_format import FORMAT
from pipeline.benchmark import metrics
from pipeline.benchmark.run import Ablation, Images, load_reader
from pipeline.decision.decide import Opinions
from pipeline.decision.decoding import best_paths
from pipeline.decision.evidence import more_than_a_number, of_segmentation
from pipeline.reader import NumberReader, classify
from pipeline.readers import SHIPPED
from segmenter import Segmentation, Segmenter, Writing
from segmenter.cut_points import CUT_GENERATORS
from segmenter.segmenter import DEFAULT_GENERATORS

ABLATED_ON = (
    "spaced", "touching", "overlapping_10", "overlapping_25", "overlapping_40", "in_printed_boxes", "on_lit_paper",
)  # fmt: skip
# What the others are compared with.
COMPLETE = "segmented reader, complete"
# Rows of the table -> parameters of the segmenter.
CHANGES: dict[str, Mapping[str, Any]] = {
    COMPLETE: {},
    **{
        f"without {left_out} cuts": {"cut_generators": tuple(name for name in DEFAULT_GENERATORS if name != left_out)}
        for left_out in DEFAULT_GENERATORS
    },
    "with watershed cuts, too": {"cut_generators": tuple(CUT_GENERATORS)},
    "with seam cuts only": {"cut_generators": ("seam",)},
    "without any cuts": {"cut_generators": ()},
    "with printed lines and boxes kept": {"ruling_length": 0},
    "with the lighting as it is": {"lighting_window": 0},
}
# And -> weights of its digit networks. The one without a reject class had 8 epochs, and no second opinion either.
OTHER_NETWORKS = {
    "without the digit network's second opinion": SHIPPED["classifier"][:1],
    "without a reject class (smaller training)": ("comparison/digit-without-rejects",),
}


class Undecoded(NumberReader):
    """Divides the ink by size and crossed strokes alone; the network only reads what was chosen without it."""

    def opinions(self, found: Sequence[Any], *, ask_all: bool = False) -> tuple[Opinions, Sequence[Writing]]:
        """What the digit network says of the candidates that geometry chose."""
        blind = map(_chosen_blindly, found, classify(self.network("classifier"), found))
        evidence = list(map(of_segmentation, found, blind))
        return Opinions({"segmented": evidence}, [more_than_a_number(one) for one in found]), found


def _chosen_blindly(segmentation: Segmentation, probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities that leave decoding no choice but the digits that geometry prefers."""
    unknown = np.full_like(probabilities, 0.1)
    chosen = list(best_paths(segmentation, unknown)[FORMAT.positions].candidates)
    unknown[chosen] = np.eye(10, dtype=np.float32)[probabilities[chosen].argmax(axis=1)]
    return unknown


def readers(*, threads: int = 0) -> dict[str, NumberReader]:
    """Row of the table -> its reader; all have the networks of the package."""
    complete = load_reader("segmented", threads=threads)
    given = {"pixel_classifier": complete.pixel_classifier, "reader": "segmented"}
    changed = {
        name: NumberReader(complete.classifier, segmenter=Segmenter(**params), **given)
        for name, params in CHANGES.items()
    }
    changed["without the pixel network"] = NumberReader(complete.classifier, reader="segmented")
    changed["without decoding: cut where geometry says"] = Undecoded(complete.classifier, **given)
    for name, weights in OTHER_NETWORKS.items():
        network = Cascade.of_package(weights, threads=threads or os.cpu_count() or 1)
        changed[name] = NumberReader(network, **given)
    others = {"field reader alone": "field", "whole-image reader alone": "whole", "all readers fused": "fused"}
    return changed | {name: load_reader(reader, threads=threads) for name, reader in others.items()}


def ablate(readers: Iterable[tuple[str, NumberReader]], kinds: Sequence[Images]) -> Ablation:
    """Exact match of each reader, by its name, on each kind of images."""
    return {
        name: {kind.name: metrics.exact_match(kind.numbers, reader.predict(kind.images)) for kind in kinds}
        for name, reader in readers
    }
