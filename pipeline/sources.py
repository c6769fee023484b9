"""The readers that look at all of the image at once: in gray, or all of the writing on a canvas -> evidence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from classifier.cascade import Network, predict_shifted
from classifier.ctc import read_columns
from pipeline.decision.evidence import Evidence, of_field, of_whole
from segmenter import Writing, fit_canvas


def read_fields(network: Network, found: Sequence[Writing]) -> list[Evidence]:
    """Evidence of a network that reads (n, 64, 128) gray fields; what was found on the image does not matter to it."""
    if not found:
        return []
    columns = read_columns(network.predict_proba(np.stack([writing.field for writing in found])))
    return [of_field(columns, k) for k in range(len(found))]


def read_canvases(network: Network, found: Sequence[Writing]) -> list[Evidence]:
    """Evidence of a network that reads (n, 84, 84) canvases."""
    if not found:
        return []
    probabilities = predict_shifted(network, np.stack([fit_canvas(writing) for writing in found]))
    return [of_whole(writing, p) for writing, p in zip(found, probabilities, strict=True)]
