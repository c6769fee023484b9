"""Train the networks that look at gray fields and write what ships: weights, runtime form, history and model card."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.ctc import best_numbers, read_columns
from classifier.field import Compose, FieldClassifier
from classifier.pixels import ComposePixels, PixelClassifier
from classifier.train.card import FIELD_NOTES, PIXEL_NOTES
from classifier.train.release import SAMPLE, settings_of, write_release

NAME, PIXELS = "field_reader", "pixels"
# Option of the command -> what its digits are called on the card.
SOURCES = {"--usps": "USPS's", "--traces": "pen traces"}
N_VALIDATION, N_PIXELS_VALIDATION = 4000, 800


def train_field(
    out: str | PathLike[str],
    *,
    compose: Compose,
    compose_validation: Compose,
    data: str,
    seed: int = 0,
    epochs: int | None = None,
    start: str | PathLike[str] | None = None,
    average: bool = False,
    verbose: int = 0,
) -> Path:
    """Train the field network on fields composed on the fly and write what ships.

    Parameters
    ----------
    out, seed, epochs, start, average, verbose
        As in :func:`classifier.train.release.train_digit`. From ``start`` it goes on at half the learning rate: the
        full one would undo what was learned.
    compose, compose_validation : callable
        ``(n, rng) -> (fields, sequences)`` of training digits, and of others; see
        :meth:`classifier.field.FieldClassifier.fit_composed`.
    data : str
        What the first are composed of, for the model card.

    Returns
    -------
    pathlib.Path
        The model card.
    """
    defaults = {"epochs": FieldClassifier().epochs}
    classifier = FieldClassifier(**settings_of(defaults, out, NAME, seed, epochs, verbose))
    val, test = (compose_validation(N_VALIDATION, np.random.default_rng([seed, k])) for k in (1, 2))
    _fit(classifier, compose, (val[0], np.array(val[1])), start, average)
    task = "one field (64, 128) uint8, see `segmenter.fit_field` -> probabilities of 12 symbols in 32 columns"
    facts = _facts("field", task, classifier, data, N_VALIDATION, start, average)

    def right(network: Any, fields: tuple[NDArray, list[str]]) -> NDArray[np.bool_]:
        numbers = best_numbers(read_columns(network.predict_proba(fields[0])))
        return np.asarray(numbers == np.char.replace(np.array(fields[1]), "x", ""))

    def sample(rng: np.random.Generator) -> NDArray[np.float32]:
        return compose(SAMPLE, rng)[0].astype(np.float32)

    return write_release(
        NAME, Path(out), classifier, facts, sample, right, {"exact match, any count": (val, test)}, FIELD_NOTES
    )


def train_pixels(
    out: str | PathLike[str],
    *,
    compose: ComposePixels,
    compose_validation: ComposePixels,
    data: str,
    seed: int = 0,
    epochs: int | None = None,
    start: str | PathLike[str] | None = None,
    average: bool = False,
    verbose: int = 0,
) -> Path:
    """Train the pixel network on fields composed on the fly and write what ships.

    Parameters
    ----------
    out, data, seed, epochs, start, average, verbose
        As in :func:`train_field`.
    compose, compose_validation : callable
        ``(n, rng) -> (fields, kinds)`` of training digits, and of others; see
        :meth:`classifier.pixels.PixelClassifier.fit_composed`.

    Returns
    -------
    pathlib.Path
        The model card.
    """
    classifier = PixelClassifier(
        **settings_of({"epochs": PixelClassifier().epochs}, out, PIXELS, seed, epochs, verbose)
    )
    val, test = (compose_validation(N_PIXELS_VALIDATION, np.random.default_rng([seed, k])) for k in (1, 2))
    _fit(classifier, compose, val, start, average)
    task = "one field (64, 128) uint8, see `segmenter.fit_field` -> for each pixel the probabilities of 5 kinds"
    facts = _facts("pixels", task, classifier, data, N_PIXELS_VALIDATION, start, average)

    def right(network: Any, fields: tuple[NDArray, NDArray]) -> NDArray[np.bool_]:
        told = network.predict_proba(fields[0]).argmax(axis=-1)
        return np.asarray((told == fields[1])[(fields[1] > 0) | (told > 0)])

    def sample(rng: np.random.Generator) -> NDArray[np.float32]:
        return compose(SAMPLE // 4, rng)[0].astype(np.float32)

    measured = {"pixels that show more than paper, or are taken for it": (val, test)}
    return write_release(PIXELS, Path(out), classifier, facts, sample, right, measured, PIXEL_NOTES)


def _fit(
    classifier: FieldClassifier | PixelClassifier, compose: Any, validation: tuple[NDArray, NDArray],
    start: str | PathLike[str] | None, average: bool,
) -> None:  # fmt: skip
    if start is not None:
        classifier.learning_rate /= 2
    classifier.fit_composed(compose, validation_data=validation, start=start)
    if start is not None and average:
        classifier.average_with(start)


def _facts(
    what: str, task: str, classifier: FieldClassifier | PixelClassifier, data: str, n_validation: int,
    start: str | PathLike[str] | None, average: bool,
) -> dict[str, str]:  # fmt: skip
    """What the model card says of a training on composed fields."""
    n = classifier.epoch_size * len(classifier.history_["loss"])
    words = [f"tridigit train {what} DIR --seed {classifier.random_state} --epochs {classifier.epochs}"]
    words += [f"{option} FILE" for option, source in SOURCES.items() if source in data]
    words += [f"--start {Path(start).name}"] if start else []
    words += ["--average"] if average else []
    return {
        "Task": task,
        "Training data": f"{n:,} fields composed of {data}",
        "Validation data": f"{n_validation:,} fields composed of MNIST's last 5,000 training digits and drawn ones; "
        "they choose the epoch. Test: as many others of the same digits",
        "Command": f"`{' '.join(words)}`",
    }
