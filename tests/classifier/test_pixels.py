"""The pixel classifier as an estimator, on a few fields of two halves."""

import numpy as np
import pytest
from sklearn.base import clone

from classifier.labels import PIXEL_KINDS, PixelEncoder
from classifier.pixels import WEIGHTS, PixelClassifier, pixel_loss

pytestmark = pytest.mark.usefixtures("uncompiled_here")


def small(**params):
    return PixelClassifier(model__width=4, epochs=1, batch_size=8, epoch_size=16, random_state=0, **params)


@pytest.fixture(scope="module")
def fields():
    """Dark and bright halves, and that the bright one is ink."""
    kinds = np.zeros((16, 64, 128), np.uint8)
    kinds[::2, :, :64] = 1
    kinds[1::2, :32] = 1
    noise = np.random.default_rng(0).integers(0, 40, kinds.shape)
    return (200 * kinds + noise).astype(np.uint8), kinds


@pytest.fixture(scope="module")
def fitted(fields, uncompiled):
    with uncompiled():
        return small(learning_rate=0.02).fit(*fields, validation_data=fields)


def test_probabilities_of_each_pixel_sum_to_one(fitted, fields):
    p = fitted.predict_proba(fields[0][:3])
    assert p.shape == (3, 64, 128, 5)
    assert p.dtype == np.float32
    np.testing.assert_allclose(p.sum(axis=3), 1, atol=1e-5)


def test_what_a_pixel_shows_is_the_likeliest(fitted, fields):
    np.testing.assert_array_equal(fitted.predict(fields[0]), fitted.predict_proba(fields[0]).argmax(axis=3))
    assert 0 <= fitted.score(*fields) <= 1


def test_composed_fields_are_drawn_for_every_batch(fields):
    drawn = []

    def compose(n, rng):
        drawn.append(n)
        chosen = rng.integers(0, 16, n)
        return fields[0][chosen], fields[1][chosen]

    found = small().fit_composed(compose, validation_data=fields)
    assert set(drawn) == {8}
    assert found.predict(fields[0]).shape == (16, 64, 128)


def test_it_goes_on_from_saved_weights(fitted, fields, tmp_path):
    fitted.save(tmp_path / "pixels.keras")
    again = small(learning_rate=1e-12).fit_composed(
        lambda n, rng: (fields[0][:n], fields[1][:n]), validation_data=fields, start=tmp_path / "pixels.keras"
    )
    kernels = (network.model_.get_weights()[0] for network in (again, fitted))
    np.testing.assert_allclose(*kernels, atol=1e-4)
    loaded = PixelClassifier.load(tmp_path / "pixels.keras")
    np.testing.assert_allclose(loaded.predict_proba(fields[0]), fitted.predict_proba(fields[0]), atol=1e-5)


def test_what_stands_on_paper_weighs_more_than_paper():
    y = np.array([[[0, 1], [2, 4]]])
    p = np.full((1, 2, 2, 5), 0.2, np.float32)
    expected = np.log(5) * np.array(WEIGHTS)[y]
    np.testing.assert_allclose(np.asarray(pixel_loss(y, p)), expected, rtol=1e-5)
    assert min(WEIGHTS[1:4]) > WEIGHTS[0]


def test_a_clone_has_the_same_parameters():
    assert clone(small(learning_rate=1e-4)).get_params() == small(learning_rate=1e-4).get_params()


@pytest.mark.parametrize(
    ("X", "y", "words"),
    [
        (np.zeros((2, 64, 100)), np.zeros((2, 64, 100), int), r"shape \(n, 64, 128\)"),
        (np.zeros((2, 64, 128)), np.zeros((2, 64), int), "an int for each pixel"),
        (np.zeros((2, 64, 128)), np.zeros((2, 64, 128)), "an int for each pixel"),
        (np.zeros((2, 64, 128)), np.full((2, 64, 128), 5), "Kinds should be 0-4. Received: 5 to 5"),
    ],
)
def test_wrong_shapes_and_kinds_are_refused(X, y, words):
    with pytest.raises(ValueError, match=words):
        small().fit(X, y, validation_data=(X, y))


def test_the_encoder_leaves_kinds_as_they_are(fields):
    encoder = PixelEncoder().fit([])
    assert len(encoder.classes_) == len(PIXEL_KINDS)
    np.testing.assert_array_equal(encoder.transform(fields[1]), fields[1])
    np.testing.assert_array_equal(encoder.inverse_transform(np.eye(5)[fields[1]]), fields[1])
