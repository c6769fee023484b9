"""What counts as a number."""

import pytest

from classifier.number_format import FORMAT, NumberFormat
from segmenter.regions import LENGTHS


def test_three_digits_is_the_only_format_now():
    assert (FORMAT.lengths, FORMAT.positions, FORMAT.dtype, FORMAT.words) == ((3,), 3, "<U3", "three digits")
    assert len(FORMAT.numbers()) == 1000
    assert (FORMAT.numbers()[0], FORMAT.numbers()[7], FORMAT.numbers()[-1]) == ("000", "007", "999")


def test_the_segmenter_takes_as_many_regions_for_a_number():
    assert FORMAT.lengths == LENGTHS


@pytest.mark.parametrize("text", ["", "42", "4270", "42a", "-42", " 42", "4.2", "४२७", "²²²"])
def test_other_texts_are_no_numbers(text):
    assert not FORMAT.matches(text)


def test_lengths_may_differ():
    short = NumberFormat((1, 2))
    assert (short.positions, short.dtype, short.words) == (2, "<U2", "one or two digits")
    assert [text for text in ("7", "07", "007") if short.matches(text)] == ["7", "07"]
    assert short.numbers()[8:12] == ["8", "9", "00", "01"]
