"""One harness for every backbone, with random weights at a small size: forward, Grad-CAM, save and load, export."""

import keras
import numpy as np
import pytest

from classifier.explain import METHODS, grad_cam
from classifier.multihead import MultiHeadClassifier
from classifier.networks import BACKBONES, LEAST_SIZE
from classifier.networks.heads import by_group
from classifier.runtime import GROUPS, GroupRuntime, groups_text
from classifier.train.export import export_floats

# Each of the others takes seconds to build.
LIGHT = {"small_cnn"}
NAMES = [pytest.param(name, marks=[] if name in LIGHT else pytest.mark.slow) for name in BACKBONES]
CLASSES = {"shape": np.array(["bar", "disc"]), "colour": np.array(["blue", "green", "red"])}


@pytest.fixture(scope="module", params=NAMES)
def network(request):
    """An untrained classifier, with its labels."""
    fitted = MultiHeadClassifier(request.param, size=LEAST_SIZE[request.param], random_state=0)
    fitted.classes_ = CLASSES
    fitted.model_ = fitted._build_keras_model()
    return fitted


@pytest.fixture(scope="module")
def images(network, pictures):
    return pictures(3, side=network.size)[0]


def test_it_answers_every_group(network, images):
    p = network.predict_proba(images)
    assert {group: rows.shape for group, rows in p.items()} == {"shape": (3, 2), "colour": (3, 3)}
    for rows in p.values():
        np.testing.assert_allclose(rows.sum(axis=1), 1, atol=1e-5)


def test_its_scaling_is_inside(network, images):
    """What is bright gives other features than what is dark, and none that are not numbers."""
    outputs = network.predict_proba(np.stack([images[0] * 0, images[0] * 0 + 255, images[0]]))
    assert all(np.isfinite(rows).all() for rows in outputs.values())


@pytest.mark.parametrize("method", METHODS)
def test_every_layer_can_be_explained(network, images, method):
    evidence = grad_cam(network.model_, images[0], method=method, group="colour", layer=_wide(network.model_))
    assert evidence.shape == images[0].shape[:2]
    assert np.isfinite(evidence).all()


def _wide(model):
    """A layer with rows and columns: at the least size the last one has none."""
    return next(layer.name for layer in model.layers if len(layer.output.shape) == 4 and hasattr(layer, "kernel"))


def test_what_was_saved_and_exported_answers_the_same(network, images, tmp_path):
    expected = network.predict_proba(images)
    network.save(tmp_path / "n.keras")
    export_floats(network.model_, tmp_path / "n.onnx", facts={GROUPS: groups_text(CLASSES)})
    for other in (MultiHeadClassifier.load(tmp_path / "n.keras"), GroupRuntime(tmp_path / "n.onnx")):
        for group, rows in other.predict_proba(images).items():
            np.testing.assert_allclose(rows, expected[group], atol=1e-4)


def test_any_callable_is_a_backbone(pictures):
    def flat(size):
        inputs = keras.Input((size, size, 3))
        return keras.Model(inputs, keras.layers.Flatten()(inputs))

    assert by_group((made := flat(4)).input, made.output, {"a": 2}).output["a"].shape == (None, 2)


def test_three_heads_of_ten_are_the_thirty_units_of_the_number_network(field):
    """A trained layer of 30 units split into three of ten gives the same probabilities."""
    from classifier.networks.heads import split_positions
    from classifier.number import NumberClassifier
    from classifier.runtime import WEIGHTS

    whole = NumberClassifier.load(WEIGHTS / "best_model.keras")
    canvases = np.stack([field(number)[0] for number in ("427", "007", "112")])
    heads = split_positions(whole.model_)(canvases.astype(np.float32))
    for k, expected in enumerate(whole.predict_proba(canvases).transpose(1, 0, 2)):
        np.testing.assert_allclose(heads[f"position {k}"], expected, atol=1e-6)
