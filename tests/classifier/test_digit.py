"""The digit classifier as a scikit-learn estimator."""

import pickle
import random
import re
import threading
import time
import zipfile
from functools import partial

import keras
import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from classifier.digit import DigitClassifier

pytestmark = pytest.mark.usefixtures("uncompiled_here")


def small(**params):
    defaults = {"epochs": 16, "model__width": 8, "model__depth": 1, "batch_size": 16, "random_state": 0}
    return DigitClassifier(**defaults | {"augmentation": 0.0, "dtype_policy": "float32"} | params)


@pytest.fixture
def quick(dense_network):
    """Function: a classifier that trains in a second."""
    return partial(small, model=dense_network, model__depth=0)


def invert(x):
    return 255 - x


@pytest.fixture(scope="module")
def fitted(digits):
    x, y = digits
    return small().fit(x, y)


def test_it_learns_from_few_digits(fitted, digits):
    x, y = digits
    assert fitted.score(x, y) > 0.8
    assert fitted.predict(x[:7]).shape == (7,)
    assert fitted.history_["loss"][-1] < fitted.history_["loss"][0]


@pytest.mark.parametrize("n", [1, 3])
def test_probabilities_are_rows_that_sum_to_one(fitted, digits, n):
    probabilities = fitted.predict_proba(digits[0][:n])
    assert probabilities.shape == (n, 10)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)


def test_a_class_that_is_absent_keeps_its_column(digits, quick):
    x, y = digits
    some = quick(epochs=1).fit(x[y < 8], y[y < 8])
    assert some.predict_proba(x[:2]).shape == (2, 10)


def test_the_same_seed_gives_the_same_network(digits):
    x, y = digits
    first, again = (
        small(epochs=2, batch_size=32, augmentation=1.0, model__depth=0).fit(x, y).predict_proba(x) for _ in range(2)
    )
    np.testing.assert_array_equal(first, again)


def test_other_threads_that_draw_random_numbers_change_nothing(digits, quick):
    """As those of a Dask worker do."""
    x, y = digits
    alone = quick(epochs=1).fit(x, y).predict_proba(x)
    done = threading.Event()

    def draw():
        while not done.is_set():
            random.random()
            time.sleep(1e-4)

    other = threading.Thread(target=draw)
    other.start()
    try:
        beside = quick(epochs=1).fit(x, y).predict_proba(x)
    finally:
        done.set()
        other.join()
    np.testing.assert_array_equal(alone, beside)


def test_every_fit_starts_from_fresh_weights(digits, quick):
    x, y = digits
    classifier = quick(epochs=1)
    first = classifier.fit(x, y).predict_proba(x)
    np.testing.assert_array_equal(classifier.fit(x, y).predict_proba(x), first)


def test_it_trains_without_dropout(digits, quick):
    assert quick(epochs=1, model__dropout=0.0).fit(*digits).predict(digits[0][:2]).shape == (2,)


def test_a_network_of_ones_own_keeps_its_first_weights():
    def faint_cnn(*, width=16, depth=2, dropout=0.3):
        inputs = keras.Input((28, 28))
        faint = keras.initializers.RandomNormal(stddev=1e-3)
        hidden = keras.layers.Dense(64, kernel_initializer=faint)(keras.layers.Flatten()(inputs))
        return keras.Model(inputs, keras.layers.Dense(10, kernel_initializer="ones")(hidden))

    first, last = DigitClassifier(faint_cnn, random_state=0)._build_keras_model().layers[-2:]
    assert np.std(first.kernel) == pytest.approx(1e-3, rel=0.05)
    assert np.all(np.array(last.kernel) == 1)


def test_a_saved_network_is_compressed(fitted, tmp_path):
    fitted.save(tmp_path / "net.keras")
    assert [path.name for path in tmp_path.iterdir()] == ["net.keras"]
    with zipfile.ZipFile(tmp_path / "net.keras") as packed:
        members = packed.infolist()
    assert "model.weights.h5" in {member.filename for member in members}
    assert all(member.compress_size < member.file_size for member in members if member.file_size > 1000)


def test_saved_and_loaded_predicts_the_same(fitted, digits, tmp_path):
    fitted.save(tmp_path / "net.keras")
    loaded = DigitClassifier.load(tmp_path / "net.keras")
    np.testing.assert_allclose(loaded.predict_proba(digits[0]), fitted.predict_proba(digits[0]), atol=1e-6)


def test_it_is_a_scikit_learn_classifier(fitted, digits):
    assert is_classifier(fitted)
    copy = clone(fitted)
    assert copy.get_params() == fitted.get_params()
    assert not hasattr(copy, "model_")
    unpickled = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_allclose(unpickled.predict_proba(digits[0]), fitted.predict_proba(digits[0]), atol=1e-6)


@pytest.mark.parametrize("n_jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_scikit_learn_searches_its_parameters(digits, quick, n_jobs):
    grid = {"learning_rate": [2e-2, 1e-9]}
    search = GridSearchCV(quick(epochs=8, batch_size=32), grid, cv=2, n_jobs=n_jobs, refit=False).fit(*digits)
    assert search.best_params_ == {"learning_rate": 2e-2}
    assert search.cv_results_["mean_test_score"][0] > 0.6
    assert search.cv_results_["mean_test_score"][1] < 0.3  # steps too small to learn: what the other fits left is gone


def test_it_is_the_last_step_of_a_pipeline_and_is_cross_validated(digits, quick):
    x, y = digits
    inverted = make_pipeline(FunctionTransformer(invert), quick(epochs=8, batch_size=32, learning_rate=2e-2))
    found = cross_val_predict(inverted, invert(x), y, cv=2)
    scores = cross_val_score(inverted, invert(x), y, cv=2)
    assert scores.mean() == pytest.approx(np.mean(found == y))  # seeded: both train the same networks
    assert scores.min() > 0.6


@pytest.fixture(scope="module")
def no_digits(digits):
    """What the composed ones are not: checkerboards and frames of many sizes."""
    rng = np.random.default_rng(0)
    crops = np.zeros((60, 28, 28), np.uint8)
    for k, crop in enumerate(crops):
        side, edge = int(rng.integers(2, 6)), int(rng.integers(2, 8))
        board = np.indices((28 - 2 * edge,) * 2).sum(axis=0) // side % 2
        crop[edge : 28 - edge, edge : 28 - edge] = 255 * board if k % 2 else 255
        if k % 2 == 0:
            crop[edge + side : 28 - edge - side, edge + side : 28 - edge - side] = 0
    return crops


def test_half_of_what_is_no_digit_in_a_batch_is_given(digits, no_digits):
    x, y = digits[0][:40], np.eye(10, dtype=np.float32)[digits[1][:40]]
    classifier = small(negative_share=0.5)
    images, targets = classifier.training_batch(
        x, y, np.random.default_rng(0), strength=0.0, no_digits=no_digits
    )  # fmt: skip
    known = {crop.tobytes() for crop in no_digits}
    given = [image.round().astype(np.uint8).tobytes() in known for image in images]
    assert given == [False] * 50 + [True] * 10
    np.testing.assert_allclose(targets[40:], 0.1)
    np.testing.assert_array_equal(targets[:40], y)
    alone, _ = classifier.training_batch(x, y, np.random.default_rng(0), strength=0.0)
    assert len(alone) == 60
    none, _ = classifier.training_batch(x, y, np.random.default_rng(0), strength=0.0, no_digits=no_digits[:0])
    np.testing.assert_array_equal(none, alone)


def test_what_was_shown_as_no_digit_is_doubted(digits, no_digits, quick):
    network = quick(epochs=8, batch_size=32, learning_rate=2e-2)
    before, after = (
        network.fit(*digits, no_digits=crops).predict_proba(no_digits).max(axis=1).mean() for crops in (None, no_digits)
    )
    assert after < before - 0.2


@pytest.mark.parametrize("shape", [(4, 28), (4, 14, 14)])
def test_no_digits_of_another_shape_are_refused(digits, shape):
    words = rf"Crops that are no digit should have the shape \(n, 28, 28\). Received: {re.escape(str(shape))}"
    with pytest.raises(ValueError, match=words):
        small().fit(*digits, no_digits=np.zeros(shape, np.uint8))


def test_it_goes_on_from_given_weights(digits, quick, tmp_path):
    begun = quick(epochs=4).fit(*digits)
    begun.save(tmp_path / "net.keras")
    further = quick(epochs=1, learning_rate=1e-9).fit(*digits, start=tmp_path / "net.keras")
    far = np.abs(further.predict_proba(digits[0]) - begun.predict_proba(digits[0]))
    assert far.mean() < 0.01  # the means of batch normalisation move
    with pytest.raises(ValueError, match=r"Expected weights of a \w+ of the same size. Received: .*net.keras"):
        quick(epochs=1, model__width=4).fit(*digits, start=tmp_path / "net.keras")


def test_weights_are_averaged_with_those_of_a_file(digits, quick, tmp_path):
    first, second = (quick(epochs=1, random_state=seed).fit(*digits) for seed in (1, 2))
    first.save(tmp_path / "first.keras")
    means = [(a + b) / 2 for a, b in zip(first.model_.get_weights(), second.model_.get_weights(), strict=True)]
    second.average_with(tmp_path / "first.keras")
    for mean, found in zip(means, second.model_.get_weights(), strict=True):
        np.testing.assert_allclose(found, mean, rtol=1e-6)
    quick(epochs=1, model__width=4).fit(*digits).save(tmp_path / "narrow.keras")
    with pytest.raises(ValueError, match=r"Expected weights of a \w+ of the same size. Received: .*narrow.keras"):
        second.average_with(tmp_path / "narrow.keras")


def test_a_misspelt_parameter_is_refused_by_name():
    with pytest.raises(ValueError, match=r"'model__widht'.*Nearest: \['model__width'"):
        small().set_params(model__widht=3)
    assert small().set_params(model__width=24).model__width == 24


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (np.zeros((4, 28)), np.zeros(4), r"shape \(n, 28, 28\). Received: \(4, 28\)"),
        (np.zeros((4, 28, 28)), np.zeros(3), "one label for each of the 4 crops"),
        (np.zeros((2, 28, 28)), np.array([3, 12]), "digits 0-9. Received: 12"),
        (np.zeros((2, 28, 28)), np.array([0.5, 1]), "digits 0-9. Received: 0.5"),
    ],
)
def test_bad_input_is_named(x, y, words):
    with pytest.raises(ValueError, match=words):
        small().fit(x, y)
