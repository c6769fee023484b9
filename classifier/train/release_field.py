"""Train the field network and write what ships: weights, runtime form, history and model card."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.ctc import best_numbers, read_columns
from classifier.field import Compose, FieldClassifier
from classifier.train.card import FIELD_NOTES
from classifier.train.release import SAMPLE, settings_of, write_release

NAME = "field_reader"
N_VALIDATION = 4000


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
    if start is not None:
        classifier.learning_rate /= 2
    val, test = (compose_validation(N_VALIDATION, np.random.default_rng([seed, k])) for k in (1, 2))
    classifier.fit_composed(compose, validation_data=(val[0], np.array(val[1])), start=start)
    if start is not None and average:
        classifier.average_with(start)
    n = classifier.epoch_size * len(classifier.history_["loss"])
    words = [f"tridigit train field DIR --seed {seed} --epochs {classifier.epochs}"]
    words += [f"--start {Path(start).name}"] if start else []
    words += ["--average"] if average else []
    facts = {
        "Task": "one field (64, 128) uint8, see `segmenter.fit_field` -> probabilities of 12 symbols in 32 columns",
        "Training data": f"{n:,} fields composed of {data}",
        "Validation data": f"{N_VALIDATION:,} fields composed of MNIST's last 5,000 training digits and drawn ones; "
        "they choose the epoch. Test: as many others of the same digits",
        "Command": f"`{' '.join(words)}`",
    }

    def right(network: Any, fields: tuple[NDArray, list[str]]) -> NDArray[np.bool_]:
        numbers = best_numbers(read_columns(network.predict_proba(fields[0])))
        return np.asarray(numbers == np.char.replace(np.array(fields[1]), "x", ""))

    def sample(rng: np.random.Generator) -> NDArray[np.float32]:
        return compose(SAMPLE, rng)[0].astype(np.float32)

    return write_release(
        NAME, Path(out), classifier, facts, sample, right, {"exact match, any count": (val, test)}, FIELD_NOTES
    )
