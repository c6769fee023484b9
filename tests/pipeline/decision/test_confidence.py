"""The few numbers that confidence is judged by."""

import numpy as np
import pytest

from pipeline.decision.confidence import NAMES, confidence_features
from pipeline.decision.decide import weigh
from pipeline.decision.fusion import Exponents


@pytest.fixture
def table(said):
    """Function: the features of one image by name."""

    def of(segmented, whole, left_out=False):
        evidence = {source: [one] for source, one in said(segmented, whole).items()}
        (row,) = confidence_features(weigh(evidence, Exponents()), evidence, np.array([left_out]))
        return dict(zip(NAMES, row.tolist(), strict=True))

    return of


def test_a_reader_that_was_not_asked_says_nothing(evidence, table):
    alone = table(evidence(p=0.9), None)
    assert alone["segmented"] == pytest.approx(alone["all"]) == pytest.approx(np.log(0.9**3 / (1 - 0.9**3)))
    assert (alone["whole"], alone["agree"]) == (0, 1)
    alone = table(None, evidence(p=0.9))
    assert alone["whole"] == pytest.approx(alone["all"])
    assert (alone["segmented"], alone["certainty"], alone["other_count"]) == (0, pytest.approx(0, abs=1e-3), 0)


def test_each_readers_own_probability_is_that_of_the_number_taken(evidence, table):
    """Not of its own answer."""
    against = table(evidence("427", 0.99), evidence("429", 0.6))
    agreed = table(evidence("427", 0.99), evidence("427", 0.6))
    assert against["whole"] < agreed["whole"]
    assert against["segmented"] == agreed["segmented"]
    assert (against["agree"], agreed["agree"]) == (0, 1)


def test_an_uncertain_cut_ink_left_out_and_another_count_show(evidence, table):
    sure, cut = (table(evidence(certainty=c), evidence()) for c in (1.0, 0.5))
    assert cut["certainty"] < sure["certainty"] == pytest.approx(0, abs=1e-3)
    assert (sure["other_count"], sure["left_out"]) == (0, 0)
    other = table(evidence("", certainty=0.0, probabilities=np.full((3, 10), 0.1)), evidence(), left_out=True)
    assert (other["other_count"], other["left_out"], other["agree"]) == (1, 1, 0)
    assert np.isfinite(list(other.values())).all()


@pytest.mark.parametrize("p", [1.0, 0.1])
def test_the_surest_and_the_least_sure_are_finite(evidence, table, p):
    assert np.isfinite(list(table(evidence(p=p), evidence(p=p)).values())).all()
