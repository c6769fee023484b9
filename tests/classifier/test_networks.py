"""One harness for every network that can be trained."""

import keras
import numpy as np
import pytest

from classifier.networks import BACKBONES, digit_cnn
from classifier.training import precision


@pytest.mark.parametrize("name", BACKBONES)
def test_a_network_maps_images_to_probabilities(name):
    model = BACKBONES[name]()
    images = np.random.default_rng(0).integers(0, 256, (5, *model.input_shape[1:]))
    probabilities = np.asarray(model(images.astype(np.float32)))
    assert probabilities.dtype == np.float32
    assert probabilities.shape == (5, *model.output_shape[1:])
    np.testing.assert_allclose(probabilities.sum(axis=-1), 1, atol=1e-5)


def test_the_digit_network_is_small():
    assert digit_cnn().count_params() < 300_000


def test_scaling_is_inside_the_network():
    assert any(isinstance(layer, keras.layers.Rescaling) for layer in digit_cnn().layers)


@pytest.mark.parametrize("params", [{"width": 8}, {"depth": 1}, {"n_classes": 4}])
def test_parameters_change_the_network(params):
    assert digit_cnn(**params).count_params() < digit_cnn().count_params()


def test_mixed_precision_ends_in_float32_and_leaves_no_trace():
    with precision("mixed_bfloat16"):
        model = digit_cnn()
    assert model.output.dtype == "float32"
    assert keras.config.dtype_policy().name == "float32"
