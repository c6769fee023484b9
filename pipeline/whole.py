"""The whole-image reader: all of the writing on a canvas -> evidence, with one call of its network."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from classifier.cascade import Network, predict_shifted
from pipeline.decision.evidence import Evidence, of_whole
from segmenter import Writing, fit_canvas


def read_canvases(network: Network, found: Sequence[Writing]) -> list[Evidence]:
    """Evidence of one or more images, from a network that reads (n, 84, 84) canvases."""
    probabilities = predict_shifted(network, np.stack([fit_canvas(writing) for writing in found]))
    return [of_whole(writing, p) for writing, p in zip(found, probabilities, strict=True)]
