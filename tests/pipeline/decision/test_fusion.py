"""The readers' probabilities become one's."""

import numpy as np
import pytest

from pipeline.decision.decide import weigh
from pipeline.decision.fusion import FLOOR, Exponents


def exponents(**kinds):
    """Exponents by kind of field, a pair of the segmented and the whole-image reader."""
    return Exponents(**{kind: dict(zip(("segmented", "whole"), pair, strict=True)) for kind, pair in kinds.items()})


EQUAL = exponents(clean=(1.0, 1.0), cut=(1.0, 1.0), doubtful=(1.0, 1.0))


@pytest.fixture
def fuse(said):
    """Function: probabilities of what the sources say together, or one alone."""
    return lambda segmented, whole, weighed: weigh(said(segmented, whole), weighed)


def best(p):
    return "".join(map(str, p[0].argmax(axis=1)))


@pytest.mark.parametrize("reader", [0, 1])
def test_one_reader_alone_gives_its_own(evidence, fuse, reader):
    both = [None, None]
    both[reader] = [evidence("427", 0.6), evidence("130", 0.9, certainty=0.4)]
    for weighed in (EQUAL, exponents(clean=(0.1, 3), cut=(5, 0.2), doubtful=(2, 0.5))):
        p = fuse(*both, weighed)
        np.testing.assert_allclose(p, np.stack([one.probabilities for one in both[reader]]), atol=1e-6)


def test_rows_sum_to_one(evidence, fuse):
    p = fuse(
        [evidence("427", 0.6), evidence("130", 1.0, certainty=0.3)], [evidence("197"), evidence("000")], Exponents()
    )
    assert p.shape == (2, 3, 10)
    np.testing.assert_allclose(p.sum(axis=2), 1)


def test_agreement_sharpens_and_disagreement_blurs(evidence, fuse):
    alone = fuse([evidence("427", 0.8)], None, EQUAL).max(axis=2)
    agreed = fuse([evidence("427", 0.8)], [evidence("427", 0.8)], EQUAL).max(axis=2)
    apart = fuse([evidence("427", 0.8)], [evidence("916", 0.8)], EQUAL).max(axis=2)
    assert (agreed > alone + 0.1).all()
    assert (apart < alone - 0.1).all()


def test_the_surer_reader_wins_each_digit(evidence, fuse):
    assert best(fuse([evidence("427", 0.9)], [evidence("913", 0.7)], EQUAL)) == "427"
    assert best(fuse([evidence("427", 0.7)], [evidence("913", 0.9)], EQUAL)) == "913"


def test_a_larger_exponent_counts_more_and_an_exponent_of_0_not_at_all(evidence, fuse):
    both = [evidence("427", 0.8)], [evidence("913", 0.9)]
    assert best(fuse(*both, exponents(clean=(3.0, 1.0)))) == "427"
    deaf = fuse(*both, exponents(clean=(0.0, 1.0)))
    np.testing.assert_allclose(deaf, fuse(None, both[1], EQUAL), atol=1e-3)


def test_no_reader_alone_rules_a_digit_out(evidence, fuse):
    """The segmented one is certain of 4, but the other doubts it a thousand times."""
    certain, other = evidence("444", 1.0), evidence("777", 0.99999)
    p = fuse([certain], [other], exponents(clean=(0.5, 1.0)))
    assert best(p) == "777"
    assert (p > 0).all()
    assert fuse([certain], [certain], EQUAL).min() >= FLOOR**2 / 2


def test_clean_cut_and_doubtfully_cut_fields_have_exponents_of_their_own(evidence, fuse):
    weighed = exponents(clean=(3.0, 0.1), cut=(0.1, 3.0), doubtful=(2.0, 0.0))
    segmented = [evidence("427", certainty=certainty) for certainty in (1.0, 0.9, 0.5, 0.49)]
    p = fuse(segmented, [evidence("913")] * 4, weighed)
    assert [best(p[k : k + 1]) for k in range(4)] == ["427", "913", "913", "427"]
    rows = (segmented[3].probabilities.astype(float) + FLOOR) ** 2
    np.testing.assert_allclose(p[3], rows / rows.sum(axis=1, keepdims=True), rtol=1e-5)


def test_a_reader_that_sees_no_three_digits_says_nothing(evidence, fuse):
    nothing = evidence("", certainty=0.0, probabilities=np.full((3, 10), 0.1, np.float32))
    np.testing.assert_allclose(fuse([nothing], [evidence()], EQUAL), fuse(None, [evidence()], EQUAL), atol=1e-3)
