"""Decoding: the best way through the pieces."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from pipeline.combine import best_paths, decide, needs_cuts
from segmenter import Candidate, Segmentation, Segmenter
from segmenter.regions import Regions


@dataclass
class Lattice:
    """Pieces in a row, 10 px wide and 20 high, as a segmentation shows them."""

    runs: list
    n_pieces: int
    crossed: tuple = ()
    cuts: tuple = ()
    text_height: int = 20
    scale: float = 1.0
    regions: Regions = field(default_factory=lambda: Regions(np.zeros((20, 20), np.int32), np.zeros((0, 4), int), 20))

    def __post_init__(self):
        self.crossed = np.array(self.crossed or np.zeros(self.n_pieces))
        self.candidates = tuple(Candidate(a, b, (10 * a + 5, 0, 10 * b + 5, 20)) for a, b in self.runs)
        self.pieces = np.pad(np.repeat(np.arange(self.n_pieces) + 1, 10)[None].repeat(20, 0), ((0, 0), (5, 5)))

    @property
    def boxes(self):
        return tuple(c.box for c in self.candidates)

    ambiguous = property(Segmentation.ambiguous.fget)


def probabilities(*rows):
    """One row for each (digit, probability)."""
    out = np.empty((len(rows), 10), np.float32)
    for k, (digit, p) in enumerate(rows):
        out[k] = (1 - p) / 9
        out[k, digit] = p
    return out


def test_a_digit_in_two_pieces_is_put_together():
    lattice = Lattice([(0, 1), (1, 2), (1, 3), (2, 3), (3, 4)], 4)
    p = probabilities((4, 0.99), (1, 0.3), (2, 0.98), (1, 0.4), (7, 0.99))
    assert best_paths(lattice, p)[3].candidates == (0, 2, 4)
    assert decide(lattice, p, review_below=0.5).number == "427"


def test_three_ways_to_cut_one_digit_are_not_three_digits():
    lattice = Lattice([(0, 1), (0, 2), (0, 3)], 3)
    reading = decide(lattice, probabilities((2, 0.99), (2, 0.99), (2, 0.99)), review_below=0.9)
    assert reading.status == "unreadable"
    assert reading.reason.startswith("found 1 digit")


def test_two_clear_digits_are_two():
    reading = decide(Lattice([(0, 1), (1, 2)], 2), probabilities((4, 0.99), (7, 0.99)), review_below=0.9)
    assert (reading.status, reading.reason) == ("unreadable", "found 2 digits: 4 7")


def test_a_low_piece_left_out_costs_confidence_and_a_high_one_is_a_digit_too_many():
    lattice = Lattice([(0, 1), (1, 2), (2, 3), (3, 4)], 4)
    p = probabilities((4, 0.99), (2, 0.99), (7, 0.99), (1, 0.2))
    assert decide(lattice, p, review_below=0.9).reason == "found 4 digits: 4 2 7 1"
    lattice.pieces[:14, 35:45] = 0
    reading = decide(lattice, p, review_below=0.9)
    assert (reading.number, reading.status) == ("427", "review")
    assert 0.1 < reading.confidence < 0.9


def test_of_two_cuts_the_one_through_less_ink_wins():
    runs = [(0, 1), (1, 3), (0, 2), (2, 3), (3, 4)]
    p = probabilities((4, 0.9), (2, 0.9), (4, 0.9), (2, 0.9), (7, 0.99))
    chosen = [best_paths(Lattice(runs, 4, crossed), p)[3].candidates for crossed in ((0, 2, 0.5, 0), (0, 0.5, 2, 0))]
    assert chosen == [(2, 3, 4), (0, 1, 4)]


def test_a_path_that_does_not_exist_has_no_score():
    paths = best_paths(Lattice([(0, 1)], 1), probabilities((4, 0.9)))
    assert paths[3].score == -np.inf
    assert paths[3].candidates == ()
    assert paths[1].candidates == (0,)


@pytest.mark.parametrize(("sure", "expected"), [(0.99, False), (0.5, True)])
def test_doubt_asks_for_cuts(field, sure, expected):
    segmentation = Segmenter().segment(field("427")[0])
    assert needs_cuts(segmentation, probabilities((4, 0.99), (2, sure), (7, 0.99))) is expected
