"""The video classifier as a scikit-learn estimator, on clips whose order decides."""

import cv2
import numpy as np
import pytest
from sklearn.base import clone, is_classifier

from classifier.networks import small_cnn
from classifier.video.estimator import VideoClassifier

STEPS = 4


@pytest.fixture(scope="module")
def clips(digits):
    """Twenty clips: a digit that another one comes before. The same two digits come in either order."""
    x, y = digits
    ones, sevens = x[y == 1][:10], x[y == 7][:10]
    first = np.concatenate([ones, sevens])
    last = np.concatenate([sevens, ones])
    X = np.stack([first, first, last, last], axis=1)
    return X, np.repeat([7, 1], 10)


@pytest.fixture(scope="module")
def fitted(clips):
    """Compiled: step by step, a recurrent layer takes a second for every batch."""
    classifier = VideoClassifier(epochs=20, batch_size=10, learning_rate=0.02, model__units=8, random_state=0)
    return classifier.fit(*clips, validation_data=clips)


def test_it_is_a_classifier_that_can_be_cloned():
    classifier = clone(VideoClassifier(cell="lstm", early_stops=False))
    assert is_classifier(classifier)
    assert (classifier.cell, classifier.early_stops) == ("lstm", False)


def test_probabilities_after_every_frame(fitted, clips):
    probabilities = fitted.predict_proba(clips[0])
    assert probabilities.shape == (20, STEPS, 10)
    np.testing.assert_allclose(probabilities.sum(axis=2), 1, atol=1e-5)
    assert fitted.score(*clips) == 1


def test_later_frames_do_not_change_earlier_answers(fitted, clips):
    X, _ = clips
    np.testing.assert_allclose(fitted.predict_proba(X[:, :2]), fitted.predict_proba(X)[:, :2], atol=1e-6)


def test_the_length_of_a_clip_says_which_answer_counts(fitted, clips):
    X, _ = clips
    after_two = fitted.predict_proba(X)[:, 1].argmax(axis=1)
    np.testing.assert_array_equal(fitted.predict(X, lengths=np.full(20, 2)), after_two)


def test_frames_that_do_not_count_are_not_learned(clips):
    lengths = np.array([1, 3])
    counted = VideoClassifier()._counted(lengths, 3)
    np.testing.assert_array_equal(counted, [[1, 0, 0], [1, 1, 1]])
    whole = VideoClassifier(early_stops=False)._counted(lengths, 3)
    np.testing.assert_array_equal(whole, [[1, 0, 0], [0, 0, 1]])


@pytest.mark.usefixtures("uncompiled_here")
def test_the_mean_knows_no_order(clips):
    X, y = clips
    mean = VideoClassifier(cell="mean", epochs=1, model__units=8, random_state=0).fit(X, y, validation_data=(X, y))
    np.testing.assert_allclose(mean.predict_proba(X)[:, -1], mean.predict_proba(X[:, ::-1])[:, -1], atol=1e-5)


@pytest.mark.usefixtures("uncompiled_here")
def test_a_network_comes_back_from_its_file(fitted, clips, tmp_path):
    fitted.save(tmp_path / "video.keras")
    loaded = VideoClassifier.load(tmp_path / "video.keras")
    np.testing.assert_allclose(loaded.predict_proba(clips[0]), fitted.predict_proba(clips[0]), atol=1e-6)


@pytest.mark.usefixtures("uncompiled_here")
def test_another_backbone_with_weights_of_a_file_looks_at_the_frames(clips, tmp_path):
    X, y = clips
    backbone = small_cnn(32)
    backbone.save(tmp_path / "own.keras")
    video = VideoClassifier(backbone="small_cnn", weights=tmp_path / "own.keras", epochs=1, model__units=8)
    video.fit(X, y, validation_data=clips)
    features = video.features(X[:2])
    seen = np.repeat(np.stack([cv2.resize(frame, (32, 32)) for frame in X[0]])[..., None], 3, axis=3)
    expected = np.asarray(backbone(seen.astype(np.float32))).mean(axis=(1, 2))
    # Of two scales, those of the last maps behind.
    assert features.shape == (2, STEPS, 96 + 192)
    assert np.corrcoef(features[0, :, 96:].ravel(), expected.ravel())[0, 1] > 0.98
    assert video.predict_proba(X[:2]).shape == (2, STEPS, 10)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"X": np.zeros((2, 28, 28))}, "shape"),
        ({"X": np.zeros((2, 0, 28, 28))}, "shape"),
        ({"y": [1]}, "a digit 0-9 for each"),
        ({"y": [1, 12]}, "a digit 0-9 for each"),
        ({"lengths": [1, 4]}, "a length of 1 to 3"),
        ({"lengths": [0, 3]}, "a length of 1 to 3"),
    ],
)
def test_what_does_not_fit_is_refused(change, said):
    given = {"X": np.zeros((2, 3, 28, 28)), "y": [1, 2], "lengths": None} | change
    with pytest.raises(ValueError, match=said):
        VideoClassifier().fit(given["X"], given["y"], lengths=given["lengths"])


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"cell": "rnn"}, "cell"), ({"backbone": "vgg"}, "backbone"), ({"backbone": "small_cnn"}, "weights"),
        ({"weights": "own.keras"}, "weights"),
    ],
)  # fmt: skip
def test_unknown_parts_are_named(clips, how, said):
    with pytest.raises(ValueError, match=f"`{said}` should be"):
        VideoClassifier(**how).fit(*clips)
