"""Figures against figures worked out by hand."""

import doctest

import numpy as np
import pytest

from pipeline.benchmark import metrics
from pipeline.benchmark.metrics import (
    Share,
    area_under_risk_coverage,
    brier_score,
    confusion,
    digit_accuracy,
    exact_match,
    expected_calibration_error,
    precision_recall_f1,
    risk_coverage,
)

# Every digit once at every position.
TRUTH = [f"{k}{(k + 1) % 10}{(k + 2) % 10}" for k in range(10)]


def answered(**changes):
    """TRUTH with some answers changed, as ``n012="013"``."""
    return [changes.get(f"n{number}", number) for number in TRUTH]


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [
        (0, 10, 0, 0.27753),
        (5, 10, 0.23659, 0.76341),
        (10, 10, 0.72247, 1),
        (9970, 10_000, 0.99572, 0.99790),
    ],
)
def test_intervals_are_wilsons(right, n, low, high):
    assert Share(right, n).interval == pytest.approx((low, high), abs=1e-5)


def test_a_share_in_words_has_its_interval():
    text = str(Share(9970, 10_000))
    assert text.startswith("99.70%")
    assert "99.57" in text
    assert "99.79" in text


def test_a_share_as_json_has_all_its_parts():
    values = Share(5, 10).as_dict()
    assert (values["value"], values["right"], values["n"]) == (0.5, 5, 10)
    assert (values["low"], values["high"]) == Share(5, 10).interval


def test_exact_match_counts_whole_numbers():
    assert exact_match(["123", "123", "456"], ["123", "124", ""]) == Share(1, 3)


def test_digit_accuracy_counts_digits_and_three_wrong_ones_where_nothing_was_read():
    assert digit_accuracy(["123", "123", "456"], ["123", "124", ""]) == Share(5, 9)


def test_leading_zeros_are_digits():
    assert digit_accuracy(["007"], ["017"]) == Share(2, 3)
    assert exact_match(["007"], ["070"]) == Share(0, 1)


def test_confusions_have_a_column_for_what_was_not_read():
    found = confusion(["123", "123", "456"], ["123", "124", ""])
    expected = np.zeros((10, 11), int)
    expected[[1, 2, 3, 3], [1, 2, 3, 4]] = 2, 2, 1, 1
    expected[[4, 5, 6], 10] = 1
    np.testing.assert_array_equal(found, expected)


def test_all_right_is_one_everywhere():
    for kind in precision_recall_f1(TRUTH, TRUTH).values():
        assert kind == {"precision": 1, "recall": 1, "f1": 1}


def test_digits_that_do_not_occur_do_not_count():
    for kind in precision_recall_f1(["123"], ["123"]).values():
        assert kind == {"precision": 1, "recall": 1, "f1": 1}


def test_one_wrong_digit_costs_the_true_ones_recall_and_the_found_ones_precision():
    found = precision_recall_f1(TRUTH, answered(n012="013"))
    assert found["macro"] == pytest.approx(
        {"precision": (9 + 3 / 4) / 10, "recall": (9 + 2 / 3) / 10, "f1": (8 + 4 / 5 + 6 / 7) / 10}
    )
    assert found["micro"] == pytest.approx({"precision": 29 / 30, "recall": 29 / 30, "f1": 29 / 30})


def test_a_wrong_digit_counts_at_its_position_only():
    found = precision_recall_f1(TRUTH, answered(n012="013"))
    assert found["position 1"]["f1"] == found["position 2"]["f1"] == 1
    # The 2 is never found and has no precision; the 3 is found twice and right once.
    assert found["position 3"] == pytest.approx({"precision": (8 + 1 / 2) / 9, "recall": 0.9, "f1": (8 + 2 / 3) / 10})


def test_what_was_not_read_lowers_recall_and_not_precision():
    found = precision_recall_f1(TRUTH, answered(n012=""))
    assert found["macro"] == pytest.approx({"precision": 1, "recall": (7 + 3 * 2 / 3) / 10, "f1": (7 + 3 * 0.8) / 10})
    assert found["micro"] == pytest.approx({"precision": 1, "recall": 27 / 30, "f1": 54 / 57})


def test_nothing_read_at_all_is_zero():
    found = precision_recall_f1(TRUTH, [""] * 10)
    assert {value for kind in found.values() for value in kind.values()} == {0}
    assert confusion(TRUTH, [""] * 10)[:, 10].tolist() == [3] * 10


def test_risk_grows_with_coverage_where_the_least_confident_are_wrong():
    # In another order than that of confidence: right at 0.9 and 0.7, wrong at 0.6 and 0.2.
    coverage, risk = risk_coverage([0.6, 0.9, 0.2, 0.7], [False, True, False, True])
    assert coverage.tolist() == [0.25, 0.5, 0.75, 1]
    assert risk == pytest.approx([0, 0, 1 / 3, 1 / 2])
    assert area_under_risk_coverage([0.6, 0.9, 0.2, 0.7], [False, True, False, True]) == pytest.approx(5 / 24)


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 3, 1, 4]])
def test_answers_of_one_confidence_are_taken_together_in_whatever_order_they_come(order):
    confidence, right = np.array([0.5, 0.9, 0.5, 0.5, 0.1])[order], np.array([False, True, True, True, False])[order]
    coverage, risk = risk_coverage(confidence, right)
    assert coverage == pytest.approx([1 / 5, 4 / 5, 1])
    assert risk == pytest.approx([0, 1 / 4, 2 / 5])
    assert area_under_risk_coverage(confidence, right) == pytest.approx(3 / 5 * 1 / 4 + 1 / 5 * 2 / 5)


@pytest.mark.parametrize(("right", "area"), [([True] * 3, 0), ([False] * 3, 1)])
def test_all_right_has_no_risk_and_all_wrong_nothing_else(right, area):
    assert area_under_risk_coverage([0.9, 0.5, 0.1], right) == pytest.approx(area)


def test_confidence_that_tells_right_from_wrong_has_the_smallest_area():
    right = [True, True, False, False]
    areas = [area_under_risk_coverage(confidence, right) for confidence in ([4, 3, 2, 1], [1, 1, 1, 1], [1, 2, 3, 4])]
    assert areas == pytest.approx([5 / 24, 1 / 2, (1 + 1 + 2 / 3 + 1 / 2) / 4])


def test_calibration_error_of_two_bins_by_hand():
    # Up to 0.5: mean confidence 0.3, one of three right. Above: mean confidence 0.8, one of two right.
    confidence, right = [0.1, 0.3, 0.5, 0.7, 0.9], [False, False, True, False, True]
    assert expected_calibration_error(confidence, right, 2) == pytest.approx(
        3 / 5 * (1 / 3 - 0.3) + 2 / 5 * (0.8 - 0.5)
    )


def test_calibration_error_is_none_where_confidence_keeps_its_promise():
    assert expected_calibration_error([0.75] * 4 + [0, 1], [True, True, True, False, False, True]) == pytest.approx(0)


@pytest.mark.parametrize(("confidence", "right"), [(1, False), (0, True)])
def test_calibration_error_and_brier_score_of_certain_mistakes_are_one(confidence, right):
    assert expected_calibration_error([confidence] * 3, [right] * 3) == 1
    assert brier_score([confidence] * 3, [right] * 3) == 1


def test_brier_score_is_the_mean_squared_error():
    assert brier_score([0.9, 0.6, 0.2], [True, False, False]) == pytest.approx((0.01 + 0.36 + 0.04) / 3)
    assert brier_score([0.9, 0.7], [True, True]) == pytest.approx((0.01 + 0.09) / 2)


def test_examples_print_what_they_say():
    assert doctest.testmod(metrics).failed == 0
