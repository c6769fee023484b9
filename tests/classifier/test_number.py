"""The whole-image classifier as a scikit-learn estimator."""

import json
import pickle

import keras
import numpy as np
import pytest
from keras import layers
from sklearn.base import clone, is_classifier

from classifier.labels import NumberEncoder
from classifier.networks import number_cnn
from classifier.networks.heads import positions
from classifier.number import NumberClassifier, exact_match
from classifier.train.canvases import Composer

pytestmark = pytest.mark.usefixtures("uncompiled_here")


def small(**params):
    """The specified network, small, for two epochs of eight steps."""
    defaults = {"model": number_cnn, "model__width": 4, "model__dense": 32, "model__activation": "sigmoid"}
    size = {"epochs": 2, "epoch_size": 128, "batch_size": 16, "random_state": 0, "dtype_policy": "float32"}
    return NumberClassifier(**defaults | size | params)


def dense_number(*, width, dense, dropout, activation):
    """The smallest network for canvases with all that a training keeps; its own takes a second."""
    inputs = keras.Input((84, 84))
    x = layers.AveragePooling2D(7)(layers.Reshape((84, 84, 1))(layers.Rescaling(1 / 255)(inputs)))
    x = layers.BatchNormalization(momentum=0.9)(layers.Dense(dense, use_bias=False)(layers.Flatten()(x)))
    return keras.Model(inputs, positions(layers.Dropout(dropout)(layers.ReLU()(x)), activation))


def quick(**params):
    return small(model=dense_number, **params)


@pytest.fixture(scope="module")
def canvases(digits):
    """96 canvases of digits in columns, and their numbers."""
    images, targets = Composer(*digits, strength=0, columns=1.0).compose(96, np.random.default_rng(0))
    return images.astype(np.uint8), NumberEncoder().inverse_transform(targets)


@pytest.fixture(scope="module")
def fitted(digits, canvases, tmp_path_factory):
    classifier = small(logs=tmp_path_factory.mktemp("logs"))
    return classifier.fit_digits(*digits, validation_data=canvases)


@pytest.fixture(scope="module")
def whole(digits, canvases, uncompiled):
    """The quick network, trained without an interruption."""
    with uncompiled():
        return quick().fit_digits(*digits, validation_data=canvases)


@pytest.fixture(scope="module")
def refined(digits, canvases, uncompiled):
    """The same with one epoch of refining."""
    with uncompiled():
        return quick(refine_epochs=(1,)).fit_digits(*digits, validation_data=canvases)


@pytest.fixture(scope="module")
def fitted_on_canvases(canvases, uncompiled):
    """The network that ships, small, one epoch on canvases that are changed and mirrored."""
    classifier = NumberClassifier(
        model__width=4, model__dense=16, epochs=1, batch_size=16, flips=True, dtype_policy="float32", random_state=0
    )
    with uncompiled():
        return classifier.fit(*canvases)


@pytest.fixture(params=["fitted", "fitted_on_canvases"])
def either(request):
    """Sigmoids trained on digits, and softmaxes trained on canvases."""
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("n", [1, 5])
def test_predictions_are_numbers(either, canvases, n):
    predicted = either.predict(canvases[0][:n])
    assert predicted.shape == (n,)
    assert all(len(number) == 3 and number.isdecimal() for number in predicted.tolist())


@pytest.mark.parametrize("n", [1, 5])
def test_probabilities_sum_to_one_at_every_position(either, canvases, n):
    probabilities = either.predict_proba(canvases[0][:n])
    assert (probabilities.shape, probabilities.dtype) == ((n, 3, 10), np.float32)
    assert probabilities.min() >= 0
    np.testing.assert_allclose(probabilities.sum(axis=2), 1, atol=1e-5)


def test_the_prediction_is_the_most_probable_number(either, canvases):
    best = either.predict_proba(canvases[0]).argmax(axis=2)
    assert either.predict(canvases[0]).tolist() == ["".join(map(str, row)) for row in best.tolist()]


def test_training_lowers_the_loss(fitted):
    assert fitted.history_["loss"][1] < fitted.history_["loss"][0]
    assert set(fitted.history_) == {
        "loss", "accuracy", "exact_match", "val_loss", "val_accuracy", "val_exact_match", "seconds",
    }  # fmt: skip


def test_history_measures_the_validation_canvases(fitted, canvases):
    x, y = canvases
    best = int(np.argmin(fitted.history_["val_loss"]))
    digits = np.array([list(number) for number in fitted.predict(x)]) == np.array([list(number) for number in y])
    assert fitted.history_["val_accuracy"][best] == pytest.approx(digits.mean(), abs=1e-6)
    assert fitted.history_["val_exact_match"][best] == pytest.approx(digits.all(axis=1).mean(), abs=1e-6)


def test_it_goes_on_from_given_weights(fitted, digits, canvases, tmp_path):
    fitted.save(tmp_path / "net.keras")
    further = small(epochs=1, epoch_size=16, learning_rate=1e-9)
    further.fit_digits(*digits, validation_data=canvases, start=tmp_path / "net.keras")
    np.testing.assert_allclose(further.predict_proba(canvases[0]), fitted.predict_proba(canvases[0]), atol=1e-3)
    with pytest.raises(ValueError, match=r"Expected weights of a \w+ of the same size. Received: .*net.keras"):
        small(model__dense=16).fit_digits(*digits, validation_data=canvases, start=tmp_path / "net.keras")


def test_score_counts_whole_numbers(fitted, canvases):
    x, _ = canvases
    answers = fitted.predict(x)
    assert fitted.score(x, answers) == 1
    wrong = answers.copy()
    for k in range(24):  # one digit of a quarter of the numbers
        wrong[k] = answers[k][:2] + str((int(answers[k][2]) + 1) % 10)
    assert fitted.score(x, wrong) == 0.75
    assert fitted.score(x, NumberEncoder.digits(wrong)) == 0.75
    assert fitted.score(x, wrong, sample_weight=np.arange(96) < 48) == 0.5


def test_exact_match_wants_all_three_digits():
    y = NumberEncoder().transform(["427", "427", "007"]).reshape(-1, 3, 10)
    predicted = NumberEncoder().transform(["427", "421", "700"]).reshape(-1, 3, 10) * 0.6 + 0.04
    assert np.asarray(exact_match(y, predicted)).tolist() == [1, 0, 0]


def test_the_same_seed_gives_the_same_network(digits, canvases):
    first, again = (small().fit_digits(*digits, validation_data=canvases) for _ in range(2))
    assert_same_training(again, first)


def assert_same_training(a, b):
    np.testing.assert_allclose(a.history_["loss"], b.history_["loss"], rtol=1e-5)
    for one, other in zip(a.model_.get_weights(), b.model_.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)


def test_an_interrupted_training_ends_like_an_uninterrupted_one(whole, digits, canvases, tmp_path, ctrl_c):
    with ctrl_c(8 + 3):
        quick(checkpoint=tmp_path).fit_digits(*digits, validation_data=canvases)
    assert json.loads((tmp_path / "state.json").read_text())["finished"] == 1
    assert_same_training(quick(checkpoint=tmp_path).fit_digits(*digits, validation_data=canvases), whole)


def test_an_interrupted_refining_ends_like_an_uninterrupted_one(refined, digits, canvases, tmp_path, ctrl_c):
    classifier = quick(checkpoint=tmp_path, refine_epochs=(1,))
    with ctrl_c(16 + 3):
        classifier.fit_digits(*digits, validation_data=canvases)
    assert json.loads((tmp_path / "state.json").read_text())["finished"] == 2
    assert_same_training(classifier.fit_digits(*digits, validation_data=canvases), refined)


def test_a_checkpoint_of_other_images_is_refused(digits, canvases, tmp_path):
    """Else the folds of a cross-validation would go on from each other's weights."""
    x, y = digits
    classifier = quick(checkpoint=tmp_path, epochs=1, epoch_size=16).fit_digits(x, y, validation_data=canvases)
    with pytest.raises(ValueError, match="They differ in: data"):
        classifier.fit_digits(x[::-1], y[::-1], validation_data=canvases)


def test_a_checkpoint_of_other_parameters_is_refused(digits, canvases, tmp_path):
    short = quick(checkpoint=tmp_path, epochs=1, epoch_size=16).fit_digits(*digits, validation_data=canvases)
    with pytest.raises(ValueError, match="other parameters.*differ in: columns"):
        short.set_params(columns=0.5).fit_digits(*digits, validation_data=canvases)


def test_refining_goes_on_from_what_was_trained(refined, whole, canvases):
    assert len(refined.history_["val_loss"]) == 3
    np.testing.assert_allclose(refined.history_["loss"][:2], whole.history_["loss"], rtol=1e-5)
    assert refined.history_["loss"][2] < refined.history_["loss"][0]
    before, after = (classifier.predict_proba(canvases[0]) for classifier in (whole, refined))
    assert 0 < np.abs(before - after).max() < 0.2


def test_a_stage_that_makes_it_worse_is_dropped(digits, canvases, monkeypatch):
    plain = quick(augmentation=0).fit_digits(*digits, validation_data=canvases)
    monkeypatch.setattr("classifier.base.REFINE", 1000.0)  # of the learning rate
    wild = quick(augmentation=0, refine_epochs=(1,)).fit_digits(*digits, validation_data=canvases)
    assert wild.history_["val_loss"][2] > min(wild.history_["val_loss"][:2])
    np.testing.assert_array_equal(wild.predict_proba(canvases[0]), plain.predict_proba(canvases[0]))


def test_logs_are_for_tensorboard(fitted):
    for part in ("train", "validation"):
        (events,) = (fitted.logs / part).glob("events.out.tfevents.*")
        assert events.stat().st_size > 0


def test_saved_and_loaded_predicts_the_same(either, canvases, tmp_path):
    either.save(tmp_path / "net.keras")
    loaded = NumberClassifier.load(tmp_path / "net.keras")
    np.testing.assert_allclose(loaded.predict_proba(canvases[0]), either.predict_proba(canvases[0]), atol=1e-6)
    np.testing.assert_array_equal(loaded.predict(canvases[0]), either.predict(canvases[0]))


def test_it_is_a_scikit_learn_classifier(fitted, canvases):
    assert is_classifier(fitted)
    copy = clone(fitted)
    assert copy.get_params() == fitted.get_params()
    assert not hasattr(copy, "model_")
    assert fitted.classes_[[0, -1]].tolist() == ["000", "999"]
    unpickled = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_allclose(unpickled.predict_proba(canvases[0]), fitted.predict_proba(canvases[0]), atol=1e-6)


def test_a_misspelt_parameter_is_refused_by_name():
    with pytest.raises(ValueError, match=r"Unknown parameter 'model__widht'. Nearest: \['model__width'"):
        small().set_params(model__widht=3)
    assert small().set_params(model__activation="softmax", epochs=5).get_params()["model__activation"] == "softmax"


def test_parameters_that_are_set_reach_the_network(digits, canvases):
    classifier = small().set_params(model__activation="softmax", model__dense=8, epochs=1, epoch_size=16)
    classifier.fit_digits(*digits, numbers=["427"], validation_data=canvases)
    np.testing.assert_allclose(classifier.model_(canvases[0][:4]).numpy().sum(axis=2), 1, atol=1e-5)
    assert [layer.units for layer in classifier.model_.layers if hasattr(layer, "units")] == [8, 30]


BLANK = np.zeros((2, 84, 84), np.uint8)


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (BLANK[0], ["427"], r"Canvases should have the shape \(n, 84, 84\). Received: \(84, 84\)"),
        (np.zeros((2, 28, 28)), ["427", "007"], r"Received: \(2, 28, 28\)"),
        (np.full((2, 84, 84), 0.5), ["427", "007"], "values 0-255"),
        (BLANK, ["427"], "one number for each of the 2 canvases. Received: 1"),
        (BLANK, ["427", "42"], r"strings of three digits. Received: \['42'\]"),
        (BLANK, [427, 112], r"strings of three digits.*Received: int64 of shape \(2,\)"),
    ],
)
def test_bad_canvases_and_numbers_are_named(digits, x, y, words):
    for fit in (
        lambda: small().fit(x, y),
        lambda: small().fit(BLANK, ["427", "007"], validation_data=(x, y)),
        lambda: small().fit_digits(*digits, validation_data=(x, y)),
    ):
        with pytest.raises(ValueError, match=words):
            fit()


def test_bad_canvases_are_not_predicted(fitted):
    with pytest.raises(ValueError, match=r"Canvases should have the shape \(n, 84, 84\). Received: \(3, 28, 28\)"):
        fitted.predict(np.zeros((3, 28, 28), np.uint8))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x, y: (x[:, :20], y), r"Crops should have the shape \(n, 28, 28\). Received: \(300, 20, 28\)"),
        (lambda x, y: (x, y + 1), "digits 0-9. Received: 10"),
        (lambda x, y: (x[y < 8], y[y < 8]), r"all ten classes.*Missing: \[8, 9\]"),
    ],
)
def test_bad_digits_are_named(digits, canvases, change, words):
    with pytest.raises(ValueError, match=words):
        small().fit_digits(*change(*digits), validation_data=canvases)


def test_an_unknown_activation_is_refused(digits, canvases):
    with pytest.raises(ValueError, match="'sigmoid' or 'softmax'. Received: 'relu'"):
        small(model__activation="relu").fit_digits(*digits, validation_data=canvases)
