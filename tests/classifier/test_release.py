"""``tridigit train digit`` from its data to its model card, on a handful of digits."""

import numpy as np
import pytest

from classifier.runtime import Runtime
from pipeline.cli import main


@pytest.fixture(scope="module")
def trained(tmp_path_factory, digits):
    folder = tmp_path_factory.mktemp("release")
    x, y = digits
    order = np.random.default_rng(0).permutation(len(x))
    x, y = x[order], y[order]
    np.savez(folder / "mnist.npz", x_train=x[:240], y_train=y[:240], x_test=x[240:], y_test=y[240:])
    command = ["train", "digit", str(folder / "out"), "--mnist", str(folder / "mnist.npz"), "--epochs", "1"]
    assert main(command) == 0
    return folder / "out"


def test_it_writes_weights_runtime_form_and_card(trained):
    names = {file.name for file in trained.iterdir()}
    assert names == {"cnn_digit_classifier.keras", "cnn_digit_classifier.onnx", "cnn_digit_classifier.md"}


def test_the_runtime_form_runs(trained, digits):
    assert Runtime(trained / "cnn_digit_classifier.onnx").predict_proba(digits[0][:2]).shape == (2, 10)


@pytest.mark.parametrize(
    "words", ["Training data", "220", "Seed", "tridigit train digit", "Validation accuracy", "of 60)"]
)
def test_the_card_tells_how_it_was_made(trained, words):
    assert words in (trained / "cnn_digit_classifier.md").read_text()


def test_missing_data_is_bad_usage(tmp_path, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["train", "digit", str(tmp_path), "--mnist", str(tmp_path / "none.npz")])
    assert stop.value.code == 2
    assert "none.npz" in capsys.readouterr().err
