"""The networks that look at all of an image at once: at its gray values, or at all of its writing on a canvas."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from classifier.cascade import Network, predict_shifted
from classifier.ctc import Columns, read_columns
from pipeline.decision.evidence import Evidence, of_whole
from segmenter import Writing, fit_canvas
from segmenter.canvas import FIELD, field_views

# The probability of the best reading of a field below which further views of it are read.
DOUBTED_BELOW = 0.98


def columns_of(network: Network, found: Sequence[Writing]) -> Columns:
    """What a network reads of the gray of each image; where in doubt the mean over views of it.

    What was found on the image matters only for where another view looks closer.
    """
    fields = np.stack([writing.field for writing in found]) if found else np.zeros((0, *FIELD), np.uint8)
    columns = read_columns(network.predict_proba(fields))
    doubted = np.flatnonzero(columns.certainty < DOUBTED_BELOW).tolist()
    views = [(k, view) for k in doubted for view in field_views(found[k])]
    if not views:
        return columns
    of, seen = zip(*views, strict=True)
    return columns.with_views(np.array(of), read_columns(network.predict_proba(np.stack(seen))))


def read_canvases(network: Network, found: Sequence[Writing], asked: Sequence[int]) -> list[Evidence | None]:
    """Evidence of a network that reads (n, 84, 84) canvases, of the images asked about; None of the others."""
    evidence: list[Evidence | None] = [None] * len(found)
    if asked:
        probabilities = predict_shifted(network, np.stack([fit_canvas(found[k]) for k in asked]))
        for k, p in zip(asked, probabilities, strict=True):
            evidence[k] = of_whole(found[k], p)
    return evidence
