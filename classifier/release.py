"""Train the digit network that ships: weights, runtime form and model card from one seed."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import version
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifier.datasets import Mnist, load_mnist
from classifier.digit import DigitClassifier
from classifier.export import export_onnx
from classifier.labels import DigitEncoder
from classifier.runtime import Runtime

NAME = "cnn_digit_classifier"


def train_digit(
    out: str | PathLike[str],
    *,
    mnist: str | PathLike[str] | None = None,
    seed: int = 0,
    epochs: int = 40,
    verbose: int = 0,
) -> Path:
    """Train on MNIST's training digits, choose the epoch on its last twelfth, write what ships.

    Parameters
    ----------
    out : path
        Folder for ``cnn_digit_classifier.keras``, ``.onnx`` and ``.md``. An interrupted training leaves
        its checkpoint there and goes on from it.
    mnist : path, optional
        See :func:`classifier.datasets.load_mnist`.
    seed : int
        Of weights, batches and augmentation.
    epochs : int
        Length of the schedule.
    verbose : int
        As in Keras: 1 shows a progress bar.

    Returns
    -------
    pathlib.Path
        The model card.

    Raises
    ------
    ValueError
        If the checkpoint there belongs to a training with other parameters.
    """
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    data = load_mnist(mnist)
    checkpoint = folder / "checkpoint-digit"
    classifier = DigitClassifier(epochs=epochs, random_state=seed, checkpoint=checkpoint, verbose=verbose)
    classifier.fit(data.x_train, data.y_train, validation_data=(data.x_val, data.y_val))
    classifier.save(folder / f"{NAME}.keras")
    export_onnx(classifier.model_, folder / f"{NAME}.onnx", _sample(classifier, data, seed))
    card = folder / f"{NAME}.md"
    card.write_text(_card(classifier, data, folder / f"{NAME}.onnx", seed))
    for file in checkpoint.iterdir():
        file.unlink()
    checkpoint.rmdir()
    return card


def _sample(classifier: DigitClassifier, data: Mnist, seed: int, n: int = 1280) -> NDArray[np.float32]:
    """Images as in training, for the ranges of the runtime form's integers."""
    targets = DigitEncoder().fit([]).transform(data.y_train[:n])
    return classifier.training_batch(data.x_train[:n], targets, np.random.default_rng(seed))[0]


def _card(classifier: DigitClassifier, data: Mnist, runtime: Path, seed: int) -> str:
    network = Runtime(runtime, threads=os.cpu_count() or 1)
    history = classifier.history_
    val, test = (data.x_val, data.y_val), (data.x_test, data.y_test)
    best = int(np.argmin(history["val_loss"]))
    rows = [
        ("Task", "one crop (28, 28) uint8, ink bright on 0, MNIST-normalised -> probabilities of 0-9"),
        ("Training data", f"MNIST training digits (Y. LeCun, C. Cortes, C. Burges): {len(data.x_train):,}"),
        ("Validation data", f"the last {len(data.x_val):,} MNIST training digits; they choose the epoch"),
        ("Seed", str(seed)),
        ("Command", f"`tridigit train digit DIR --seed {seed} --epochs {classifier.epochs}`"),
        ("Network", f"`digit_cnn`, {classifier.model_.count_params():,} parameters"),
        ("Parameters", ", ".join(f"{k}={v}" for k, v in sorted(_training_params(classifier).items()))),
        ("Epoch chosen", f"{best + 1} of {len(history['val_loss'])}, by validation loss"),
        ("Runtime form", "ONNX, convolutions in 8-bit integers; their ranges from 1,280 augmented training digits"),
        ("Validation accuracy", f"float32 {_share(classifier, *val)}, runtime form {_share(network, *val)}"),
        ("Test accuracy", f"float32 {_share(classifier, *test)}, runtime form {_share(network, *test)}"),
        ("Training time", f"{sum(history['seconds']) / 60:.0f} min on {os.cpu_count()} cores, {platform.machine()}"),
        ("Versions", ", ".join(f"{p} {version(p)}" for p in ("tensorflow", "keras", "onnxruntime"))),
        ("Python", sys.version.split()[0]),
    ]  # fmt: skip
    table = "\n".join(f"| {name} | {value} |" for name, value in rows)
    return f"""# Model card: {NAME}

| | |
| --- | --- |
{table}

Crops that are no digit (halves, pairs, dots, lines) were trained towards the uniform distribution, so a
low highest probability means "no digit". The probabilities are not calibrated on any other kind of
image than MNIST's.
"""


def _training_params(classifier: DigitClassifier) -> dict[str, object]:
    hidden = {"model", "checkpoint", "verbose", "random_state", "epochs", "validation_split"}
    return {k: v for k, v in classifier.get_params().items() if k not in hidden}


def _share(network: Runtime | DigitClassifier, x: NDArray[np.uint8], y: NDArray[np.uint8]) -> str:
    right = int((network.predict_proba(x).argmax(axis=1) == y).sum())
    return f"{right / len(y):.2%} ({right:,} of {len(y):,})"
