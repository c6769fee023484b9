"""Two readers' probabilities become one's."""

import numpy as np
import pytest

from pipeline.fusion import FLOOR, Weights, fuse

EQUAL = Weights(clean=(1.0, 1.0), cut=(1.0, 1.0), certainty=1.0)


def best(p):
    return "".join(map(str, p[0].argmax(axis=1)))


@pytest.mark.parametrize("reader", [0, 1])
def test_one_reader_alone_gives_its_own(evidence, reader):
    views = [None, None]
    views[reader] = [evidence("427", 0.6), evidence("130", 0.9, certainty=0.4)]
    for weights in (EQUAL, Weights(clean=(0.1, 3), cut=(5, 0.2), certainty=2)):
        p = fuse(*views, weights)
        np.testing.assert_allclose(p, np.stack([view.probabilities for view in views[reader]]), atol=1e-6)


def test_rows_sum_to_one(evidence):
    p = fuse([evidence("427", 0.6), evidence("130", 1.0, certainty=0.3)], [evidence("197"), evidence("000")], Weights())
    assert p.shape == (2, 3, 10)
    np.testing.assert_allclose(p.sum(axis=2), 1)


def test_agreement_sharpens_and_disagreement_blurs(evidence):
    alone = fuse([evidence("427", 0.8)], None, EQUAL).max(axis=2)
    agreed = fuse([evidence("427", 0.8)], [evidence("427", 0.8)], EQUAL).max(axis=2)
    apart = fuse([evidence("427", 0.8)], [evidence("916", 0.8)], EQUAL).max(axis=2)
    assert (agreed > alone + 0.1).all()
    assert (apart < alone - 0.1).all()


def test_the_surer_reader_wins_each_digit(evidence):
    assert best(fuse([evidence("427", 0.9)], [evidence("913", 0.7)], EQUAL)) == "427"
    assert best(fuse([evidence("427", 0.7)], [evidence("913", 0.9)], EQUAL)) == "913"


def test_a_larger_exponent_counts_more_and_an_exponent_of_0_not_at_all(evidence):
    both = [evidence("427", 0.8)], [evidence("913", 0.9)]
    assert best(fuse(*both, Weights(clean=(3.0, 1.0)))) == "427"
    deaf = fuse(*both, Weights(clean=(0.0, 1.0)))
    np.testing.assert_allclose(deaf, fuse(None, both[1], EQUAL), atol=1e-3)


def test_no_reader_alone_rules_a_digit_out(evidence):
    """The segmented one is certain of 4, but the other doubts it a thousand times."""
    certain, other = evidence("444", 1.0), evidence("777", 0.99999)
    p = fuse([certain], [other], Weights(clean=(0.5, 1.0)))
    assert best(p) == "777"
    assert (p > 0).all()
    assert fuse([certain], [certain], EQUAL).min() >= FLOOR**2 / 2


def test_clean_fields_and_those_that_were_cut_have_exponents_of_their_own(evidence):
    weights = Weights(clean=(3.0, 0.1), cut=(0.1, 3.0), certainty=0.0)
    both = [evidence("427", certainty=1.0), evidence("427", certainty=0.9)], [evidence("913"), evidence("913")]
    p = fuse(*both, weights)
    assert [best(p[:1]), best(p[1:])] == ["427", "913"]


def test_an_uncertain_cut_draws_to_the_uniform(evidence):
    whole = [evidence("427", 0.4)]
    shares = [fuse([evidence("913", 0.95, certainty=c)], whole, EQUAL)[0, 0, 9] for c in (0.99, 0.5, 0.1, 0.01)]
    assert shares == sorted(shares, reverse=True)
    nothing = fuse([evidence("913", 0.95, certainty=0.0)], whole, EQUAL)
    np.testing.assert_allclose(nothing, fuse(None, whole, EQUAL), atol=1e-3)


def test_half_certain_probabilities_lie_half_way_to_the_uniform(evidence):
    weights = Weights(cut=(2.0, 0.0), certainty=1.0)
    (row, *_), _ = fuse([evidence("913", 0.91, certainty=0.5)] * 2, [evidence()] * 2, weights)
    drawn = np.where(np.arange(10) == 9, (0.91 + 0.1) / 2, (0.01 + 0.1) / 2) + FLOOR
    np.testing.assert_allclose(row, drawn**2 / (drawn**2).sum(), rtol=1e-5)


def test_with_an_exponent_of_0_certainty_draws_nothing(evidence):
    weights = Weights(cut=(1.0, 1.0), certainty=0.0)
    uncertain, certain = (fuse([evidence("913", certainty=c)], [evidence()], weights) for c in (0.01, 0.9))
    np.testing.assert_allclose(uncertain, certain)
