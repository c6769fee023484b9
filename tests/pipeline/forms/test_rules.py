"""Rules of numbers, checked after reading."""

import pytest

from pipeline.forms.rules import CHECK_DIGITS, Rules


@pytest.mark.parametrize(
    ("rules", "number", "words"),
    [
        (Rules(range=(0, 20)), "20", ""),
        (Rules(range=(0, 20)), "21", "21 is not within 0 to 20"),
        (Rules(sum_of=("a", "b")), "19", ""),
        (Rules(sum_of=("a", "b")), "18", "18 is not the sum of a, b: 07 + 12"),
        (Rules(sum_of=("a", "none")), "07", "cannot be checked: none was not read"),
        (Rules(equal_to="a"), "7", ""),
        (Rules(equal_to="a"), "8", "8 is not equal to a: 07"),
        (Rules(check_digit="luhn"), "18", ""),
        (Rules(check_digit="luhn"), "19", "19 has another check digit by luhn"),
        (Rules(range=(0, 5)), "", ""),
    ],
)
def test_what_a_number_breaks_is_said(rules, number, words):
    assert rules.broken("x", {"x": number, "a": "07", "b": "12", "none": ""}) == words


@pytest.mark.parametrize(
    ("kind", "valid"), [("luhn", "79927398713"), ("gs1", "4006381333931"), ("mod11", "0306406152")]
)
def test_check_digits_are_those_of_the_standards(kind, valid):
    """Examples of the standards' own pages; no other last digit passes."""
    check = CHECK_DIGITS[kind]
    assert [digit for digit in "0123456789" if check(valid[:-1] + digit)] == [valid[-1]]
