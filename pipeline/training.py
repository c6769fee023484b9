"""Labelled fields -> clones of a reader's networks, trained on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from classifier.number_format import FORMAT
from segmenter import fit_canvas

if TYPE_CHECKING:
    from pipeline.reader import NumberReader


def train_networks(reader: NumberReader, images: Iterable[Any], y: Iterable[str]) -> dict[str, Any]:
    """Fit clones of the networks that can be trained.

    Parameters
    ----------
    reader : NumberReader
        Finds the writing, and has the networks.
    images : iterable of images
        Or of what :meth:`pipeline.NumberReader.segment` made of them.
    y : iterable of str
        Their numbers.

    Returns
    -------
    dict
        Parameter of the reader -> trained network.
    """
    from sklearn.base import clone

    found = [reader.segment(image) for image in images]
    numbers = labels_of(found, y)
    return {
        name: clone(getattr(reader, name)).fit(*_examples(name, found, numbers)) for name in reader.learns
    }  # fmt: skip


def _examples(name: str, found: Sequence[Any], numbers: NDArray[np.str_]) -> tuple[NDArray[np.uint8], NDArray]:
    """Training images for one of the networks, and their labels."""
    if name == "field_classifier":
        return np.stack([writing.field for writing in found]), numbers
    if name == "number_classifier":
        return np.stack([fit_canvas(writing) for writing in found]), numbers
    from classifier.labels import NumberEncoder  # brings scikit-learn, which reading does without

    clear = [k for k, s in enumerate(found) if len(s.pieces) == FORMAT.positions and not s.ambiguous]
    if not clear:
        raise ValueError(f"Some of the fields should fall into three regions to train on. Received: {len(found)}.")
    crops = np.concatenate([found[k].crops for k in clear])
    return crops, NumberEncoder.digits(numbers[clear]).ravel()


def labels_of(images: Sequence[Any] | NDArray, y: Iterable[str]) -> NDArray[np.str_]:
    """A label for each image, (n,) str; ValueError with the rule otherwise."""
    y = np.array(list(y))
    if y.shape != (len(images),) or (len(y) and y.dtype.kind != "U"):
        raise ValueError(
            f"There should be a number, a string, for each of the {len(images)} images. Received: {y.dtype} of shape "
            f"{y.shape}."
        )
    return y
