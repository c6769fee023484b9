"""Searches over fields: segmentation alone and with the classifier."""

from collections import Counter

import cv2
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier

from classifier.ctc import NOTHING
from classifier.digit import DigitClassifier
from classifier.field import FieldClassifier
from classifier.number import NumberClassifier
from classifier.search.fits import ranked
from pipeline import NumberReader
from pipeline.batch.labelled import LabelledFiles
from pipeline.readers import SOURCES
from pipeline.tune.searches import SEGMENTER, digit_search, field_search, number_search, search_reader
from segmenter import Segmenter


@pytest.fixture(scope="module")
def fields(field):
    """40 clean fields and their numbers."""
    rng = np.random.default_rng(0)
    numbers = [f"{n:03d}" for n in rng.integers(0, 1000, 40)]
    return [field(number, rng.integers(0, 57, 3), k % 20)[0] for k, number in enumerate(numbers)], numbers


class Neighbours(KNeighborsClassifier):
    """Nearest neighbours of crops: trains at once, and has what a reader asks of a digit classifier."""

    def fit(self, X, y):
        return super().fit(X.reshape(len(X), -1), y)

    def predict_proba(self, X):
        out = np.zeros((len(X), 10), np.float32)
        out[:, self.classes_] = super().predict_proba(X.reshape(len(X), -1).astype(float))
        return out


@pytest.fixture
def small():
    return NumberReader(Neighbours(1), segmenter=Segmenter(), reader="segmented")


@pytest.fixture
def segmented(monkeypatch):
    """Counts how often an image is segmented with a ``join_gap``."""
    counts, segment = Counter(), Segmenter.segment

    def counting(self, image, **asked):
        counts[self.join_gap] += 1
        return segment(self, image, **asked)

    monkeypatch.setattr(Segmenter, "segment", counting)
    return counts


def test_a_joint_search_segments_each_setting_once(fields, small, segmented, tmp_path):
    candidates = [
        {"segmenter__join_gap": gap, "classifier__n_neighbors": k} for k in (1, 3) for gap in (0.1, 0.2)
    ]  # fmt: skip
    search = search_reader(small, *fields, folder=tmp_path, folds=2)
    first = search.scores(candidates)
    assert segmented == {0.1: 40, 0.2: 40}
    assert [c.params for c in first] == candidates
    assert [c.scores.tolist() for c in search.scores(candidates)] == [c.scores.tolist() for c in first]
    assert segmented == {0.1: 40, 0.2: 40}


def test_a_search_that_trains_nothing_segments_each_setting_once(fields, segmented_reader, segmented, tmp_path):
    search = search_reader(clone(segmented_reader), *fields, folder=tmp_path, folds=2)
    search.scores([{"segmenter__join_gap": gap} for gap in (0.1, 0.2)])
    assert segmented == {0.1: 40, 0.2: 40}


def test_a_search_segments_with_one_thread_and_gives_the_others_back(fields, segmented_reader, monkeypatch, tmp_path):
    threads, segment = set(), Segmenter.segment

    def watched(self, image, **asked):
        threads.add(cv2.getNumThreads())
        return segment(self, image, **asked)

    monkeypatch.setattr(Segmenter, "segment", watched)
    cv2.setNumThreads(2)
    search_reader(clone(segmented_reader), *fields, folder=tmp_path, folds=2).scores([{"segmenter__join_gap": 0.1}])
    assert threads == {1}
    assert cv2.getNumThreads() == 2


@pytest.mark.slow
def test_segmentation_that_finds_nothing_is_ranked_last(segmented_reader, fields, tmp_path):
    search = search_reader(clone(segmented_reader), *fields, folder=tmp_path, folds=2, jobs=2)
    found = ranked(search.scores([{"segmenter__min_text_height": 84}, {"segmenter__min_text_height": 8}]))
    assert found[0].params == {"segmenter__min_text_height": 8}
    assert found[0].mean > 0.85
    assert found[1].mean == 0


def test_scores_are_those_of_scikit_learns_search_over_the_same_reader(fields, small, tmp_path):
    """What is made once for all candidates changes no score."""
    images, numbers = fields
    search = search_reader(small, images, numbers, folder=tmp_path, folds=2)
    grid = {"segmenter__join_gap": [0.1, 0.3], "classifier__n_neighbors": [1, 3]}
    own = GridSearchCV(small, grid, cv=search.folds, refit=False).fit(images, numbers)
    found = search.scores(own.cv_results_["params"])
    np.testing.assert_allclose([c.mean for c in found], own.cv_results_["mean_test_score"])


def test_a_reader_learns_from_its_fields(fields, small, segmented_reader):
    images, numbers = fields
    fitted = small.fit(images[:30], numbers[:30])
    assert fitted.score(images[:30], numbers[:30]) > 0.9  # nearest neighbours know what they were shown
    assert fitted.score(images[30:], numbers[30:]) > 0.05  # from 90 digits; by chance 0.001
    assert not hasattr(small.classifier, "classes_")
    fitted.set_params(classifier=segmented_reader.classifier).fit(images, numbers)
    assert fitted.predict(images).tolist() == segmented_reader.predict(images).tolist()


class Remembers:
    """A network that knows the numbers it was shown, of whole images on a canvas."""

    def __init__(self, shape=(84, 84)):
        self.shape = shape

    def get_params(self, deep=True):
        return {"shape": self.shape}

    def fit(self, X, y):
        assert X.shape[1:] == self.shape
        self.known_ = dict(zip(map(bytes, X), y, strict=True))
        return self

    def predict_proba(self, X):
        numbers = [self.known_.get(bytes(x), "000") for x in X]
        return np.eye(10, dtype=np.float32)[[list(map(int, number)) for number in numbers]]


class RemembersFields(Remembers):
    """The same of gray fields, column by column; every second column shows nothing."""

    def predict_proba(self, X):
        columns = np.tile(np.eye(12, dtype=np.float32)[NOTHING], (len(X), 32, 1))
        for k, p in enumerate(super().predict_proba(X)):
            columns[k, 1:6:2] = np.pad(p, ((0, 0), (0, 2)))
        return columns


def test_a_fused_reader_trains_all_networks(fields, small):
    images, numbers = fields
    own = {"field_classifier": RemembersFields((64, 128)), "number_classifier": Remembers()}
    fused = clone(small).set_params(reader="fused", **own)
    assert fused.learns == list(SOURCES.values())
    assert fused.fit(images, numbers).score(images, numbers) > 0.9
    assert set(fused.networks_) == set(SOURCES.values())
    for name in own:
        assert not hasattr(getattr(fused, name), "known_")


def test_a_field_reader_learns_from_every_field(fields):
    """Also from those that fall into no regions."""
    images, numbers = [*fields[0], np.full((64, 128), 255, np.uint8)], [*fields[1], "123"]
    fitted = NumberReader(field_classifier=RemembersFields((64, 128)), reader="field").fit(images, numbers)
    assert len(fitted.networks_["field_classifier"].known_) == len(images)
    assert fitted.predict(images).tolist() == numbers


def test_an_array_of_fields_is_taken_and_other_counts_of_labels_are_refused(fields, small):
    images, numbers = fields
    fitted = small.fit(np.stack(images[:30]), numbers[:30])
    assert fitted.score(np.stack(images[:30]), numbers[:30]) > 0.9
    for call in (fitted.score, small.fit):
        with pytest.raises(ValueError, match="a string, for each of the 3 images"):
            call(images[:3], numbers[:2])
    with pytest.raises(ValueError, match="strings of three digits. Received: \\['42'\\]"):
        small.fit(images[:1], ["42"])


def test_a_reader_of_the_package_learns_nothing(reader, fields):
    before = [getattr(reader, name) for name in SOURCES.values()]
    assert reader.learns == []
    reader.fit(*fields)
    assert [getattr(reader, name) for name in SOURCES.values()] == before
    assert not hasattr(reader, "networks_")


def test_fields_that_do_not_fall_into_three_regions_cannot_be_learned_from(small, digit):
    with pytest.raises(ValueError, match="three regions to train on. Received: 2"):
        small.fit([np.zeros((84, 84), np.uint8), np.pad(digit(7), 28)], ["123", "777"])


def test_what_was_segmented_may_stand_for_the_image(reader, segmented_reader, whole_reader, fields):
    images, _ = fields
    for one in (reader, segmented_reader, whole_reader):
        writings = [one.segment(image) for image in images]
        assert one.predict(writings).tolist() == one.predict(images).tolist()


def test_no_digit_image_is_in_two_folds_of_composed_canvases(mnist, tmp_path):
    search = number_search(mnist, 60, folds=2, folder=tmp_path)
    assert search.X.shape == (60, 84, 84)
    assert search.X.dtype == np.uint8
    (train, test), _ = search.folds

    def seen(indices):
        """Training digits whose ink is on one of these canvases, pixel for pixel."""
        return {
            k
            for k, digit in enumerate(mnist.x_train)
            for left, top, width, height in [cv2.boundingRect(digit)]
            for canvas in search.X[indices]
            if cv2.matchTemplate(canvas, digit[top : top + height, left : left + width], cv2.TM_SQDIFF).min() < 1000
        }

    assert len(seen(train)) > 30
    assert not seen(train) & seen(test)
    assert sorted(np.concatenate([train, test])) == list(range(60))


def test_the_digits_of_a_search_are_training_digits_in_equal_shares(mnist, tmp_path):
    search = digit_search(mnist, 100, folds=2, folder=tmp_path / "few")
    assert np.bincount(search.y).tolist() == [10] * 10
    known = {x.tobytes() for x in (*mnist.x_train, *mnist.x_val)}
    assert {x.tobytes() for x in search.X} <= known
    assert len(digit_search(mnist, 10_000, folds=2, folder=tmp_path / "all").X) == 240


def test_a_classifier_is_trained_only_when_its_parameters_are_searched(tmp_path):
    files = LabelledFiles((tmp_path / "a.png", tmp_path / "b.png"), np.array(["123", "456"]))
    alone = field_search(files, names=[f"{SEGMENTER}speck"], folds=2, folder=tmp_path / "1")
    joint = field_search(files, names=["classifier__epochs"], folds=2, folder=tmp_path / "2")
    assert not hasattr(alone.estimator.classifier, "fit")
    assert isinstance(joint.estimator.classifier, DigitClassifier)


@pytest.mark.parametrize(
    ("reader", "parameter", "network"),
    [("field", "field_classifier", FieldClassifier), ("whole", "number_classifier", NumberClassifier)],
)
def test_each_reader_trains_a_network_of_its_own_kind(tmp_path, reader, parameter, network):
    files = LabelledFiles((tmp_path / "a.png", tmp_path / "b.png"), np.array(["123", "456"]))
    options = {"reader": reader, "folds": 2}
    search = field_search(files, names=[f"{parameter}__epochs"], folder=tmp_path / "1", seed=7, **options)
    assert search.estimator.learns == [parameter]
    assert isinstance(getattr(search.estimator, parameter), network)
    assert search.estimator.get_params()[f"{parameter}__random_state"] == 7
    with pytest.raises(ValueError, match=f"The {reader} reader has no classifier or .* Received: classifier__epochs"):
        field_search(files, names=["classifier__epochs"], folder=tmp_path / "2", **options)


def test_parameters_of_networks_that_a_reader_lacks_are_refused(tmp_path):
    files = LabelledFiles((tmp_path / "a.png", tmp_path / "b.png"), np.array(["123", "456"]))
    for name in ("field_classifier__epochs", "number_classifier__epochs"):
        words = f"The segmented reader has no field_classifier or number_classifier. Received: {name}"
        with pytest.raises(ValueError, match=words):
            field_search(files, names=[name], folds=2, folder=tmp_path)


def test_folds_by_writer(tmp_path):
    files = LabelledFiles(
        tuple(tmp_path / f"{k}.png" for k in range(8)), np.array([f"{k:03d}" for k in range(8)]),
        groups=np.array(list("aabbccdd")),
    )  # fmt: skip
    search = field_search(files, names=[f"{SEGMENTER}speck"], folds=4, folder=tmp_path)
    for train, test in search.folds:
        assert not set(files.groups[train]) & set(files.groups[test])
