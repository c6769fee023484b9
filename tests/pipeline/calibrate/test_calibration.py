"""Labelled images become a profile whose confidence can be believed."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from pipeline.calibrate.calibration import C, asked_by, calibrate, fit_confidence, fit_logistic, opinions_on
from pipeline.decision.confidence import NAMES, Confidence
from pipeline.decision.decide import Opinions, judge, may_be_accepted, numbers_of
from pipeline.decision.evidence import Evidence
from pipeline.decision.fusion import Exponents
from pipeline.readers import SOURCES, WAYS

# The probability of all sources together, and nothing else.
OF_ALL = tuple(float(name == "all") for name in NAMES)


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
    """Opinions on ``n`` made-up images and their numbers: half had to be cut, a tenth shows no number.

    The field reader takes half of those for numbers; the segmented one sees as many again in what is one.
    """
    rng = np.random.default_rng(seed)
    segmented, field, whole, numbers = [], [], [], []
    for _ in range(n):
        truth, cut = rng.integers(10, size=3), rng.random() < 0.5
        shows_none = rng.random() < 0.1
        numbers.append("" if shows_none else "".join(map(str, truth)))
        if shows_none or rng.random() < 0.1:
            segmented.append(Evidence(problem="found 2 digits: 4 7"))
        else:
            stated = {"certainty": rng.uniform(0.3, 0.99)} if cut else {}
            segmented.append(boastful(truth, rng, 2.0 if cut else 0.3, **stated))
        if shows_none and rng.random() < 0.5:
            field.append(Evidence(problem="found 2 digits: 4 7", certainty=0.1))
        else:
            field.append(boastful(truth, rng, 0.6, certainty=rng.uniform(0.96, 1), plain=rng.uniform(0.96, 1)))
        whole.append(boastful(truth, rng, 0.8))
    left_out = ["ink" if more else "" for more in rng.random(n) < 0.1]
    return Opinions({"segmented": segmented, "field": field, "whole": whole}, left_out), np.array(numbers)


@pytest.fixture(scope="module")
def labelled():
    return seen(4000, 0)


@pytest.fixture(scope="module")
def fresh():
    return seen(4000, 1)


@pytest.fixture(scope="module")
def calibrated(labelled):
    opinions, numbers = labelled
    return calibrate(opinions, numbers, made_from="made-up images")


def only(reader, opinions):
    """Of one source, or for the fused reader of all on every image."""
    return opinions.take(np.full(len(opinions.left_out), True), only=WAYS[reader])


@pytest.mark.parametrize("reader", WAYS)
def test_confidence_is_the_share_of_fresh_numbers_that_are_right(calibrated, fresh, reader):
    opinions, numbers = fresh
    p, confidence = judge(only(reader, opinions), calibrated)
    right = numbers_of(p) == numbers
    order = np.argsort(confidence)
    for part in np.array_split(order, 5):
        assert confidence[part].mean() == pytest.approx(right[part].mean(), abs=0.06)
    claimed = np.stack(p).max(axis=2).prod(axis=1)
    assert np.square(confidence - right).mean() < np.square(claimed - right).mean()


def test_all_readers_together_are_right_more_often_than_any(calibrated, fresh):
    opinions, numbers = fresh
    right = {reader: np.mean(numbers_of(judge(only(reader, opinions), calibrated)[0]) == numbers) for reader in WAYS}
    assert right["fused"] > max(right[source] for source in SOURCES) + 0.05


@pytest.mark.parametrize("other", ["field", "whole"])
def test_what_was_cut_counts_less(calibrated, other):
    clean, cut = calibrated.exponents.clean, calibrated.exponents.cut
    assert cut["segmented"] / cut[other] < clean["segmented"] / clean[other]


def test_every_set_of_sources_that_is_asked_has_a_confidence(calibrated):
    assert list(calibrated.confidence) == ["segmented", "field", "whole", "segmented+field", "segmented+field+whole"]
    assert all(len(confidence.coefficients) == len(NAMES) for confidence in calibrated.confidence.values())


def test_the_promise_holds_for_fresh_images(calibrated, fresh):
    opinions, numbers = fresh
    for reader in WAYS:
        precision = 0.8 * calibrated.acceptance[reader].ceiling
        p, confidence = judge(only(reader, opinions), calibrated)
        accepted = may_be_accepted(only(reader, opinions), p) & (confidence > calibrated.threshold(reader, precision))
        assert accepted.sum() > 50
        assert np.mean(numbers_of(p)[accepted] == numbers[accepted]) >= precision
        share = calibrated.acceptance[reader].share(precision)
        assert accepted.mean() == pytest.approx(share, abs=0.06)


def test_half_of_the_images_is_never_fitted_on(labelled, calibrated):
    opinions, numbers = labelled
    other = numbers.copy()
    other[1::2] = "999"
    again = calibrate(opinions, other, made_from="made-up images")
    assert again.exponents == calibrated.exponents
    assert again.confidence == calibrated.confidence
    for reader in WAYS:
        assert again.acceptance[reader].measured_on == calibrated.acceptance[reader].measured_on == len(numbers) / 2
        assert len(again.acceptance[reader].wrong) > len(calibrated.acceptance[reader].wrong)
        assert again.threshold(reader, 0.5) is None


def test_the_other_half_is_not_measured_on(labelled, calibrated):
    """Its readings are nowhere in the table of the wrong ones."""
    opinions, _ = labelled
    _, confidence = judge(asked_by("fused", opinions), calibrated)
    fitted, measured = confidence[::2].tolist(), confidence[1::2].tolist()
    listed = [sure for sure, _ in calibrated.acceptance["fused"].wrong]
    assert listed
    assert set(listed) <= set(measured)
    assert not set(listed) & set(fitted)


@pytest.fixture(scope="module")
def refined(calibrated):
    return calibrate(*seen(40, 2), made_from="forty", start=calibrated)


def test_few_images_refine_a_profile_and_stay_near_it(calibrated, refined, fresh):
    opinions, _ = fresh
    far = np.abs(refined.exponents.table(SOURCES) - calibrated.exponents.table(SOURCES))
    assert 0 < far.max() < 0.3
    for reader in WAYS:
        before, after = (judge(only(reader, opinions), profile)[1] for profile in (calibrated, refined))
        assert 0 < np.abs(after - before).mean() < 0.2
        assert np.corrcoef(after, before)[0, 1] > 0.95
    assert (refined.made_from, refined.acceptance["fused"].measured_on) == ("forty", 20)


def test_few_images_of_a_harder_kind_lower_the_confidence(calibrated, fresh):
    opinions, numbers = seen(200, 4)
    hard = np.where(np.random.default_rng(0).random(200) < 0.5, "", numbers)
    refined = calibrate(opinions, hard, made_from="hard", start=calibrated)
    for reader in WAYS:
        before, after = (judge(only(reader, fresh[0]), profile)[1].mean() for profile in (calibrated, refined))
        assert 0.35 * before < after < 0.8 * before


def test_enough_images_forget_where_the_fit_began(calibrated, monkeypatch):
    monkeypatch.setattr("pipeline.calibrate.calibration.ENOUGH", 100)
    images = seen(100, 3)
    alone, again = (calibrate(*images, made_from="", start=start) for start in (None, calibrated))
    assert (alone.exponents, alone.confidence) == (again.exponents, again.confidence)


@pytest.mark.parametrize("enough", [True, False])
@pytest.mark.parametrize("right", [True, False])
def test_readings_of_which_all_are_right_or_wrong_need_a_start(evidence, right, enough):
    opinions = Opinions(dict.fromkeys(SOURCES, [evidence("427")] * 40), [""] * 40)
    numbers = np.full(40, "427" if right else "111")
    with pytest.raises(ValueError, match=rf"some right and some wrong|Received: {40 * right} of 40"):
        fit_confidence(opinions, numbers, Exponents())
    start = Confidence(0.0, OF_ALL)
    fitted = fit_confidence(opinions, numbers, Exponents(), start=start, enough=enough)
    shown = np.array([OF_ALL])
    assert (fitted(shown) > start(shown)) == right


def test_confidence_never_falls_where_the_start_s_rises(evidence):
    opinions = Opinions({"segmented": [evidence("427", p=p) for p in (0.9999, 0.6) * 40]}, [""] * 80)
    numbers = np.array(["111", "427"] * 40)  # the surest are wrong
    start = Confidence(0.0, OF_ALL)
    assert all(c >= 0 for c in fit_confidence(opinions, numbers, Exponents(), start=start).coefficients)


def test_where_the_first_two_are_sure_and_agree_no_third_is_seen(evidence):
    sure, unsure = evidence(p=0.9999), evidence(p=0.9)
    cut, crowded = evidence(p=0.9999, certainty=0.9), evidence(p=0.9999, plain=0.9)
    other = evidence("421", p=0.9999)
    segmented, field = [sure, unsure, sure, cut, sure, sure], [sure, sure, unsure, sure, crowded, other]
    opinions = Opinions({"segmented": segmented, "field": field, "whole": [unsure] * 6}, [""] * 6)
    asked = asked_by("fused", opinions).of_each()
    assert [set(said) for said in asked] == [{"segmented", "field"}, *[set(SOURCES)] * 5]
    assert asked[1]["whole"] is opinions.by_source["whole"][1]
    for source in SOURCES:
        assert [set(said) for said in asked_by(source, opinions).of_each()] == [{source}] * 6


def test_all_networks_look_at_every_image(reader, field, monkeypatch):
    """Also where a reading would not ask the third."""
    monkeypatch.setattr("pipeline.calibrate.calibration.BATCH", 2)
    monkeypatch.setattr("pipeline.decision.decide.SURE", 0.0)
    monkeypatch.setattr("pipeline.decision.decide.SURE_FIELD", 0.0)
    labels = ["427", "007", "315"]
    images = [field(label)[0] for label in labels]
    opinions = opinions_on(iter(images), reader)
    assert [one.number for one in opinions.by_source["segmented"]] == labels
    assert len(opinions.left_out) == 3
    for source in SOURCES:
        assert None not in opinions.by_source[source]
    assert {"segmented", "field"} in [set(reading.by_reader) for reading in reader.read_many(images)]


@pytest.mark.slow
def test_several_processes_say_the_same(reader, field):
    """In the order of the images, whichever process is done first."""
    images = [field(label)[0] for label in ("427", "007", "315", "980", "123")] * 30
    alone, shared = (opinions_on(iter(images), reader, workers=workers) for workers in (1, 2))
    assert [one.number for one in shared.by_source["field"]] == ["427", "007", "315", "980", "123"] * 30
    assert shared.left_out == alone.left_out
    for source in SOURCES:
        pairs = zip(alone.by_source[source], shared.by_source[source], strict=True)
        assert all(np.allclose(one.probabilities, other.probabilities, atol=1e-4) for one, other in pairs)


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
