"""Feature maps of the networks, and where an answer comes from."""

import keras
import numpy as np
import pytest
from keras import layers

from classifier.explain import feature_maps, grad_cam, overlay
from classifier.networks import column_cnn, digit_cnn, number_cnn, small_cnn
from classifier.networks.heads import by_group
from classifier.runtime import WEIGHTS


@pytest.fixture(scope="module")
def maps(field):
    return feature_maps(column_cnn(), field("427")[0])


def test_maps_come_from_input_to_output(maps):
    assert [m.shape for m in maps.values()] == [
        (42, 42, 16), (21, 21, 48), *3 * [(21, 21, 64)], (11, 11, 96), *2 * [(11, 11, 128)], (11, 11, 64),
        (11, 11, 128), (1, 11, 128),
    ]  # fmt: skip


def test_maps_are_activations(maps):
    assert all(m.dtype == np.float32 for m in maps.values())
    assert all(m.min() >= 0 for m in maps.values())
    assert all(m.max() > 0 for m in maps.values())


def test_maps_are_named_by_their_layers(digit):
    model = digit_cnn()
    maps = feature_maps(model, digit(4))
    assert [model.get_layer(name).output.shape[1:] for name in maps] == [m.shape for m in maps.values()]
    assert len(maps) == 8


def test_a_kernel_that_copies_shows_the_image(field):
    model = number_cnn(width=1)
    kernel = np.zeros((3, 3, 1, 1), np.float32)
    kernel[1, 1] = 1
    first = next(layer for layer in model.layers if "conv" in layer.name)
    first.set_weights([kernel, np.zeros(1, np.float32)])
    canvas, _ = field("427")
    pooled = canvas.reshape(42, 2, 42, 2).max(axis=(1, 3)) / 255
    shown = next(iter(feature_maps(model, canvas).values()))
    np.testing.assert_allclose(shown[..., 0], pooled, atol=1e-6)


@pytest.fixture(scope="module")
def shipped():
    return keras.models.load_model(WEIGHTS / "best_model.keras", compile=False)


@pytest.mark.parametrize("method", ["gradcam", "hirescam"])
@pytest.mark.parametrize("position", [0, 1, 2])
def test_the_evidence_for_a_digit_lies_where_it_stands(shipped, field, position, method):
    evidence = grad_cam(shipped, field("427", rows=(20, 28, 36))[0], position=position, method=method)
    assert evidence.shape == (84, 84)
    assert evidence.dtype == np.float32
    assert evidence.min() >= 0
    assert evidence.max() <= 1
    thirds = evidence.sum(axis=0).reshape(3, 28).sum(axis=1)
    assert thirds.argmax() == position
    assert thirds[position] > 0.45 * evidence.sum()


def test_the_digit_network_has_evidence_for_every_digit(digit):
    model = keras.models.load_model(WEIGHTS / "cnn_digit_classifier.keras", compile=False)
    for value in (3, 8):
        assert grad_cam(model, digit(value)).max() > 0.9  # certain as it is: of the score, not of its softmax


@pytest.fixture(scope="module")
def linear():
    """Each label adds up the brightness of its colour: all that follows the first layer is linear."""
    inputs = keras.Input((8, 8, 3))
    x = layers.ReLU()(layers.Conv2D(3, 1, use_bias=False, name="colours")(layers.Rescaling(1 / 255)(inputs)))
    model = by_group(inputs, x, {"colour": 3, "other": 2})
    model.get_layer("colours").set_weights([np.eye(3, dtype=np.float32).reshape(1, 1, 3, 3)])
    model.get_layer("group_0").set_weights([np.eye(3, dtype=np.float32), np.zeros(3, np.float32)])
    return model


@pytest.mark.parametrize("method", ["gradcam", "hirescam"])
@pytest.mark.parametrize("label", [0, 2])
def test_where_all_is_linear_both_methods_show_what_was_added_up(linear, label, method):
    image = np.random.default_rng(0).integers(0, 256, (8, 8, 3)).astype(np.uint8)
    evidence = grad_cam(linear, image, label, group="colour", method=method)
    np.testing.assert_allclose(evidence, image[..., label] / image[..., label].max(), atol=1e-5)


def test_the_most_probable_label_is_explained_where_none_is_given(linear):
    image = np.zeros((8, 8, 3), np.uint8)
    image[2:4, 5] = (0, 200, 0)
    np.testing.assert_array_equal(grad_cam(linear, image), grad_cam(linear, image, 1, group="colour"))


def test_a_layer_of_less_depth_sees_finer():
    model = by_group((small := small_cnn(32, width=4)).input, small.output, {"kind": 3})
    image = np.random.default_rng(0).integers(0, 256, (32, 32, 3)).astype(np.uint8)
    first = next(layer.name for layer in model.layers if "conv" in layer.name)
    coarse, fine = grad_cam(model, image, method="hirescam"), grad_cam(model, image, method="hirescam", layer=first)
    assert coarse.shape == fine.shape == (32, 32)
    assert np.abs(np.diff(fine)).mean() > 2 * np.abs(np.diff(coarse)).mean()


def test_a_layer_without_height_is_passed_over():
    inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, padding="same", name="wide")(inputs)
    x = layers.Conv2D(4, (8, 1), name="flat")(x)
    model = by_group(inputs, x, {"kind": 2})
    image = np.random.default_rng(0).integers(0, 256, (8, 8, 3)).astype(np.uint8)
    np.testing.assert_array_equal(grad_cam(model, image, 0), grad_cam(model, image, 0, layer="wide"))
    stripes = grad_cam(model, image, 0, layer="flat")
    np.testing.assert_array_equal(stripes, np.repeat(stripes[:1], 8, axis=0))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"method": "lime"}, r"one of \('gradcam', 'hirescam'\). Received: 'lime'"),
        ({"group": "shape"}, r"`group` should be one of \['colour', 'other'\]. Received: 'shape'"),
        ({"layer": "group_0"}, r"'group_0' should have rows, columns and channels. Received: shape \(None, 3\)"),
        ({"layer": "none"}, "No such layer: none"),
    ],
)
def test_what_cannot_be_explained_is_refused(linear, given, words):
    with pytest.raises(ValueError, match=words):
        grad_cam(linear, np.zeros((8, 8, 3), np.uint8), **given)


def test_a_network_without_rows_is_refused():
    inputs = keras.Input((3,))
    with pytest.raises(ValueError, match="Expected a network with rows and columns"):
        grad_cam(keras.Model(inputs, layers.Dense(2)(inputs)), np.zeros(3, np.uint8))


@pytest.mark.parametrize("shape", [(6, 8), (6, 8, 3)])
def test_evidence_is_laid_over_the_image(shape):
    image = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    evidence = np.zeros((6, 8), np.float32)
    evidence[2, 3] = 1
    shown = overlay(image, evidence, strength=1)
    assert shown.shape == (6, 8, 3)
    assert shown[2, 3].tolist() == [220, 0, 0]
    rest = evidence == 0
    np.testing.assert_array_equal(shown[rest], np.broadcast_to(image.reshape(6, 8, -1), (6, 8, 3))[rest])


def test_a_network_may_have_layers_with_the_names_that_keras_gives():
    """As one that was loaded in a fresh process has."""
    inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, padding="same", activation="relu", name="conv2d")(inputs)
    x = layers.GlobalAveragePooling2D(name="pooled")(layers.Add(name="add")([x, x]))
    model = keras.Model(inputs, layers.Dense(3, activation="softmax", name="mat_mul")(x))
    keras.utils.clear_session()
    assert grad_cam(model, np.full((8, 8, 3), 200, np.uint8)).shape == (8, 8)
