"""Few images for heads on features: as many varied ones beside them as an epoch should have."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from classifier.train.augment import relight, vary


def add_varied(
    images: NDArray[np.uint8],
    targets: dict[str, NDArray],
    *,
    least: int,
    seed: int | None,
    strength: float,
    flips: bool,
) -> tuple[NDArray[np.uint8], dict[str, NDArray]]:
    """Fewer images than ``least``, with varied ones that make up for it; others come back as they are.

    Their features are computed once: drawn anew in each epoch, they would cost what training the backbone costs.

    Parameters
    ----------
    images : (n, h, w, 3) uint8
    targets : mapping
        Group -> (n, labels).
    strength, flips
        As in :func:`classifier.train.augment.vary`; of the light, too. At 0 nothing is added.

    Returns
    -------
    images : (m, h, w, 3) uint8
        ``images`` first, each as often as any other.
    targets : dict
        Group -> (m, labels).
    """
    rng = np.random.default_rng(seed or 0)
    times = math.ceil(least / len(images)) if strength else 1
    varied = [
        relight(vary(images, rng, strength=strength, flips=flips), rng, strength=strength) for _ in range(times - 1)
    ]
    return np.concatenate([images, *varied]), {group: np.tile(rows, (times, 1)) for group, rows in targets.items()}
