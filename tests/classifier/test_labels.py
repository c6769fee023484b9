"""Labels and targets."""

import numpy as np
import pytest

from classifier.labels import DigitEncoder, NumberEncoder, check_numbers


def test_the_encoder_round_trips():
    encoder = DigitEncoder().fit([3])
    y = np.array([0, 9, 9, 1])
    np.testing.assert_array_equal(encoder.inverse_transform(encoder.transform(y)), y)


@pytest.fixture
def encoder():
    return NumberEncoder().fit([])


@pytest.mark.parametrize(
    ("number", "columns"), [("007", [0, 10, 27]), ("777", [7, 17, 27]), ("112", [1, 11, 22]), ("211", [2, 11, 21])]
)
def test_a_number_is_one_column_for_each_position(encoder, number, columns):
    row = encoder.transform([number])
    assert row.shape == (1, 30)
    assert row.dtype == np.float32
    assert row[0].nonzero()[0].tolist() == columns
    assert row.max() == 1


def test_all_thousand_numbers_round_trip(encoder):
    assert encoder.classes_[[0, 7, 999]].tolist() == ["000", "007", "999"]
    rows = encoder.transform(encoder.classes_)
    assert len(np.unique(rows, axis=0)) == 1000
    np.testing.assert_array_equal(encoder.inverse_transform(rows), encoder.classes_)


def test_the_largest_value_at_each_position_wins():
    outputs = np.full((1, 3, 10), 0.2)
    outputs[0, [0, 1, 2], [4, 0, 7]] = 0.3
    assert NumberEncoder().inverse_transform(outputs).tolist() == ["407"]
    assert NumberEncoder().inverse_transform(outputs.reshape(1, 30)).tolist() == ["407"]


def test_rows_of_digits_are_labels_too(encoder):
    np.testing.assert_array_equal(
        encoder.transform(np.array([[0, 0, 7], [1, 1, 2]])), encoder.transform(["007", "112"])
    )


@pytest.mark.parametrize("kind", [list, np.array, lambda labels: np.array(labels, dtype=object)])
def test_strings_come_in_any_sequence(kind):
    assert NumberEncoder.digits(kind(["007", "112"])).tolist() == [[0, 0, 7], [1, 1, 2]]


def test_no_labels_are_no_rows(encoder):
    assert encoder.transform([]).shape == (0, 30)
    assert encoder.inverse_transform(np.zeros((0, 30))).shape == (0,)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (["427", "42", "x12"], r"Received: \['42', 'x12'\]"),
        (["427\n"], r"Received: \['427\\n'\]"),
        (["４27"], "Received: .'４27'"),
        ([427, 112], r"their digits, shape \(n, 3\). Received: int64 of shape \(2,\)"),
        ([[4, 2, 10]], r"Received: int64 of shape \(1, 3\)"),
        ([[-1, 2, 3]], r"Received: int64 of shape \(1, 3\)"),
        ([[4.0, 2.0, 7.0]], r"Received: float64 of shape \(1, 3\)"),
        ([[4, 2]], r"Received: int64 of shape \(1, 2\)"),
        ("427", r"Received: <U3 of shape \(\)"),
        (np.array([None, "112"]), r"Received: \[None\]"),
    ],
)
def test_labels_that_are_no_numbers_are_named(labels, words):
    with pytest.raises(ValueError, match=f"Numbers should be strings of three digits.*{words}"):
        NumberEncoder.digits(labels)


def test_numbers_are_checked_and_come_back_as_strings():
    canvases = np.zeros((2, 84, 84), np.uint8)
    for y in (["007", "112"], [[0, 0, 7], [1, 1, 2]]):
        checked, numbers = check_numbers(canvases, y)
        assert checked is canvases
        assert numbers.tolist() == ["007", "112"]


@pytest.mark.parametrize(
    ("canvases", "numbers", "words"),
    [
        (np.zeros((84, 84)), ["427"], r"Canvases should have the shape \(n, 84, 84\). Received: \(84, 84\)"),
        (np.zeros((1, 28, 28)), ["427"], r"Received: \(1, 28, 28\)"),
        (np.full((1, 84, 84), 0.5), ["427"], "values 0-255.*Received: 0-0.5"),
        (np.full((1, 84, 84), 256), ["427"], "values 0-255. Received: 0 to 256"),
        (np.full((1, 84, 84), -1), ["427"], "values 0-255. Received: -1 to 0"),
        (np.full((1, 84, 84), np.nan), ["427"], "contains NaN"),
        (np.full((1, 84, 84), np.inf), ["427"], "infinity"),
        (np.full((1, 84, 84), 1j), ["427"], "Complex data not supported"),
        (np.zeros((0, 84, 84)), [], "minimum of 1 is required"),
        (np.zeros((1, 84, 84)), None, "requires y to be passed, but the target y is None"),
        (np.zeros((2, 84, 84)), ["427"], "one number for each of the 2 canvases. Received: 1"),
        (np.zeros((1, 84, 84)), ["47"], r"strings of three digits. Received: \['47'\]"),
    ],
)
def test_canvases_and_numbers_that_do_not_fit_are_named(canvases, numbers, words):
    with pytest.raises(ValueError, match=words):
        check_numbers(canvases, numbers)
