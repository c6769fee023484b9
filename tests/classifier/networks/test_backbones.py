"""One harness for every network that can be trained."""

import inspect

import keras
import numpy as np
import pytest
from keras import layers

from classifier.networks import DIGIT_NETWORKS, column_cnn, count_macs, digit_cnn, number_cnn, pixel_cnn
from classifier.train.loop import dtype_policy


def outputs_of(model, n=5):
    images = np.random.default_rng(0).integers(0, 256, (n, *model.input_shape[1:]))
    return np.asarray(model(images.astype(np.float32)))


@pytest.mark.parametrize("name", DIGIT_NETWORKS)
def test_a_network_maps_images_to_shares_of_one(name):
    model = DIGIT_NETWORKS[name]()
    outputs = outputs_of(model)
    assert outputs.dtype == np.float32
    assert outputs.shape == (5, *model.output_shape[1:])
    assert outputs.min() >= 0
    assert outputs.max() <= 1
    # The field network tells other writing and nothing from the ten digits, the pixel network knows no digits.
    assert model.output_shape[-1] == {"field_cnn": 12, "pixel_cnn": 5}.get(name, 10)


@pytest.mark.parametrize("name", DIGIT_NETWORKS)
def test_a_softmax_sums_to_one_at_every_position(name):
    network = DIGIT_NETWORKS[name]
    choice = {"activation": "softmax"} if "activation" in inspect.signature(network).parameters else {}
    np.testing.assert_allclose(outputs_of(network(**choice)).sum(axis=-1), 1, atol=1e-5)


@pytest.mark.parametrize("network", [number_cnn, column_cnn])
def test_sigmoids_are_units_of_their_own(network):
    softmax = network(activation="softmax")
    sigmoid = network(activation="sigmoid")
    sigmoid.set_weights(softmax.get_weights())
    odds = outputs_of(sigmoid) / (1 - outputs_of(sigmoid))  # of the same logits
    np.testing.assert_allclose(outputs_of(softmax), odds / odds.sum(axis=-1, keepdims=True), atol=1e-4)


@pytest.mark.parametrize("network", [number_cnn, column_cnn])
def test_an_unknown_activation_is_refused(network):
    with pytest.raises(ValueError, match="'sigmoid' or 'softmax'. Received: 'tanh'"):
        network(activation="tanh")


def test_the_specified_network_is_three_convolutions_each_with_pooling_and_thirty_sigmoids():
    model = number_cnn()
    stages = [type(layer) for layer in model.layers if isinstance(layer, layers.Conv2D | layers.MaxPooling2D)]
    assert stages == [layers.Conv2D, layers.MaxPooling2D] * 3
    assert [layer.units for layer in model.layers if isinstance(layer, layers.Dense)][-1] == 30
    assert model.output_shape == (None, 3, 10)
    assert model.layers[-1].activation is keras.activations.sigmoid


def test_the_pixel_network_tells_where_a_bright_half_ends():
    """An answer at a pixel depends on that pixel: the rearranged channels are in their places."""
    model = pixel_cnn(width=4)
    field = np.zeros((1, 64, 128), np.float32)
    dot = field.copy()
    dot[0, 20, 90] = 255
    moved = np.abs(np.asarray(model(dot)) - np.asarray(model(field))).max(axis=(0, 3))
    row, column = np.unravel_index(moved.argmax(), moved.shape)
    assert abs(row - 20) <= 4
    assert abs(column - 90) <= 4


def test_the_pixel_network_is_small():
    assert pixel_cnn().count_params() < 150_000


def test_the_digit_network_is_small():
    assert digit_cnn().count_params() < 300_000


def test_the_whole_image_networks_have_less_than_three_million_parameters():
    assert column_cnn().count_params() < 3_000_000
    assert number_cnn().count_params() < 3_000_000


def test_the_column_network_hardly_minds_rows(field):
    model = column_cnn()
    place = [field("427", rows=(row,) * 3)[0] for row in (16, 24, 32)]
    across = np.roll(place[0], 8, axis=1)
    outputs = np.asarray(model(np.stack([*place, across]).astype(np.float32)))
    moved = np.abs(outputs - outputs[0]).max(axis=(1, 2))
    assert max(moved[1:3]) < 0.1 * moved[3]


def test_the_column_networks_residual_blocks_begin_as_the_identity(field):
    model = column_cnn()
    blocks = [layer for layer in model.layers if isinstance(layer, layers.Add)]
    assert len(blocks) == 2
    canvas = field("427")[0][None].astype(np.float32)
    for block in blocks:
        before, added = keras.Model(model.input, block.input)(canvas)
        assert np.ptp(before) > 0
        np.testing.assert_array_equal(added, 0)


@pytest.mark.parametrize("name", DIGIT_NETWORKS)
def test_scaling_is_inside_the_network(name):
    assert any(isinstance(layer, layers.Rescaling) for layer in DIGIT_NETWORKS[name]().layers)


@pytest.mark.parametrize("params", [{"width": 8}, {"depth": 1}, {"n_classes": 4}])
def test_parameters_change_the_network(params):
    assert digit_cnn(**params).count_params() < digit_cnn().count_params()


@pytest.mark.parametrize("params", [{"width": 8}, {"dense": 32}])
@pytest.mark.parametrize("network", [number_cnn, column_cnn])
def test_parameters_change_the_whole_image_networks(network, params):
    assert network(**params).count_params() < network().count_params()


def test_multiplications_are_counted():
    convolutions = 84 * 84 * 1 * (3 * 3 * 1) + 42 * 42 * 2 * (3 * 3 * 1) + 21 * 21 * 4 * (3 * 3 * 2)
    dense = 10 * 10 * 4 * 5 + 5 * 30
    assert count_macs(number_cnn(width=1, dense=5)) == convolutions + dense


def test_a_stride_saves_multiplications():
    inputs = keras.Input((9, 9, 2))
    assert count_macs(keras.Model(inputs, layers.Conv2D(4, 3, strides=2)(inputs))) == 4 * 4 * 4 * (3 * 3 * 2)


def test_mixed_precision_ends_in_float32_and_leaves_no_trace():
    with dtype_policy("mixed_bfloat16"):
        model = digit_cnn()
    assert model.output.dtype == "float32"
    assert keras.config.dtype_policy().name == "float32"
