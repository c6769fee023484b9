"""``tridigit train pixels`` from its data to its model card, on a handful of digits."""

from functools import partial

import numpy as np
import pytest

from classifier.pixels import PixelClassifier
from classifier.runtime import Runtime
from classifier.train import release_field
from pipeline.commands.main import main
from pipeline.synth.compose import any_kind, compose_fields
from pipeline.synth.hands import hands_of


@pytest.fixture(scope="module")
def mnist(tmp_path_factory, digits):
    """File of 240 and 60 digits, of which every 20 in a row have all ten classes."""
    x, y = (part[np.arange(300).reshape(10, 30).T.ravel()] for part in digits)
    path = tmp_path_factory.mktemp("data") / "mnist.npz"
    np.savez(path, x_train=x[:240], y_train=y[:240], x_test=x[240:], y_test=y[240:])
    return path


@pytest.fixture(scope="module")
def trained(mnist, tmp_path_factory, uncompiled):
    folder = tmp_path_factory.mktemp("release")
    with pytest.MonkeyPatch.context() as patch, uncompiled():
        small = partial(PixelClassifier, model__width=4, epoch_size=32, batch_size=16)
        patch.setattr(release_field, "PixelClassifier", small)
        patch.setattr(release_field, "N_PIXELS_VALIDATION", 12)
        patch.setattr(release_field, "SAMPLE", 64)
        assert main(["train", "pixels", str(folder), "--mnist", str(mnist), "--epochs", "1", "--seed", "2"]) == 0
    return folder


def test_it_writes_weights_runtime_form_history_and_card(trained):
    names = {file.name for file in trained.iterdir()}
    assert names == {f"pixels{suffix}" for suffix in (".keras", ".onnx", ".json", ".md")}


def test_the_runtime_form_answers_as_the_network(trained, digits):
    fields, _ = compose_fields(4, np.random.default_rng(0), hands=hands_of(*digits, seed=0), recipe=any_kind())
    integers = Runtime(trained / "pixels.onnx").predict_proba(fields)
    floats = PixelClassifier.load(trained / "pixels.keras").predict_proba(fields)
    assert integers.shape == floats.shape == (4, 64, 128, 5)
    np.testing.assert_allclose(integers, floats, atol=0.08)


@pytest.mark.parametrize(
    "words",
    [
        "32 fields composed of MNIST's training digits, drawn digits",
        "12 fields composed of MNIST's last 5,000 training digits and drawn ones",
        "`tridigit train pixels DIR --seed 2 --epochs 1`",
        "Validation pixels that show more than paper",
    ],
)
def test_the_card_tells_how_it_was_made(trained, words):
    assert words in (trained / "pixels.md").read_text()


def test_the_fields_have_more_beside_the_ink_than_others(mnist, tmp_path, monkeypatch):
    given = {}
    monkeypatch.setattr(release_field, "train_pixels", lambda out, **options: given.update(options))
    assert main(["train", "pixels", str(tmp_path), "--mnist", str(mnist)]) == 0
    recipe, common = given["compose"].keywords["recipe"], any_kind()
    assert recipe.kinds == common.kinds
    assert recipe.slips > common.slips
    assert recipe.shares["around"] > common.shares["around"]
