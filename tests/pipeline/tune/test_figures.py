"""Figures of a search."""

import numpy as np

from classifier.search.fits import Fit, Trial
from pipeline.tune import figures


def candidate(score, **params):
    return Trial(params, tuple(Fit(params, k, score + 0.01 * k, 1.0) for k in range(2)))


def test_the_front_has_what_nothing_cheaper_equals_or_beats():
    costs, scores = np.array([3.0, 1.0, 2.0, 2.0, 4.0]), np.array([0.9, 0.5, 0.5, 0.8, 0.9])
    assert figures.pareto(costs, scores).tolist() == [1, 3, 0]


def test_two_varied_parameters_give_a_heat_map_with_every_mean():
    found = [candidate(0.5 + 0.1 * k, rate=rate, width=width, epochs=1)
             for k, (rate, width) in enumerate([(0.1, 4), (0.1, 8), (0.2, 4), (0.2, 8)])]  # fmt: skip
    assert figures.varied(found) == {"rate": [0.1, 0.2], "width": [4, 8]}
    written = {text.get_text() for text in figures.by_parameters(found).axes[0].texts}
    assert written == {"50.50%", "60.50%", "70.50%", "80.50%"}


def test_other_counts_of_parameters_give_a_line_for_each_candidate_the_best_one_thick():
    found = [candidate(score, rate=rate) for score, rate in ((0.9, 0.1), (0.5, 0.2), (float("nan"), 0.3))]
    lines = figures.by_parameters(found).axes[0].lines
    assert sorted(line.get_linewidth() for line in lines) == [0.8, 2.5]
