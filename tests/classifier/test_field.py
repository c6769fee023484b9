"""The field classifier as an estimator, on a few composed fields."""

import numpy as np
import pytest
from sklearn.base import clone, is_classifier

from classifier.field import FieldClassifier, ctc_loss
from classifier.labels import SequenceEncoder

pytestmark = pytest.mark.usefixtures("uncompiled_here")


def small(**params):
    return FieldClassifier(
        model__width=4, model__context=8, epochs=1, batch_size=8, epoch_size=16, random_state=0, **params
    )


@pytest.fixture(scope="module")
def fields():
    """Gray fields of noise and what they are said to show."""
    X = np.random.default_rng(0).integers(0, 256, (16, 64, 128)).astype(np.uint8)
    return X, np.array(["427", "x80", "", "1"] * 4)


@pytest.fixture(scope="module")
def fitted(fields, uncompiled):
    with uncompiled():
        return small().fit(*fields, validation_data=fields)


def test_probabilities_of_each_column_sum_to_one(fitted, fields):
    p = fitted.predict_proba(fields[0][:3])
    assert p.shape == (3, 32, 12)
    assert p.dtype == np.float32
    np.testing.assert_allclose(p.sum(axis=2), 1, atol=1e-5)


def test_predictions_are_numbers_of_any_count(fitted, fields):
    predicted = fitted.predict(fields[0])
    assert predicted.shape == (16,)
    assert all(set(number) <= set("0123456789") for number in predicted.tolist())
    assert 0 <= fitted.score(*fields) <= 1


def test_the_same_seed_gives_the_same_network(fitted, fields):
    again = small().fit(*fields, validation_data=fields)
    np.testing.assert_allclose(again.predict_proba(fields[0]), fitted.predict_proba(fields[0]), atol=1e-4)


@pytest.fixture(scope="module")
def compiled(fields):
    return small().fit(*fields, validation_data=fields)


@pytest.mark.slow
def test_a_compiled_training_arrives_where_one_step_by_step_does(compiled, fitted, fields):
    np.testing.assert_allclose(compiled.predict_proba(fields[0]), fitted.predict_proba(fields[0]), atol=1e-2)
    np.testing.assert_allclose(compiled.history_["loss"], fitted.history_["loss"], rtol=1e-2)


def test_composed_fields_train_it_and_weights_come_back_from_a_file(fields, tmp_path):
    asked = []

    def compose(n, rng):
        asked.append(n)
        return fields[0][:n], list(fields[1][:n])

    classifier = small().fit_composed(compose, validation_data=fields)
    assert asked[:2] == [8, 8]  # Keras may ask ahead for the next epoch
    assert set(asked) == {8}
    classifier.save(tmp_path / "field.keras")
    loaded = FieldClassifier.load(tmp_path / "field.keras")
    np.testing.assert_array_equal(loaded.predict_proba(fields[0]), classifier.predict_proba(fields[0]))


def test_it_is_a_classifier_that_can_be_cloned():
    copy = clone(small(learning_rate=0.1))
    assert is_classifier(copy)
    assert copy.learning_rate == 0.1


def test_the_loss_of_a_certain_reading_is_zero():
    symbols = SequenceEncoder().fit([]).transform(["42"])
    columns = np.full((1, 32, 12), 1e-9, np.float32)
    columns[0, :, 11] = 1
    columns[0, 3], columns[0, 9] = np.eye(12)[4], np.eye(12)[2]
    assert float(np.asarray(ctc_loss(symbols, columns))[0]) == pytest.approx(0, abs=1e-3)
    assert float(np.asarray(ctc_loss(symbols[:, ::-1].copy(), columns))[0]) > 5


@pytest.mark.parametrize(
    ("X", "y", "rule"),
    [
        (np.zeros((2, 64, 64)), ["1", "2"], r"shape \(n, 64, 128\)"),
        (np.zeros((2, 64, 128)), ["1"], "a string for each"),
        (np.zeros((2, 64, 128)), ["1", "4a"], "up to nine symbols"),
        (np.zeros((2, 64, 128)), [1, 2], "a string for each"),
        (np.full((2, 64, 128), 300), ["1", "2"], "values 0-255"),
    ],
)
def test_wrong_fields_and_labels_are_refused(X, y, rule):
    with pytest.raises(ValueError, match=rule):
        small().fit(X, y)
