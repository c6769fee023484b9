"""Label groups as an estimator, on drawn pictures."""

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone, is_classifier
from sklearn.model_selection import GridSearchCV

from classifier.multihead import MultiHeadClassifier

pytestmark = pytest.mark.usefixtures("uncompiled_here")


def tiny(size):
    """The smallest backbone: what is bright where, in three colours."""
    inputs = keras.Input((size, size, 3))
    x = keras.layers.AveragePooling2D(4)(keras.layers.Rescaling(1 / 255)(inputs))
    x = keras.layers.Conv2D(16, 3, padding="same", activation="relu")(x)
    return keras.Model(inputs, keras.layers.Flatten()(x))


def small(**params):
    given = {"backbone": tiny, "size": 16, "epochs": 6, "batch_size": 32, "learning_rate": 0.03, "augmentation": 0}
    return MultiHeadClassifier(**{**given, "epoch_size": 1, "random_state": 0, **params})


@pytest.fixture(scope="module")
def train(pictures):
    return pictures(160)


@pytest.fixture(scope="module")
def test(pictures):
    return pictures(60, seed=1)


@pytest.fixture(scope="module")
def fitted(train, uncompiled):
    with uncompiled():
        return small().fit(*train)


def test_every_group_is_learned(fitted, test):
    X, Y = test
    assert {group: p.shape for group, p in fitted.predict_proba(X).items()} == {"shape": (60, 2), "colour": (60, 2)}
    assert min(fitted.scores(X, Y).values()) > 0.9
    assert fitted.score(X, Y) <= min(fitted.scores(X, Y).values())


def test_probabilities_are_of_the_labels_in_order(fitted, test):
    X, _ = test
    assert {group: labels.tolist() for group, labels in fitted.classes_.items()} == {
        "shape": ["bar", "disc"], "colour": ["blue", "red"],
    }  # fmt: skip
    p, predicted = fitted.predict_proba(X)["colour"], fitted.predict(X)["colour"]
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-5)
    assert predicted.tolist() == np.array(["blue", "red"])[p.argmax(axis=1)].tolist()


def test_a_frame_of_columns_is_a_mapping_of_columns(fitted, train, test):
    again = small().fit(train[0], pd.DataFrame(train[1], index=range(7, 167)))
    for group, p in fitted.predict_proba(test[0]).items():
        np.testing.assert_allclose(again.predict_proba(test[0])[group], p, atol=1e-4)


def test_half_of_the_labels_are_enough_for_a_group_that_half_of_the_rows_have(train, test, fitted):
    X, Y = train
    half = Y | {"colour": np.where(np.arange(len(X)) % 2, Y["colour"], "")}
    found = small().fit(X, half).scores(*test)
    assert found["colour"] > 0.9
    assert found["shape"] > fitted.scores(*test)["shape"] - 0.1


def test_an_unlabelled_image_is_left_out_of_its_heads_loss(train):
    X, Y = train
    strange = Y | {"colour": np.where(np.arange(len(X)) < 150, "", Y["colour"])}
    model = small(epochs=1).fit(X, strange, validation_data=(X[150:], {g: c[150:] for g, c in strange.items()}))
    targets = model.target_encoder_.transform(strange)["colour"]
    assert targets[:150].sum() == 0
    losses = keras.losses.categorical_crossentropy(targets, model.predict_proba(X)["colour"])
    np.testing.assert_array_equal(np.asarray(losses)[:150], 0)
    assert np.asarray(losses)[150:].min() > 0


def test_a_group_added_does_not_hurt_the_others(fitted, train, test):
    alone = small(groups=["shape"]).fit(*train)
    assert list(alone.classes_) == ["shape"]
    assert fitted.scores(*test)["shape"] >= alone.scores(*test)["shape"] - 0.1


def test_a_loss_that_counts_nothing_learns_nothing(train, test):
    X, Y = test
    found = small(loss_weights={"shape": 1.0, "colour": 0.0}).fit(*train)
    assert found.scores(X, Y)["shape"] > 0.9 > found.scores(X, Y)["colour"]


def test_images_of_any_size_and_gray_ones_are_brought_to_the_networks(fitted, pictures):
    X, Y = pictures(40, side=24, seed=2)
    assert fitted.scores(X, Y)["colour"] > 0.9
    gray = fitted.predict_proba(X.mean(axis=3).astype(np.uint8))
    np.testing.assert_allclose(gray["shape"].sum(axis=1), 1, atol=1e-5)


def test_what_was_saved_answers_the_same(fitted, test, tmp_path):
    fitted.save(tmp_path / "n.keras")
    loaded = MultiHeadClassifier.load(tmp_path / "n.keras")
    assert loaded.size == 16
    for group, p in fitted.predict_proba(test[0]).items():
        np.testing.assert_allclose(loaded.predict_proba(test[0])[group], p, atol=1e-6)
        assert loaded.classes_[group].tolist() == fitted.classes_[group].tolist()


def test_a_file_without_label_groups_is_refused(tmp_path):
    tiny(16).save(tmp_path / "n.keras")
    with pytest.raises(ValueError, match=r"Expected a network of label groups, version 1. Received: .*version None"):
        MultiHeadClassifier.load(tmp_path / "n.keras")


def test_an_interrupted_training_goes_on(train, test, tmp_path, fitted):
    class StopError(Exception):
        pass

    class Stopping(MultiHeadClassifier):
        def _train(self, batches, *args, **options):
            from classifier.train import loop

            class Stopped(loop.KeepBest):
                def on_epoch_end(self, epoch, logs=None):
                    super().on_epoch_end(epoch, logs)
                    if epoch == 1:
                        raise StopError

            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(loop, "KeepBest", Stopped)
                super()._train(batches, *args, **options)

    params = small().get_params() | {"checkpoint": tmp_path}
    with pytest.raises(StopError):
        Stopping(**params).fit(*train)
    resumed = MultiHeadClassifier(**params).fit(*train)
    assert len(resumed.history_["loss"]) == 6
    for group, p in fitted.predict_proba(test[0]).items():
        np.testing.assert_allclose(resumed.predict_proba(test[0])[group], p, atol=1e-3)


def test_few_images_are_gone_through_several_times_in_an_epoch(pictures):
    few = pictures(20)
    once, often = (small(epochs=2, epoch_size=n).fit(*few, validation_data=few).history_["loss"][-1] for n in (1, 400))
    assert often < once - 0.2


def test_it_is_a_classifier_that_can_be_cloned_and_searched(train):
    assert is_classifier(small())
    assert clone(small()).get_params() == small().get_params()
    frame = pd.DataFrame(train[1])[:48]
    search = GridSearchCV(small(epochs=1), {"dropout": [0.1, 0.5]}, cv=2, refit=False).fit(train[0][:48], frame)
    assert search.best_params_["dropout"] in (0.1, 0.5)
    assert 0 <= search.best_score_ <= 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda Y: Y | {"shape": ["disc"] * 160},
            r"Group 'shape' should have two labels at least. Received: \['disc'\]",
        ),
        (lambda Y: Y | {"shape": ["Disc", "disc"] * 80}, r"more than case or blanks. Received: \[\['Disc', 'disc'\]\]"),
        (lambda Y: Y | {"shape": ["a bar", "abar "] * 80}, "differ in more than case or blanks"),
        (lambda Y: Y | {"shape": Y["shape"][:7]}, r"one label for each of the 160 images. Received: {'shape': \(7,\)}"),
    ],
)
def test_labels_that_cannot_be_are_refused(train, change, words):
    with pytest.raises(ValueError, match=words):
        small().fit(train[0], change(train[1]))


def test_a_column_that_is_not_there_is_named(train):
    with pytest.raises(ValueError, match=r"columns, which are \['shape', 'colour'\]. Received: \['angle'\]"):
        small(groups=["shape", "angle"]).fit(*train)


def test_a_label_that_was_not_in_training_is_named(train):
    X, Y = train
    with pytest.raises(ValueError, match=r"Labels of 'shape' should be among those in training. Received: \['ring'\]"):
        small().fit(X, Y, validation_data=(X, Y | {"shape": ["ring"] * 160}))


def test_labels_that_are_no_columns_are_refused(train):
    with pytest.raises(TypeError, match="a DataFrame or a mapping of columns. Received: list"):
        small().fit(train[0], [0] * 160)


@pytest.mark.parametrize(
    ("images", "error", "words"),
    [
        (np.zeros((4, 8, 8, 3)), TypeError, "uint8, 0-255. Received: float64"),
        (np.zeros((4, 8, 8, 4), np.uint8), ValueError, r"\(n, h, w\) or \(n, h, w, 3\). Received: \(4, 8, 8, 4\)"),
    ],
)
def test_images_that_cannot_be_are_refused(fitted, images, error, words):
    with pytest.raises(error, match=words):
        fitted.predict(images)


def test_an_unknown_backbone_is_refused(train):
    with pytest.raises(ValueError, match=r"`backbone` should be one of \[.*'small_cnn'.*\]. Received: 'vgg'"):
        small(backbone="vgg").fit(*train)
