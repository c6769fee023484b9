"""Feature maps of the networks."""

import numpy as np
import pytest

from classifier.explain import feature_maps
from classifier.networks import column_cnn, digit_cnn, number_cnn


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
