"""Kinds of images: what is promised of each is judged by a confidence that was fitted without it."""

import numpy as np
import pytest

from pipeline.calibrate.calibration import calibrate, fit_confidence
from pipeline.decision.decide import Opinions, judge, may_be_accepted, numbers_of
from pipeline.decision.profile import LEAST_CONFIDENCE, Acceptance, Profile
from pipeline.readers import ASKED, SOURCES, WAYS, key_of

EACH = 400
# How often each kind is read right where its readers claim half of what they can: more often where they claim more, but
# nothing that they say tells which kind it is.
RIGHT = {"even": 0.95, "lit": 0.9, "ruled": 0.3}


@pytest.fixture(scope="module")
def labelled(evidence):
    """Opinions of readers that agree, numbers and kinds, of images that lie mixed."""
    rng = np.random.default_rng(0)
    kinds = rng.permutation(np.repeat(list(RIGHT), EACH))
    numbers = np.array([f"{n:03d}" for n in rng.integers(0, 1000, len(kinds))])
    claimed = rng.random(len(kinds))
    right = rng.random(len(kinds)) < np.array([RIGHT[kind] for kind in kinds]) ** (2 - 2 * claimed)
    said = np.where(right, numbers, "555").tolist()
    by_source = {
        source: [evidence(n, p=0.8 + 0.19 * p) for n, p in zip(said, claimed, strict=True)] for source in SOURCES
    }
    return Opinions(by_source, [""] * len(kinds)), numbers, kinds


@pytest.fixture(scope="module")
def calibrated(labelled):
    opinions, numbers, kinds = labelled
    return calibrate(opinions, numbers, made_from="three kinds", kinds=kinds)


@pytest.fixture(scope="module")
def known(labelled):
    """The same without a word on kinds."""
    opinions, numbers, _ = labelled
    return calibrate(opinions, numbers, made_from="three kinds")


@pytest.mark.parametrize("reader", WAYS)
def test_each_kind_is_judged_by_a_confidence_fitted_without_it(labelled, calibrated, reader):
    opinions, numbers, kinds = labelled
    fitted_on = np.arange(len(numbers)) % 2 == 0
    sure, right = [], []
    for kind in RIGHT:
        others, own = fitted_on & (kinds != kind), ~fitted_on & (kinds == kind)
        without = {
            key_of(sources): fit_confidence(opinions.take(others, only=sources), numbers[others], calibrated.exponents)
            for sources in ASKED
        }
        of_kind = opinions.take(own, only=WAYS[reader])
        p, confidence = judge(of_kind, Profile("the others", calibrated.exponents, without, {}))
        may = may_be_accepted(of_kind, p)
        sure += confidence[may].tolist()
        right += (numbers_of(p) == numbers[own])[may].tolist()
    expected = Acceptance.measured(np.array(sure), np.array(right), of=len(numbers) // 2)
    assert len(expected.wrong) > 100
    found = calibrated.acceptance[reader]
    assert (found.measured_on, found.n) == (expected.measured_on, expected.n)
    np.testing.assert_allclose(found.wrong, expected.wrong)


def test_what_reading_goes_by_is_fitted_on_all_kinds(calibrated, known):
    assert calibrated.exponents == known.exponents
    assert calibrated.confidence == known.confidence


@pytest.mark.parametrize("reader", WAYS)
def test_a_kind_that_nobody_foresaw_costs_what_can_be_promised(calibrated, known, reader):
    """The hard kind's mistakes are held for nearly as sure as what is read of the others."""
    foreseen, found = (profile.acceptance[reader] for profile in (known, calibrated))
    assert found.measured_on == foreseen.measured_on
    surest_first = [np.mean([sure for sure, _ in acceptance.wrong]) for acceptance in (foreseen, found)]
    assert surest_first[1] > surest_first[0] + 0.05
    assert found.ceiling < foreseen.ceiling
    assert min(sure for sure, _ in found.wrong) > LEAST_CONFIDENCE


def test_kinds_of_which_none_is_measured_do_no_harm(labelled):
    """A single image of a kind is in one of the two halves."""
    opinions, numbers, kinds = labelled
    single = kinds.copy()
    single[0] = "alone"
    found = calibrate(opinions, numbers, made_from="four kinds", kinds=single)
    assert found.acceptance["fused"].measured_on == len(numbers) / 2
