"""``tridigit train field`` from its data to its model card, on a handful of digits."""

import inspect
import json
import re
from functools import partial

import numpy as np
import pytest

from classifier.field import FieldClassifier
from classifier.runtime import Runtime
from classifier.train import release_field
from classifier.train.release import settings_of
from pipeline.commands.main import build_parser, main
from pipeline.synth.compose import any_kind, compose_fields
from pipeline.synth.hands import hands_of

SMALL = {"model__width": 4, "model__context": 8, "epoch_size": 32, "batch_size": 16, "dtype_policy": "float32"}
N_VALIDATION = 12


@pytest.fixture(scope="module")
def mnist(tmp_path_factory, digits):
    """File of 240 and 60 digits, of which every 20 in a row have all ten classes."""
    x, y = (part[np.arange(300).reshape(10, 30).T.ravel()] for part in digits)
    path = tmp_path_factory.mktemp("data") / "mnist.npz"
    np.savez(path, x_train=x[:240], y_train=y[:240], x_test=x[240:], y_test=y[240:])
    return path


@pytest.fixture(scope="module")
def train(mnist, tmp_path_factory, uncompiled):
    """Function: train for one epoch with these arguments, in seconds: a small network, few fields."""

    def run(*args):
        folder = tmp_path_factory.mktemp("release")
        with pytest.MonkeyPatch.context() as patch, uncompiled():
            patch.setattr(release_field, "FieldClassifier", partial(FieldClassifier, **SMALL))
            patch.setattr(release_field, "N_VALIDATION", N_VALIDATION)
            patch.setattr(release_field, "SAMPLE", 16)
            command = ["train", "field", str(folder), "--mnist", str(mnist), "--epochs", "1", *map(str, args)]
            assert main(command) == 0
        return folder

    return run


@pytest.fixture(scope="module")
def trained(train):
    return train("--seed", "2")


@pytest.fixture(scope="module")
def fields(digits):
    return compose_fields(4, np.random.default_rng(0), hands=hands_of(*digits, seed=0), recipe=any_kind())


def test_it_writes_weights_runtime_form_history_and_card(trained):
    names = {file.name for file in trained.iterdir()}
    assert names == {f"field_reader{suffix}" for suffix in (".keras", ".onnx", ".json", ".md")}


def test_the_runtime_form_answers_as_the_network(trained, fields):
    integers = Runtime(trained / "field_reader.onnx").predict_proba(fields[0])
    floats = FieldClassifier.load(trained / "field_reader.keras").predict_proba(fields[0])
    assert integers.shape == floats.shape == (4, 32, 12)
    np.testing.assert_allclose(integers.sum(axis=2), 1, atol=1e-4)
    np.testing.assert_allclose(integers, floats, atol=0.05)


@pytest.mark.parametrize(
    "words",
    [
        "one field (64, 128) uint8",
        "32 fields composed of MNIST's training digits, drawn digits",
        "12 fields composed of MNIST's last 5,000 training digits and drawn ones",
        "`tridigit train field DIR --seed 2 --epochs 1`",
        "Validation exact match, any count",
        "Test exact match, any count",
        "of 12)",
        "model__context=8",
    ],
)
def test_the_card_tells_how_it_was_made(trained, words):
    assert words in (trained / "field_reader.md").read_text()


def test_the_history_holds_parameters_multiplications_and_epochs(trained):
    found = json.loads((trained / "field_reader.json").read_text())
    assert found["parameters"] == FieldClassifier.load(trained / "field_reader.keras").model_.count_params()
    assert found["macs"] > found["parameters"]
    assert len(found["history"]["val_loss"]) == len(found["history"]["loss"]) == 1


def test_the_fields_are_of_trained_kinds_and_validated_on_other_digits(mnist, tmp_path, monkeypatch):
    """What composes the training knows MNIST's training digits, what composes the rest only the last twelfth."""
    given = {}
    monkeypatch.setattr(release_field, "train_field", lambda out, **options: given.update(options, out=out))
    assert main(["train", "field", str(tmp_path), "--mnist", str(mnist), "--seed", "3"]) == 0
    with np.load(mnist) as arrays:
        x, y = arrays["x_train"], arrays["y_train"]
    learned, other = (given[name].keywords for name in ("compose", "compose_validation"))
    for composed, digits in ((learned, (x[:220], y[:220])), (other, (x[220:], y[220:]))):
        assert composed["recipe"] == any_kind()
        scans = composed["hands"].scans
        assert {value: len(of_value) for value, of_value in scans.items()} == {
            value: int((digits[1] == value).sum()) for value in range(10)
        }
    assert given["seed"] == 3
    assert (given["epochs"], given["start"], given["average"]) == (None, None, False)


def test_an_averaged_training_ends_half_way(train, trained, monkeypatch):
    start, arrived, average = trained / "field_reader.keras", [], FieldClassifier.average_with

    def noting(self, path):
        arrived.extend(self.model_.get_weights())
        average(self, path)

    monkeypatch.setattr(FieldClassifier, "average_with", noting)
    folder = train("--start", start, "--average")
    begun, half = (FieldClassifier.load(f / "field_reader.keras").model_.get_weights() for f in (trained, folder))
    for a, b, mean in zip(begun, arrived, half, strict=True):
        np.testing.assert_allclose(mean, (a + b) / 2, atol=1e-5)
    assert any(np.abs(a - b).max() > 1e-3 for a, b in zip(begun, arrived, strict=True))
    command = "tridigit train field DIR --seed 0 --epochs 1 --start field_reader.keras --average"
    cards = [(f / "field_reader.md").read_text() for f in (trained, folder)]
    assert f"`{command}`" in cards[1]
    fresh, gone_on = (float(re.findall(r"learning_rate=([\d.]+)", card)[0]) for card in cards)
    assert gone_on == fresh / 2


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (["--average"], "--average needs --start"),
        (["--epochs", "0"], "at least 1"),
        (["--usps", "none.npz"], "'none.npz'"),
        (["--traces", "none.npz"], "'none.npz'"),
        (["--mnist", "none.npz"], "none.npz"),
    ],
)
def test_what_cannot_be_is_bad_usage(tmp_path, mnist, capsys, option, words):
    with pytest.raises(SystemExit) as stop:
        main(["train", "field", str(tmp_path / "out"), "--mnist", str(mnist), *option])
    assert stop.value.code == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_every_parameter_of_training_is_an_option():
    parser = build_parser()
    for name in ("train", "field"):
        parser = next(a for a in parser._actions if isinstance(a.choices, dict) and name in a.choices).choices[name]
    of_composing = {"compose", "compose_validation", "data"}  # the command makes them of its files
    parameters = set(inspect.signature(release_field.train_field).parameters) - {"verbose"} - of_composing
    assert parameters <= {action.dest for action in parser._actions}


def test_another_length_has_no_further_stages(tmp_path):
    settings = settings_of({"epochs": 24, "refine_epochs": (6,)}, tmp_path, "field_reader", 0, 1, 0)
    assert (settings["epochs"], settings["refine_epochs"]) == (1, ())
    assert settings["checkpoint"] == tmp_path / "checkpoint-field_reader"
