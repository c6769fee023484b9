"""Train the networks that ship and those that the benchmark compares: weights, runtime form, history and model card."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.base import NetworkClassifier
from classifier.data.mnist import load_mnist
from classifier.data.triple_mnist import make_triples, split_numbers
from classifier.digit import DigitClassifier
from classifier.labels import DigitEncoder, NumberEncoder
from classifier.networks import count_macs, number_cnn
from classifier.number import NumberClassifier
from classifier.runtime import Runtime
from classifier.search.space import check_names
from classifier.train.canvases import Composer
from classifier.train.card import (
    COMPOSED_NOTE,
    DIGIT_NOTES,
    NUMBER_NOTES,
    TRIPLE_NOTE,
    data_facts,
    share,
    train_command,
    write_card,
)
from classifier.train.export import export_onnx, expose_features
from classifier.train.handwriting import draw_handwriting
from classifier.train.sources import composed, digits_of, every, joined

# The whole-image networks by the names they have on the command line.
NETWORKS: dict[str, dict[str, Any]] = {
    "columns": {"epochs": 70, "refine_epochs": (18, 10)},
    "specified": {
        "model": number_cnn, "model__dense": 128, "model__activation": "sigmoid", "weight_decay": 0.0,
        "epochs": 24, "refine_epochs": (6,),
    },
    "softmax": {"model": number_cnn, "model__dense": 128, "epochs": 24, "refine_epochs": (6,)},
}  # fmt: skip
DIGIT: dict[str, Any] = {"epochs": 40}
# Most digits of the pooled test images are in the training images, too: what is remembered counts there.
POOLED_DIGIT: dict[str, Any] = {"augmentation": 0.5, "model__dropout": 0.1, "epochs": 20, "refine_epochs": (8, 6)}
POOLED_NUMBER: dict[str, Any] = {"augmentation": 0.3, "columns": 1.0, "epochs": 30, "refine_epochs": ()}
Cut = Callable[..., tuple[NDArray[np.uint8], NDArray[np.intp], NDArray[np.uint8]]]
Write = Callable[..., tuple[NDArray[np.uint8], NDArray[np.intp]]]
N_VALIDATION = N_TEST = 3000
# Digits in handwriting that MNIST lacks, about an eighth of the digits of their kinds.
DRAWN = 3200
SAMPLE = 1280


def train_digit(
    out: str | PathLike[str],
    *,
    protocol: str = "leak-free",
    mnist: str | PathLike[str] | None = None,
    seed: int = 0,
    epochs: int | None = None,
    params: Mapping[str, Any] | None = None,
    cut: Cut | None = None,
    cut_fields: int = 0,
    write: Write | None = None,
    usps: str | PathLike[str] | None = None,
    traces: str | PathLike[str] | None = None,
    start: str | PathLike[str] | None = None,
    average: bool = False,
    verbose: int = 0,
) -> Path:
    """Train the digit network and write what ships.

    Parameters
    ----------
    out : path
        Folder for the weights (``.keras``), their runtime form (``.onnx``), parameters, MACs and history
        (``.json``) and the model card (``.md``). An interrupted training leaves its checkpoint there and
        goes on from it.
    protocol : {'leak-free', 'pooled'}
        MNIST's training digits, whose last twelfth chooses the epoch; or the digits that occur in
        the training images of the public Triple MNIST, chosen on those of its validation images.
    mnist : path, optional
        See :func:`classifier.data.mnist.load_mnist`.
    seed : int
        Of weights, batches and augmentation.
    epochs : int, optional
        Length of the schedule. Default: that of the shipped weights, with its stages; another length has none.
    params : mapping, optional
        Parameters of the classifier in place of the shipped ones, as a search found them.
    cut : callable, optional
        ``(digits, labels, n, seed=…) -> (crops, labels, crops that are no digit)`` to learn from besides, as a
        segmenter cuts them out of ``n`` numbers; :func:`pipeline.synth.cut_crops.cut_crops`.
    cut_fields : int
        Its ``n``.
    write : callable, optional
        ``(seed=…, usps=…, traces=…) -> (crops, labels)`` of other writers, to learn from besides where one of the
        files is given; :func:`pipeline.synth.hands.written_crops`.
    usps, traces : path, optional
        Its files; see :mod:`classifier.data.writers`.
    start : path, optional
        Weights (``.keras``) to go on from, as an earlier training wrote them.
    average : bool
        End with the mean of those and the ones arrived at.
    verbose : int
        As in Keras: 1 shows a progress bar.

    Returns
    -------
    pathlib.Path
        The model card.

    Raises
    ------
    ValueError
        If the checkpoint there belongs to a training with other parameters, or the classifier lacks one of
        ``params``.
    """
    name = "cnn_digit_classifier" if protocol == "leak-free" else f"{protocol}-digit"
    data = load_mnist(mnist)
    train, val = (data.x_train, data.y_train), (data.x_val, data.y_val)
    test = data.x_test, data.y_test
    if protocol == "leak-free":
        train = joined(train, draw_handwriting(DRAWN, seed=seed))
    else:
        triples = make_triples(data, protocol)
        train, val, test = (digits_of(triples[split], data) for split in ("train", "val", "test"))
    recipe = (DIGIT if protocol == "leak-free" else POOLED_DIGIT) | dict(params or {})
    check_names(DigitClassifier(), recipe)
    others = ""
    if write and (usps or traces):
        written = write(seed=seed, usps=usps, traces=traces)
        train, others = joined(train, written), f", {len(written[0]):,} of them by other writers"
    learned, chosen_on, no_digits = f"{len(train[0]):,} digits{others}", val, None
    if cut and cut_fields:
        crops, labels, no_digits = cut(*train, cut_fields, seed=seed)
        learned += f", {len(crops):,} crops cut out of numbers composed of them and {len(no_digits):,} that are none"
        train, chosen_on = joined(train, (crops, labels)), joined(val, cut(*val, cut_fields // 10, seed=seed + 1)[:2])
    classifier = DigitClassifier(**settings_of(recipe, out, name, seed, epochs, verbose))
    classifier.fit(*train, validation_data=chosen_on, no_digits=no_digits, start=start)
    if start is not None and average:
        classifier.average_with(start)
    given: dict[str, Any] = {"params": params, "start": start, "average": average}
    facts = {
        "Task": "one crop (28, 28) uint8, ink bright on 0, MNIST-normalised -> probabilities of 0-9",
        **data_facts(
            protocol,
            learned,
            f"{len(val[0]):,} digits{' and crops cut out of them' * bool(cut_fields)}",
            drawn=DRAWN,
        ),
        "Command": train_command(
            "digit", protocol, seed, classifier, cut_fields=cut_fields, files={"usps": usps, "traces": traces}, **given
        ),
    }

    def sample(rng: np.random.Generator) -> NDArray[np.float32]:
        targets = DigitEncoder().fit([]).transform(train[1][:SAMPLE])
        return classifier.training_batch(
            train[0][:SAMPLE], targets, rng, strength=classifier.augmentation, no_digits=no_digits
        )[0]

    def right(network: Any, split: tuple[NDArray, NDArray]) -> NDArray[np.bool_]:
        return network.predict_proba(split[0]).argmax(axis=1) == split[1]

    card = write_release(
        name, Path(out), classifier, facts, sample, right, {"digit accuracy": (val, test)}, DIGIT_NOTES
    )
    return expose_features(card)


def train_number(
    out: str | PathLike[str],
    *,
    network: str = "columns",
    protocol: str = "leak-free",
    flips: bool = False,
    mnist: str | PathLike[str] | None = None,
    seed: int = 0,
    epochs: int | None = None,
    params: Mapping[str, Any] | None = None,
    start: str | PathLike[str] | None = None,
    average: bool = False,
    logs: str | PathLike[str] | None = None,
    verbose: int = 0,
) -> Path:
    """Train a whole-image network on canvases composed on the fly and write what ships.

    The 640 training numbers of the protocol are composed, the epoch is chosen on its 160 validation
    numbers; nothing is learned from the 200 test numbers.

    Parameters
    ----------
    out, protocol, mnist, seed, epochs, params, start, average, verbose
        As in :func:`train_digit`.
    network : {'columns', 'specified', 'softmax'}
        The network that ships; three convolutions with pooling and 30 sigmoids, as specified; the
        same with one softmax for each position.
    flips : bool
        Mirror images at random.
    logs : path, optional
        Folder for TensorBoard.
    """
    if network not in NETWORKS:
        raise ValueError(f"`network` should be one of {sorted(NETWORKS)}. Received: {network!r}.")
    shipped = (network, protocol, flips) == ("columns", "leak-free", False)
    name = "best_model" if shipped else f"{protocol}-{network}{'-flips' * flips}"
    data, numbers = load_mnist(mnist), split_numbers()
    digits = data.x_train, data.y_train
    if protocol == "leak-free":
        val = composed(data.x_val, data.y_val, numbers["val"], N_VALIDATION)
        test = composed(data.x_test, data.y_test, numbers["test"], N_TEST)
        digits = joined(digits, draw_handwriting(DRAWN, seed=seed))
    else:
        triples = make_triples(data, protocol)
        digits = digits_of(triples["train"], data)
        val, test = every(triples["val"], N_VALIDATION), every(triples["test"], N_TEST)
    recipe = NETWORKS[network] | ({} if protocol == "leak-free" else POOLED_NUMBER)
    recipe = recipe | {"flips": flips} | dict(params or {})
    check_names(NumberClassifier(), recipe)
    classifier = NumberClassifier(logs=logs, **settings_of(recipe, out, name, seed, epochs, verbose))
    classifier.fit_digits(*digits, numbers=numbers["train"], validation_data=val, start=start)
    if start is not None and average:
        classifier.average_with(start)
    given: dict[str, Any] = {"params": params, "start": start, "average": average}
    facts = {
        "Task": "one canvas (84, 84) uint8, ink bright on 0, see `segmenter.fit_canvas` -> probabilities of 0-9 at "
        "three positions",
        **data_facts(
            protocol,
            f"{classifier.epoch_size * len(classifier.history_['loss']):,} canvases of 640 numbers composed from "
            f"{len(digits[0]):,} digits",
            f"{len(val[0]):,} canvases of 160 other numbers",
            drawn=DRAWN,
        ),
        "Command": train_command("number", protocol, seed, classifier, network=network, flips=flips, **given),
    }

    def sample(rng: np.random.Generator) -> NDArray[np.float32]:
        composer = Composer(
            *digits, numbers=numbers["train"], strength=classifier.augmentation, columns=classifier.columns
        )
        return composer.compose(SAMPLE, rng)[0]

    def right(runtime: Any, split: tuple[NDArray, NDArray]) -> NDArray[np.bool_]:
        return NumberEncoder().inverse_transform(runtime.predict_proba(split[0])) == split[1]

    notes = NUMBER_NOTES + (COMPOSED_NOTE if protocol == "leak-free" else TRIPLE_NOTE)
    return write_release(name, Path(out), classifier, facts, sample, right, {"exact match": (val, test)}, notes)


def settings_of(
    params: dict[str, Any], out: str | PathLike[str], name: str, seed: int, epochs: int | None, verbose: int
) -> dict[str, Any]:
    """The estimator's parameters for one training that leaves its checkpoint beside its weights."""
    if epochs is not None and epochs != params.get("epochs"):
        params = params | {"epochs": epochs, "refine_epochs": ()}  # another length has no stages laid out for it
    return params | {"random_state": seed, "checkpoint": Path(out) / f"checkpoint-{name}", "verbose": verbose}


def write_release(
    name: str,
    folder: Path,
    classifier: NetworkClassifier,
    facts: dict[str, str],
    sample: Callable[[np.random.Generator], NDArray[np.float32]],
    right: Callable[[Any, Any], NDArray[np.bool_]],
    measured: dict[str, tuple[Any, Any]],
    notes: str,
) -> Path:
    """Weights, runtime form, history, card; the checkpoint goes last."""
    write_network(name, folder, classifier, sample)
    runtime = Runtime(folder / f"{name}.onnx", threads=os.cpu_count() or 1)
    for what, splits in measured.items():
        for split, images in zip(("Validation", "Test"), splits, strict=True):
            shares = share(right(classifier, images)), share(right(runtime, images))
            facts[f"{split} {what}"] = "float32 {}, runtime form {}".format(*shares)
    return write_card(name, folder, classifier, facts, notes)


def write_network(
    name: str,
    folder: Path,
    classifier: NetworkClassifier,
    sample: Callable[[np.random.Generator], NDArray[np.float32]],
    **export: Any,
) -> None:
    """Weights, runtime form and history; ``export`` are options of :func:`classifier.train.export.export_onnx`."""
    folder.mkdir(parents=True, exist_ok=True)
    classifier.save(folder / f"{name}.keras")
    # The ranges of the runtime form's integers come from images as in training.
    images = sample(np.random.default_rng(classifier.random_state))
    export_onnx(classifier.model_, folder / f"{name}.onnx", images, **export)
    numbers = {"parameters": classifier.model_.count_params(), "macs": count_macs(classifier.model_)}
    (folder / f"{name}.json").write_text(json.dumps(numbers | {"history": classifier.history_}, indent=1) + "\n")
