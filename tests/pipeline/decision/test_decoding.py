"""Decoding: the best way through the pieces for each number of digits."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.decision.decoding import (
    CROSSED,
    MAX_DIGITS,
    SHARED,
    SKIP,
    SKIP_EDGE,
    SKIP_INK,
    best_paths,
    candidate_scores,
)

SURE = np.log(0.99)


def singles(n):
    return [(k, k + 1) for k in range(n)]


def test_a_digit_in_two_pieces_is_put_together(divided, probabilities):
    lattice = divided([(0, 1), (1, 2), (1, 3), (2, 3), (3, 4)], 4)
    p = probabilities((4, 0.99), (1, 0.3), (2, 0.98), (1, 0.4), (7, 0.99))
    assert best_paths(lattice, p)[3].candidates == (0, 2, 4)


def test_the_score_of_a_path_is_the_sum_of_the_logarithms(divided, probabilities):
    p = probabilities((4, 0.9), (2, 0.8), (7, 0.7))
    assert best_paths(divided(singles(3), 3), p)[3].score == pytest.approx(np.log([0.9, 0.8, 0.7]).sum())


@pytest.mark.parametrize("n", range(1, MAX_DIGITS + 1))
def test_as_many_clear_digits_as_there_are_score_best(divided, probabilities, n):
    paths = best_paths(divided(singles(n), n), probabilities(*[(5, 0.99)] * n))
    assert len(paths) == MAX_DIGITS + 1
    assert max(range(len(paths)), key=lambda k: paths[k].score) == n
    assert paths[n].candidates == tuple(range(n))
    assert all(len(path.candidates) == k for k, path in enumerate(paths[: n + 1]))


def test_a_path_that_does_not_exist_has_no_score(divided, probabilities):
    paths = best_paths(divided([(0, 1)], 1), probabilities((4, 0.9)))
    assert (paths[3].score, paths[3].candidates) == (-np.inf, ())
    assert paths[1].candidates == (0,)


def test_of_two_cuts_the_one_through_less_ink_wins(divided, probabilities):
    runs = [(0, 1), (1, 3), (0, 2), (2, 3), (3, 4)]
    p = probabilities((4, 0.9), (2, 0.9), (4, 0.9), (2, 0.9), (7, 0.99))
    chosen = [
        best_paths(divided(runs, 4, crossed=crossed), p)[3].candidates for crossed in ([0, 2, 0.5, 0], [0, 0.5, 2, 0])
    ]
    assert chosen == [(2, 3, 4), (0, 1, 4)]


def test_a_cut_costs_what_it_crosses(divided, probabilities):
    p = probabilities((4, 0.9), (2, 0.9))
    free, paid = (candidate_scores(divided(singles(2), 2, crossed=[0, stroke]), p) for stroke in (0, 2))
    assert (free - paid).tolist() == pytest.approx([0, -2 * CROSSED])


def test_neighbours_may_share_a_piece_for_a_price(divided, probabilities):
    lattice = divided([(0, 2), (1, 3), (3, 4)], 4)
    path = best_paths(lattice, probabilities((4, 0.99), (2, 0.99), (7, 0.99)))[3]
    assert path.candidates == (0, 1, 2)
    assert path.score == pytest.approx(3 * SURE + SHARED)


def test_two_digits_that_share_nothing_go_before_two_that_do(divided, probabilities):
    lattice = divided([(0, 2), (1, 3), (2, 3), (3, 4)], 4)
    path = best_paths(lattice, probabilities((4, 0.99), (2, 0.99), (2, 0.9), (7, 0.99)))[3]
    assert path.candidates == (0, 2, 3)


def test_digits_do_not_share_two_pieces(divided, probabilities):
    lattice = divided([(0, 3), (1, 4), (4, 5)], 5)
    assert best_paths(lattice, probabilities((4, 0.99), (2, 0.99), (7, 0.99)))[3].score == -np.inf


def test_a_digit_shares_no_piece_with_itself(divided, probabilities):
    """Two ways to see one piece are not two digits."""
    paths = best_paths(divided([(0, 1), (0, 1)], 1), probabilities((4, 0.99), (4, 0.98)))
    assert paths[1].candidates == (0,)
    assert paths[2].score == -np.inf


@pytest.mark.parametrize(("margin", "back"), [(5, 0), (0, SKIP_EDGE)])
def test_a_piece_left_out_costs_by_its_ink_and_less_at_the_border(divided, probabilities, margin, back):
    lattice = divided(singles(4), 4, margin=margin)
    path = best_paths(lattice, probabilities((4, 0.99), (2, 0.99), (7, 0.99), (1, 0.2)))[3]
    assert path.candidates == (0, 1, 2)
    assert path.score == pytest.approx(3 * SURE + SKIP + SKIP_INK / 4 + back)


def test_a_low_piece_is_cheap_to_leave_out(divided, probabilities):
    p = probabilities((4, 0.99), (2, 0.99), (7, 0.99))
    high, low = (
        best_paths(divided(singles(3), 4, heights=[20, 20, 20, height]), p)[3].score for height in (20, 4)
    )  # fmt: skip
    assert low - high > 3
    assert low < 3 * SURE


def test_leaving_out_all_ink_costs_most(divided, probabilities):
    nothing = best_paths(divided(singles(2), 2), probabilities((4, 0.5), (7, 0.5)))[0]
    assert nothing.candidates == ()
    assert nothing.score == pytest.approx(2 * SKIP + SKIP_INK)


def test_a_low_or_wide_candidate_passes_less_for_a_digit(divided, probabilities):
    lattice = divided([(0, 1), (1, 2), (2, 6)], 6, heights=[20, 8, 20, 20, 20, 20])
    high, low, wide = candidate_scores(lattice, probabilities(*[(4, 0.9)] * 3))
    assert high == pytest.approx(np.log(0.9))
    assert low < high - 1
    assert wide < high - 0.5


def test_scores_do_not_change_with_the_scale_of_the_image(divided, probabilities):
    small = divided([(0, 1), (1, 3)], 3, heights=[12, 20, 20])
    boxes = [tuple(3 * side for side in candidate.box) for candidate in small.candidates]
    large = replace(
        small,
        scale=3.0,
        candidates=tuple(replace(c, box=box) for c, box in zip(small.candidates, boxes, strict=True)),
    )
    p = probabilities((4, 0.9), (7, 0.8))
    np.testing.assert_allclose(candidate_scores(large, p), candidate_scores(small, p))
