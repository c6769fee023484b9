"""What is right after which share of a clip, and what frames say without their order."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifier.cascade import Network

# Of the frames of a clip.
SHARES = (0.25, 0.5, 0.75, 1.0)
# Under every probability, before its logarithm is taken.
FLOOR = 1e-4


class Clips(NamedTuple):
    """``X`` (n, T, 28, 28) uint8, ``y`` (n,) digits, ``lengths`` (n,) frames that count."""

    X: NDArray[np.uint8]
    y: NDArray[np.integer]
    lengths: NDArray[np.intp]

    def last_frames(self) -> NDArray[np.uint8]:
        """The finished drawings, (n, 28, 28)."""
        return self.X[np.arange(len(self.X)), self.lengths - 1]


def answers_after(probabilities: NDArray[np.float32], lengths: NDArray[np.intp]) -> NDArray[np.intp]:
    """Digit after each of :data:`SHARES` of each clip: (n, T, 10) -> (n, 4)."""
    at = np.ceil(np.outer(lengths, SHARES)).astype(int) - 1
    return probabilities[np.arange(len(lengths))[:, None], np.maximum(at, 0)].argmax(axis=2)


def of_last_frame(digit_network: Network, clips: Clips) -> NDArray[np.intp]:
    """Digit (n,) of each finished drawing alone."""
    return digit_network.predict_proba(clips.last_frames()).argmax(axis=1)


def of_mean(digit_network: Network, clips: Clips) -> NDArray[np.intp]:
    """Digit (n,) of the mean of the log-probabilities of all frames that count."""
    n, steps = clips.X.shape[:2]
    each = digit_network.predict_proba(clips.X.reshape(-1, *clips.X.shape[2:])).reshape(n, steps, -1)
    counted = np.arange(steps)[None] < clips.lengths[:, None]
    return (np.log(each + FLOOR) * counted[:, :, None]).sum(axis=1).argmax(axis=1)


def confusion(labels: NDArray[np.integer], answers: NDArray[np.integer]) -> NDArray[np.intp]:
    """Counts (10, 10), a row for each digit that was drawn."""
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (labels, answers), 1)
    return counts
