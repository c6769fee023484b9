"""``tridigit train`` from its data to its model card, on a handful of digits."""

import contextlib
import json
from functools import partial

import numpy as np
import pytest

from classifier.digit import DigitClassifier
from classifier.number import NumberClassifier
from classifier.runtime import Runtime
from classifier.train import release
from classifier.train.handwriting import draw_handwriting
from pipeline.commands.main import main
from pipeline.synth.cut_crops import cut_crops


@pytest.fixture(scope="module")
def mnist(tmp_path_factory, digits):
    """File of 240 and 60 digits, of which every 20 in a row have all ten classes."""
    x, y = (part[np.arange(300).reshape(10, 30).T.ravel()] for part in digits)
    path = tmp_path_factory.mktemp("data") / "mnist.npz"
    np.savez(path, x_train=x[:240], y_train=y[:240], x_test=x[240:], y_test=y[240:])
    return path


@pytest.fixture(scope="module", autouse=True)
def few():
    """Few images and small networks; the specified network keeps its size."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DIGIT", "POOLED_DIGIT"):
            patch.setattr(release, name, getattr(release, name) | {"model__width": 4, "model__depth": 0})
        for name in release.NETWORKS:
            patch.setitem(release.NETWORKS, name, release.NETWORKS[name] | {"epoch_size": 128, "batch_size": 32})
        small = {"model__width": 4, "model__dense": 16}
        patch.setitem(release.NETWORKS, "columns", release.NETWORKS["columns"] | small)
        for name, n in {"N_VALIDATION": 20, "N_TEST": 15, "DRAWN": 20, "SAMPLE": 16}.items():
            patch.setattr(release, name, n)
        patch.setattr(release, "make_triples", partial(release.make_triples, per_number=1))
        yield


@pytest.fixture(scope="module")
def train(mnist, tmp_path_factory, uncompiled):
    """Function: train for one epoch with these arguments, compiled or step by step."""

    def run(*args, compiled=False):
        folder = tmp_path_factory.mktemp("release")
        with contextlib.nullcontext() if compiled else uncompiled():
            assert main(["train", *map(str, args), str(folder), "--mnist", str(mnist), "--epochs", "1"]) == 0
        return folder

    return run


@pytest.fixture(scope="module")
def trained(train):
    return train("digit", "--cut", "6", compiled=True)


@pytest.fixture(scope="module")
def pooled(train, trained):
    start = trained / "cnn_digit_classifier.keras"
    return train("digit", "--protocol", "pooled", "--seed", "3", "--start", start)


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    return tmp_path_factory.mktemp("logs")


@pytest.fixture(scope="module")
def number(train, logs):
    return train("number", "--network", "specified", "--logs", logs)


@pytest.fixture(scope="module")
def pooled_number(train):
    return train("number", "--flips", "--protocol", "pooled")


@pytest.mark.parametrize(
    ("fixture", "name"),
    [
        ("trained", "cnn_digit_classifier"),
        ("pooled", "pooled-digit"),
        ("number", "leak-free-specified"),
        ("pooled_number", "pooled-columns-flips"),
    ],
)
def test_it_writes_weights_runtime_form_history_and_card(request, fixture, name):
    names = {file.name for file in request.getfixturevalue(fixture).iterdir()}
    assert names == {f"{name}{suffix}" for suffix in (".keras", ".onnx", ".json", ".md")}


def test_the_runtime_form_runs(trained, digits):
    assert Runtime(trained / "cnn_digit_classifier.onnx").predict_proba(digits[0][:2]).shape == (2, 10)


@pytest.mark.parametrize(
    ("fixture", "name"), [("number", "leak-free-specified"), ("pooled_number", "pooled-columns-flips")]
)
def test_the_runtime_form_of_a_whole_image_network_answers_as_the_network(request, fixture, name, field):
    folder = request.getfixturevalue(fixture)
    canvases = np.stack([field(label)[0] for label in ("427", "007", "315")])
    integers = Runtime(folder / f"{name}.onnx").predict_proba(canvases)
    floats = NumberClassifier.load(folder / f"{name}.keras").predict_proba(canvases)
    assert integers.shape == (3, 3, 10)
    np.testing.assert_allclose(integers.sum(axis=2), 1, atol=1e-5)
    np.testing.assert_allclose(integers, floats, atol=0.02)


@pytest.mark.parametrize(
    "words", ["Training data", "240", "Seed", "tridigit train digit", "Validation digit accuracy", "of 60)"]
)
def test_the_card_tells_how_it_was_made(trained, words):
    assert words in (trained / "cnn_digit_classifier.md").read_text()


def test_the_card_says_how_many_crops_were_cut(trained, mnist):
    with np.load(mnist) as arrays:
        drawn, labels = draw_handwriting(20, seed=0)
        x, y = np.concatenate([arrays["x_train"][:220], drawn]), np.concatenate([arrays["y_train"][:220], labels])
    cut = cut_crops(x, y, 6, seed=0)
    card = (trained / "cnn_digit_classifier.md").read_text()
    crops = f"{len(cut.digits)} crops cut out of numbers composed of them and {len(cut.no_digits)} that are none"
    assert f"240 digits, {crops}; MNIST's training digits (Y. LeCun, C. Cortes, C. Burges) and 20 drawn" in card
    assert "`tridigit train digit DIR --cut 6 --seed 0 --epochs 1`" in card


@pytest.fixture
def learned(monkeypatch):
    """What a training would learn from; it ends there."""
    found = {}

    def fit(self, X, y, **given):
        found.update(given, X=X, y=y)
        raise ValueError("seen")

    monkeypatch.setattr(DigitClassifier, "fit", fit)
    return found


def test_what_is_cut_is_learned_and_chosen_on(mnist, tmp_path, learned):
    """Crops and labels behind the digits, what is no digit beside them; for the epoch a tenth of it."""
    cuts = []
    crops, none = np.full((5, 28, 28), 7, np.uint8), np.full((3, 28, 28), 9, np.uint8)

    def cut(x, y, n, *, seed):
        cuts.append((len(x), n, seed))
        return crops, np.arange(5), none

    with pytest.raises(ValueError, match="seen"):
        release.train_digit(tmp_path, mnist=mnist, seed=4, cut=cut, cut_fields=30)
    assert cuts == [(240, 30, 4), (20, 3, 5)]
    for images, labels, n in ((learned["X"], learned["y"], 240), (*learned["validation_data"], 20)):
        assert len(images) == len(labels) == n + 5
        np.testing.assert_array_equal(images[n:], crops)
        np.testing.assert_array_equal(labels[n:], np.arange(5))
    assert learned["no_digits"] is none
    with pytest.raises(ValueError, match="seen"):
        release.train_digit(tmp_path, mnist=mnist, cut=cut)
    assert (len(learned["X"]), learned["no_digits"]) == (240, None)


def test_digits_of_other_writers_are_learned_from_where_a_file_is_given(mnist, tmp_path, learned):
    asked = []

    def write(**given):
        asked.append(given)
        return np.full((5, 28, 28), 7, np.uint8), np.arange(5)

    with pytest.raises(ValueError, match="seen"):
        release.train_digit(tmp_path, mnist=mnist, seed=4, write=write, usps="usps.npz")
    assert asked == [{"seed": 4, "usps": "usps.npz", "traces": None}]
    assert (len(learned["X"]), len(learned["validation_data"][0])) == (245, 20)
    np.testing.assert_array_equal(learned["y"][240:], np.arange(5))
    with pytest.raises(ValueError, match="seen"):
        release.train_digit(tmp_path, mnist=mnist, write=write)
    assert (len(asked), len(learned["X"])) == (1, 240)


def test_an_averaged_training_ends_half_way(train, trained, pooled, tmp_path):
    """The same training as of ``pooled``, but for the mean."""
    start = trained / "cnn_digit_classifier.keras"
    folder = train("digit", "--protocol", "pooled", "--seed", "3", "--start", start, "--average")
    begun, arrived, half = (
        DigitClassifier.load(file).model_.get_weights()
        for file in (start, pooled / "pooled-digit.keras", folder / "pooled-digit.keras")
    )
    for a, b, mean in zip(begun, arrived, half, strict=True):
        np.testing.assert_allclose(mean, (a + b) / 2, atol=1e-3)
    assert any(np.abs(a - b).max() > 1e-3 for a, b in zip(begun, arrived, strict=True))
    assert "--average" in (folder / "pooled-digit.md").read_text()


@pytest.mark.parametrize("network", ["digit", "number"])
def test_averaging_needs_a_start(tmp_path, mnist, capsys, network):
    with pytest.raises(SystemExit):
        main(["train", network, str(tmp_path), "--mnist", str(mnist), "--average"])
    assert "--average needs --start" in capsys.readouterr().err


def test_the_card_of_pooled_digits_says_so(pooled):
    card = (pooled / "pooled-digit.md").read_text()
    command = "tridigit train digit DIR --protocol pooled --start cnn_digit_classifier.keras --seed 3 --epochs 1"
    assert f"`{command}`" in card
    assert "public Triple MNIST, test digits among them" in card


@pytest.mark.parametrize(
    "words",
    [
        "`tridigit train number DIR --network specified --seed 0 --epochs 1`",
        "128 canvases of 640 numbers composed from 240 digits; MNIST's training digits",
        "20 canvases of 160 other numbers",
        "Validation exact match",
        "of 15)",
        "model__activation=sigmoid",
        "weight_decay=0.0",
    ],
)
def test_the_card_of_the_specified_network_tells_how_it_was_made(number, words):
    assert words in (number / "leak-free-specified.md").read_text()


@pytest.mark.parametrize(
    "words",
    [
        "`tridigit train number DIR --protocol pooled --flips --seed 0 --epochs 1`",
        "public Triple MNIST, test digits among them",
        "flips=True",
        "columns=1.0",
    ],
)
def test_the_card_of_pooled_mirrored_canvases_tells_how_it_was_made(pooled_number, words):
    assert words in (pooled_number / "pooled-columns-flips.md").read_text()


def test_the_history_holds_parameters_multiplications_and_epochs(trained, number):
    digit = json.loads((trained / "cnn_digit_classifier.json").read_text())
    specified = json.loads((number / "leak-free-specified.json").read_text())
    assert digit["parameters"] == DigitClassifier.load(trained / "cnn_digit_classifier.keras").model_.count_params()
    stages = [84 * 84 * 16 * 9, 42 * 42 * 32 * 9 * 16, 21 * 21 * 64 * 9 * 32, 10 * 10 * 64 * 128, 128 * 30]
    assert specified["macs"] == sum(stages)
    assert len(specified["history"]["val_loss"]) == 1
    assert {"val_exact_match", "val_accuracy", "loss", "seconds"} <= set(specified["history"])


def test_logs_are_written_where_they_are_asked_for(number, logs):
    assert sorted(path.name for path in logs.iterdir()) == ["train", "validation"]


def test_the_checkpoint_stays_until_everything_is_written(mnist, tmp_path):
    (tmp_path / "cnn_digit_classifier.onnx").mkdir()  # in the way
    command = ["train", "digit", str(tmp_path), "--mnist", str(mnist), "--epochs", "1"]
    with pytest.raises(SystemExit):
        main(command)
    state = tmp_path / "checkpoint-cnn_digit_classifier" / "state.json"
    trained = json.loads(state.read_text())["history"]
    (tmp_path / "cnn_digit_classifier.onnx").rmdir()
    assert main(command) == 0
    written = json.loads((tmp_path / "cnn_digit_classifier.json").read_text())["history"]
    assert written["seconds"] == trained["seconds"]  # nothing was trained again
    assert not state.parent.exists()


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (["--network", "huge"], "'huge'"),
        (["--protocol", "public"], "'public'"),
        (["--epochs", "0"], "at least 1"),
        (["--start", "none.keras"], "'none.keras'"),
    ],
)
def test_an_unknown_choice_is_bad_usage(tmp_path, mnist, capsys, option, words):
    with pytest.raises(SystemExit) as stop:
        main(["train", "number", str(tmp_path), "--mnist", str(mnist), *option])
    assert stop.value.code == 2
    assert words in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_network_is_refused(mnist, tmp_path):
    with pytest.raises(ValueError, match=r"one of \['columns', 'softmax', 'specified'\]. Received: 'huge'"):
        release.train_number(tmp_path, network="huge", mnist=mnist)
