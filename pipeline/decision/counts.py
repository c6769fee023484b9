"""How many digits each image is read as having, where that is not given."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from classifier.ctc import Columns
from classifier.number_format import NumberFormat
from pipeline.decision.decoding import best_paths
from segmenter import Segmentation


def counts_of_columns(columns: Columns, form: NumberFormat) -> list[int]:
    """The most probable count of the format, of each image that a field network read."""
    allowed = np.array(form.lengths)
    return allowed[columns.counts[:, allowed].argmax(axis=1)].tolist()


def counts_of_candidates(
    found: Sequence[Segmentation], probabilities: Sequence[NDArray[np.float32]], form: NumberFormat
) -> list[int]:
    """The count of the format with the best path through the candidates of each image."""
    return [_count_of_candidates(s, p, form) for s, p in zip(found, probabilities, strict=True)]


def _count_of_candidates(segmentation: Segmentation, probabilities: NDArray[np.float32], form: NumberFormat) -> int:
    if len(form.lengths) == 1 or not segmentation.candidates:
        return form.lengths[0]
    paths = best_paths(segmentation, probabilities)
    return max(form.lengths, key=lambda count: paths[count].score)
