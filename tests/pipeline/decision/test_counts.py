"""How many digits an image is read as having."""

import numpy as np

from classifier.ctc import read_columns
from classifier.number_format import NumberFormat
from pipeline.decision.counts import counts_of_candidates, counts_of_columns

ANY, THREE = NumberFormat.of((1, 6)), NumberFormat.of(3)


def test_the_most_probable_count_of_the_format_is_taken():
    shown = [[4, 4, 11, 2, 11, 7], [11, 8, 11, 0, 11, 11], [11] * 6]
    columns = read_columns(0.98 * np.eye(12, dtype=np.float32)[shown] + 0.02 / 12)
    assert counts_of_columns(columns, ANY) == [3, 2, 1]
    assert counts_of_columns(columns, THREE) == [3, 3, 3]
    assert counts_of_columns(columns, NumberFormat.of((3, 4))) == [3, 3, 3]


def test_candidates_that_all_look_like_digits_are_counted(divided, probabilities):
    for count in (1, 2, 4):
        found = divided([(k, k + 1) for k in range(count)], count)
        p = probabilities(*[(7, 0.99)] * count)
        assert counts_of_candidates([found], [p], ANY) == [count]
        assert counts_of_candidates([found], [p], THREE) == [3]


def test_an_image_without_candidates_has_the_first_count(divided):
    assert counts_of_candidates([divided([], 0)], [np.zeros((0, 10), np.float32)], ANY) == [1]
