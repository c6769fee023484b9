"""Sums over all readings of the columns, against writing them all down."""

import itertools

import numpy as np
import pytest

from classifier.ctc import NOTHING, OTHER, best_numbers, read_columns


def columns_of(*symbols, n=1):
    """Columns that show these symbols for certain, (n, T, 12)."""
    return np.repeat(np.eye(12, dtype=np.float32)[list(symbols)][None], n, axis=0)


@pytest.fixture(scope="module")
def few():
    """Two fields of four columns, (2, 4, 12)."""
    return np.random.default_rng(0).dirichlet(np.full(12, 0.3), (2, 4)).astype(np.float32)


@pytest.fixture(scope="module")
def written_down(few):
    """Every one of the 12 ** 4 readings: its digits and its probability in both fields."""
    readings = []
    for path in itertools.product(range(12), repeat=4):
        shown = [NOTHING if symbol == OTHER else symbol for symbol in path]
        digits = [symbol for symbol, _ in itertools.groupby(shown) if symbol != NOTHING]
        readings.append((digits, few[:, range(4), path].prod(axis=1)))
    return readings


def test_counts_sum_over_all_readings(few, written_down):
    expected = np.zeros((2, 8))
    for digits, p in written_down:
        expected[:, len(digits)] += p
    np.testing.assert_allclose(read_columns(few).counts, expected, atol=1e-6)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_digits_sum_over_the_readings_of_their_count(few, written_down, count):
    expected = np.zeros((2, count, 10))
    for digits, p in written_down:
        if len(digits) == count:
            expected[:, range(count), digits] += p[:, None]
    expected /= expected.sum(axis=2, keepdims=True)
    np.testing.assert_allclose(read_columns(few).digits(count), expected, atol=1e-5)


def test_a_digit_over_several_columns_is_one_and_a_gap_parts_equal_ones():
    assert best_numbers(read_columns(columns_of(7, 7, 7, NOTHING, 7, 4, 4))).tolist() == ["774"]


def test_other_writing_is_no_digit_but_seen():
    plain = read_columns(columns_of(4, 4, NOTHING, 2, NOTHING, 7))
    signed = read_columns(columns_of(4, 4, NOTHING, 2, OTHER, 7))
    assert best_numbers(signed).tolist() == best_numbers(plain).tolist() == ["427"]
    assert plain.plain[0] == 1
    assert signed.plain[0] == 0


def test_seven_digits_are_more_than_can_be_told():
    found = read_columns(columns_of(1, 2, 3, 4, 5, 6, 7))
    assert found.counts[0].argmax() == 7
    assert best_numbers(found).tolist() == [""]


def test_certainty_is_the_probability_of_the_best_reading(few, written_down):
    found = read_columns(few)
    assert (found.certainty <= found.plain).all()
    sure = read_columns(columns_of(4, 4, NOTHING, 2, NOTHING, 7))
    assert sure.certainty[0] == pytest.approx(1)
    assert read_columns(columns_of(4, OTHER)).certainty[0] == 0


def test_further_views_of_some_fields_are_averaged():
    first = read_columns(np.concatenate([columns_of(4, NOTHING), columns_of(2, NOTHING)]))
    other = read_columns(columns_of(4, 7))
    mean = first.with_views(np.array([1]), other)
    np.testing.assert_array_equal(mean.counts[0], first.counts[0])
    np.testing.assert_allclose(mean.counts[1, :3], [0, 0.5, 0.5])
    assert mean.digits(1)[1, 0].argmax() == 2
    assert mean.digits(2)[1].argmax(axis=1).tolist() == [4, 7]


@pytest.mark.parametrize("count", [0, 7])
def test_counts_beyond_one_to_six_are_refused(few, count):
    with pytest.raises(ValueError, match="between 1 and 6"):
        read_columns(few).digits(count)


def test_no_field_gives_no_answer():
    found = read_columns(np.zeros((0, 32, 12), np.float32))
    assert found.counts.shape == (0, 8)
    assert best_numbers(found).shape == (0,)
