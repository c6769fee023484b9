"""Labelled images become a profile whose confidence can be believed."""

from dataclasses import astuple

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from pipeline.calibrate.calibration import READERS, C, calibrate, fit_confidence, fit_logistic, look_at, seen_by
from pipeline.decision.decide import Views, judge, may_be_accepted, numbers_of
from pipeline.decision.evidence import Evidence
from pipeline.decision.fusion import Weights
from pipeline.decision.profile import Confidence


def boastful(truth, rng, skill, **stated):
    """What a reader says that claims more than it knows: with a probability of p a digit is right in p^skill."""
    claimed = rng.uniform(0.5, 1, 3)
    rows = np.empty((3, 10), np.float32)
    for row, p, digit in zip(rows, claimed, truth, strict=True):
        row[:] = (1 - p) / 9
        row[digit if rng.random() < p**skill else rng.integers(10)] = p
    return Evidence(rows, **{"certainty": 1.0, "digits": tuple(map(Digits, rows.argmax(axis=1)))} | stated)


class Digits:
    """A digit as far as calibration looks at it."""

    def __init__(self, value):
        self.value = int(value)


def seen(n, seed):
    """Views of ``n`` made-up images and their numbers: half had to be cut, a tenth shows no number."""
    rng = np.random.default_rng(seed)
    segmented, whole, numbers = [], [], []
    for _ in range(n):
        truth, cut = rng.integers(10, size=3), rng.random() < 0.5
        if rng.random() < 0.1:
            numbers.append("")
            segmented.append(Evidence(problem="found 2 digits: 4 7"))
        else:
            numbers.append("".join(map(str, truth)))
            stated = {"certainty": rng.uniform(0.3, 0.99)} if cut else {}
            segmented.append(boastful(truth, rng, 2.0 if cut else 0.3, **stated))
        whole.append(boastful(truth, rng, 0.8))
    return Views(segmented, whole, rng.random(n) < 0.1), np.array(numbers)


@pytest.fixture(scope="module")
def labelled():
    return seen(1200, 0)


@pytest.fixture(scope="module")
def fresh():
    return seen(4000, 1)


@pytest.fixture(scope="module")
def calibrated(labelled):
    views, numbers = labelled
    return calibrate(views, numbers, made_from="made-up images")


def only(reader, views):
    return views.take(np.full(len(views), True), only=reader)


@pytest.mark.parametrize("reader", READERS)
def test_confidence_is_the_share_of_fresh_numbers_that_are_right(calibrated, fresh, reader):
    views, numbers = fresh
    p, confidence = judge(only(reader, views), calibrated)
    right = numbers_of(p) == numbers
    order = np.argsort(confidence)
    for part in np.array_split(order, 5):
        assert confidence[part].mean() == pytest.approx(right[part].mean(), abs=0.06)
    claimed = p.max(axis=2).prod(axis=1)
    assert np.square(confidence - right).mean() < np.square(claimed - right).mean()


def test_both_readers_together_are_right_more_often_than_either(calibrated, fresh):
    views, numbers = fresh
    right = {reader: np.mean(numbers_of(judge(only(reader, views), calibrated)[0]) == numbers) for reader in READERS}
    assert right["fused"] > max(right["segmented"], right["whole"]) + 0.05


def test_what_was_cut_counts_less(calibrated):
    clean, cut = calibrated.weights.clean, calibrated.weights.cut
    assert cut[0] / cut[1] < clean[0] / clean[1]


def test_the_promise_holds_for_fresh_images(calibrated, fresh):
    views, numbers = fresh
    for reader in READERS:
        precision = 0.8 * calibrated.acceptance[reader].ceiling
        p, confidence = judge(only(reader, views), calibrated)
        accepted = may_be_accepted(only(reader, views), p) & (confidence > calibrated.threshold(reader, precision))
        assert accepted.sum() > 50
        assert np.mean(numbers_of(p)[accepted] == numbers[accepted]) >= precision
        share = calibrated.acceptance[reader].share(precision)
        assert accepted.mean() == pytest.approx(share, abs=0.06)


def test_half_of_the_images_is_never_fitted_on(labelled, calibrated):
    views, numbers = labelled
    other = numbers.copy()
    other[1::2] = "999"
    again = calibrate(views, other, made_from="made-up images")
    assert again.weights == calibrated.weights
    assert again.confidence == calibrated.confidence
    for reader in READERS:
        assert again.acceptance[reader].measured_on == calibrated.acceptance[reader].measured_on == len(numbers) / 2
        assert len(again.acceptance[reader].wrong) > len(calibrated.acceptance[reader].wrong)
        assert again.threshold(reader, 0.5) is None


def test_the_other_half_is_not_measured_on(labelled, calibrated):
    """Its readings are nowhere in the table of the wrong ones."""
    views, _ = labelled
    _, confidence = judge(seen_by("fused", views), calibrated)
    fitted, measured = confidence[::2].tolist(), confidence[1::2].tolist()
    listed = [sure for sure, _ in calibrated.acceptance["fused"].wrong]
    assert listed
    assert set(listed) <= set(measured)
    assert not set(listed) & set(fitted)


@pytest.fixture(scope="module")
def refined(calibrated):
    return calibrate(*seen(40, 2), made_from="forty", start=calibrated)


def test_few_images_refine_a_profile_and_stay_near_it(calibrated, refined, fresh):
    views, _ = fresh
    far = np.abs(np.hstack(astuple(refined.weights)) - np.hstack(astuple(calibrated.weights)))
    assert 0 < far.max() < 0.3
    for reader in READERS:
        before, after = (judge(only(reader, views), profile)[1] for profile in (calibrated, refined))
        assert 0 < np.abs(after - before).mean() < 0.2
        assert np.corrcoef(after, before)[0, 1] > 0.95
    assert (refined.made_from, refined.acceptance["fused"].measured_on) == ("forty", 20)


def test_few_images_of_a_harder_kind_lower_the_confidence(calibrated, fresh):
    views, numbers = seen(100, 4)
    hard = np.where(np.random.default_rng(0).random(100) < 0.5, "", numbers)
    refined = calibrate(views, hard, made_from="hard", start=calibrated)
    for reader in READERS:
        before, after = (judge(only(reader, fresh[0]), profile)[1].mean() for profile in (calibrated, refined))
        assert 0.35 * before < after < 0.8 * before


def test_enough_images_forget_where_the_fit_began(calibrated, monkeypatch):
    monkeypatch.setattr("pipeline.calibrate.calibration.ENOUGH", 100)
    images = seen(100, 3)
    alone, again = (calibrate(*images, made_from="", start=start) for start in (None, calibrated))
    assert (alone.weights, alone.confidence) == (again.weights, again.confidence)


@pytest.mark.parametrize("enough", [True, False])
@pytest.mark.parametrize("right", [True, False])
def test_readings_of_which_all_are_right_or_wrong_need_a_start(evidence, right, enough):
    views = Views([evidence("427")] * 40, [evidence("427")] * 40, np.zeros(40, bool))
    numbers = np.full(40, "427" if right else "111")
    with pytest.raises(ValueError, match=rf"some right and some wrong|Received: {40 * right} of 40"):
        fit_confidence(views, numbers, Weights())
    start = Confidence(0.0, (1.0, *[0.0] * 6))
    fitted = fit_confidence(views, numbers, Weights(), start=start, enough=enough)
    shown = np.array([[1.0, *[0.0] * 6]])
    assert (fitted(shown) > start(shown)) == right


def test_confidence_never_falls_where_the_start_s_rises(evidence):
    views = Views([evidence("427", p=p) for p in (0.9999, 0.6) * 40], [None] * 80, np.zeros(80, bool))
    numbers = np.array(["111", "427"] * 40)  # the surest are wrong
    start = Confidence(0.0, (1.0, *[0.0] * 6))
    assert all(c >= 0 for c in fit_confidence(views, numbers, Weights(), start=start).coefficients)


def test_a_sure_segmented_reader_is_seen_alone(evidence):
    views = Views([evidence(p=0.9999), evidence(p=0.9)], [evidence(), evidence()], np.zeros(2, bool))
    alone, both = seen_by("fused", views).whole
    assert alone is None
    assert both is views.whole[1]
    assert seen_by("segmented", views).whole == [None, None]
    assert seen_by("whole", views).segmented == [None, None]


def test_both_networks_look_at_every_image(reader, field, monkeypatch):
    """Also where a reading would ask one alone."""
    monkeypatch.setattr("pipeline.calibrate.calibration.BATCH", 2)
    monkeypatch.setattr("pipeline.decision.decide.SURE", 0.0)
    labels = ["427", "007", "315"]
    images = [field(label)[0] for label in labels]
    views = look_at(reader, iter(images))
    assert [view.number for view in views.segmented] == labels
    assert len(views) == 3
    assert None not in views.whole
    assert {"segmented"} in [set(reading.by_reader) for reading in reader.read_many(images)]


@pytest.mark.parametrize("weighted", [False, True])
def test_the_regression_is_that_of_scikit_learn(weighted):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 3)) * [1, 5, 0.1]
    outcome = rng.random(400) < 1 / (1 + np.exp(-(0.5 + x @ [1, -0.4, 3])))
    weight = rng.uniform(0.1, 2, 400) if weighted else None
    model = LogisticRegression(C=C, tol=1e-8, max_iter=5000).fit(x, outcome, sample_weight=weight)
    intercept, coefficients = fit_logistic(x, outcome, weight)
    assert intercept == pytest.approx(model.intercept_[0], abs=1e-4)
    assert coefficients == pytest.approx(model.coef_[0], abs=1e-4)
