"""Arrays of pictures: checked, and brought to the size that a network sees."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image


def as_pictures(images: ArrayLike) -> NDArray[np.uint8]:
    """Images as (n, h, w, 3) uint8; gray ones (n, h, w) get three equal channels, without a copy.

    Raises
    ------
    TypeError, ValueError
        If they are no array of uint8, or have another shape.
    """
    found = np.asarray(images)
    if found.dtype != np.uint8:
        raise TypeError(f"Images should be uint8, 0-255. Received: {found.dtype}.")
    if found.ndim == 3:
        found = np.broadcast_to(found[..., None], (*found.shape, 3))
    if found.ndim != 4 or found.shape[3] != 3 or 0 in found.shape[1:]:
        raise ValueError(f"Images should have the shape (n, h, w) or (n, h, w, 3). Received: {np.shape(images)}.")
    return found


def resized(images: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Images (n, h, w, 3) -> (n, size, size, 3), as they are if they have that size."""
    if images.shape[1:3] == (size, size):
        return images
    out = np.empty((len(images), size, size, 3), np.uint8)
    for image, room in zip(images, out, strict=True):
        small = Image.fromarray(np.ascontiguousarray(image)).resize((size, size), Image.Resampling.BILINEAR)
        room[:] = np.asarray(small)
    return out
