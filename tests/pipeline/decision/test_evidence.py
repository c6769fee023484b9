"""What each reader says of one image."""

from dataclasses import replace

import numpy as np
import pytest

from classifier.ctc import read_columns
from pipeline.decision.evidence import (
    EDGE,
    LARGER,
    NO_DIGITS,
    OTHER_WRITING,
    Evidence,
    deceives,
    digits_in,
    more_than_a_number,
    needs_cuts,
    of_field,
    of_segmentation,
    of_whole,
)
from pipeline.reader import NumberReader
from pipeline.reading import Digit
from segmenter import Segmenter


def read(*shown, p=0.98):
    """What a field network reads that gives each of these symbols the probability ``p`` in a column of its own."""
    columns = np.full((1, 2 * len(shown), 12), (1 - p) / 11, np.float32)
    columns[0, range(0, 2 * len(shown), 2), shown] = p
    columns[0, 1::2, 11] = p
    return read_columns(columns)


def test_the_field_reader_gives_the_digits_of_the_count_asked_for():
    seen = of_field(read(4, 2, 7), 0)
    assert (seen.number, seen.problem) == ("427", "")
    assert seen.certainty > 0.6
    assert seen.plain > 0.9
    assert of_field(read(4, 2, 7, 1), 0, 4).number == "4271"


def test_the_field_reader_names_another_count():
    assert of_field(read(7, 7, p=0.999), 0).problem == "found 2 digits: 7 7"
    assert of_field(read(11, 11, p=0.999), 0).problem == NO_DIGITS
    assert of_field(read(*range(7), p=0.999), 0).problem == "found more than 6 digits"


@pytest.mark.parametrize(
    ("problem", "digits"),
    [
        ("found 2 digits: 4 7", "47"), ("found 1 digit: 0", "0"), ("found 6 or more digits: 1 2 3 4 5 6", "123456"),
        ("found more than 6 digits", ""), ("found 2 marks, none like a digit of a number", ""), (NO_DIGITS, ""),
    ],
)  # fmt: skip
def test_the_digits_of_another_count_are_in_its_words(problem, digits):
    assert digits_in(problem) == digits


def test_the_field_reader_tells_other_writing_from_another_count():
    assert of_field(read(4, 2, 7, 10, p=0.999), 0).doubt == OTHER_WRITING
    unsure = read(4, 2, 7, p=0.9999)
    assert of_field(replace(unsure, plain=np.array([0.8])), 0).doubt == f"maybe {OTHER_WRITING}"
    assert of_field(read(4, 2, 7, p=0.9), 0).doubt.startswith("could also be")


def singles(n):
    return [(k, k + 1) for k in range(n)]


def test_three_regions_are_three_digits_beyond_doubt(divided, probabilities):
    lattice = divided(singles(3), 3)
    p = probabilities((4, 0.99), (2, 0.8), (7, 0.9))
    seen = of_segmentation(lattice, p)
    assert (seen.number, seen.certainty, seen.problem, seen.doubt) == ("427", 1.0, "", "")
    np.testing.assert_array_equal(seen.probabilities, p)
    assert [digit.probability for digit in seen.digits] == pytest.approx([0.99, 0.8, 0.9])
    assert [digit.box for digit in seen.digits] == list(lattice.boxes)


def test_digits_that_had_to_be_cut_out_are_less_certain_and_name_their_candidates(divided, probabilities):
    lattice = divided([(0, 1), (1, 2), (1, 3), (2, 3), (3, 4)], 4, crossed=[0, 0.5, 0.5, 0.5])
    seen = of_segmentation(lattice, probabilities((4, 0.99), (1, 0.3), (2, 0.98), (1, 0.4), (7, 0.99)))
    assert seen.number == "427"
    assert [digit.candidate for digit in seen.digits] == [0, 2, 4]
    assert [digit.box for digit in seen.digits] == [lattice.boxes[k] for k in (0, 2, 4)]
    assert 0.5 < seen.certainty < 1


def test_certainty_falls_with_the_ink_that_is_cut(divided, probabilities):
    p = probabilities((4, 0.99), (2, 0.99), (7, 0.99), (7, 0.2))
    runs = [*singles(3), (1, 3)]
    free, paid = (of_segmentation(divided(runs, 3, crossed=[0, c, c]), p).certainty for c in (0.1, 3))
    assert paid < free < 1


def test_doubt_tells_an_uncertain_cut_from_another_count(divided, probabilities):
    runs = [*singles(3), (1, 3)]
    cut = divided(runs, 3, crossed=[0, 2, 2])
    assert (
        of_segmentation(cut, probabilities((4, 0.99), (2, 0.99), (7, 0.99), (8, 0.1))).doubt == "the cut is uncertain"
    )
    two = of_segmentation(divided(runs, 3), probabilities((4, 0.99), (2, 0.6), (7, 0.6), (8, 0.35)))
    assert (two.number, two.doubt) == ("427", "could also be 2 digits")


def test_three_ways_to_cut_one_digit_are_not_three_digits(divided, probabilities):
    lattice = divided([(0, 1), (0, 2), (0, 3)], 3)
    assert of_segmentation(lattice, probabilities((2, 0.99), (2, 0.99), (2, 0.99))).problem == "found 1 digit: 2"


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ((4,), "found 1 digit: 4"),
        ((4, 7), "found 2 digits: 4 7"),
        ((4, 2, 7, 1), "found 4 digits: 4 2 7 1"),
        ((1, 2, 3, 4, 5, 6), "found 6 or more digits: 1 2 3 4 5 6"),
    ],
)
def test_another_count_is_named_and_says_nothing_of_the_digits(divided, probabilities, values, problem):
    n = len(values)
    seen = of_segmentation(divided(singles(n), n), probabilities(*((value, 0.99) for value in values)))
    assert (seen.problem, seen.number, seen.certainty) == (problem, "", 0.0)
    np.testing.assert_array_equal(seen.probabilities, np.full((3, 10), 0.1, np.float32))


def test_a_low_piece_left_out_costs_certainty_and_a_high_one_is_a_digit_too_many(divided, probabilities):
    p = probabilities((4, 0.99), (2, 0.99), (7, 0.99), (1, 0.2))
    assert of_segmentation(divided(singles(4), 4), p).problem == "found 4 digits: 4 2 7 1"
    seen = of_segmentation(divided(singles(4), 4, heights=[20, 20, 20, 6]), p)
    assert seen.number == "427"
    assert 0.1 < seen.certainty < 0.9


def test_no_ink_is_a_blank_image(divided, probabilities):
    blank = divided([], 0)
    assert of_segmentation(blank, probabilities()).problem == "blank image"
    assert of_whole(blank, probabilities((4, 0.9), (2, 0.9), (7, 0.9))).problem == "blank image"


def test_marks_of_no_digits_size_are_counted(divided, probabilities):
    assert of_segmentation(divided([], 7), probabilities()).problem == "found 7 marks, none like a digit of a number"


def test_the_whole_image_reader_has_digits_without_boxes(divided, probabilities):
    p = probabilities((4, 0.9), (2, 0.3), (7, 0.6))
    seen = of_whole(divided(singles(2), 2), p)
    assert (seen.number, seen.certainty, seen.problem) == ("427", 1.0, "")
    assert {digit.box for digit in seen.digits} == {None}
    np.testing.assert_array_equal(seen.probabilities, p)


def test_the_uniform_probabilities_of_one_image_are_not_changed_through_another():
    Evidence().probabilities[0, 0] = 1
    assert Evidence().probabilities[0, 0] == pytest.approx(0.1)


@pytest.mark.parametrize(("sure", "expected"), [(0.99, False), (0.5, True)])
def test_doubt_asks_for_cuts(field, probabilities, sure, expected):
    segmentation = Segmenter().segment(field("427")[0])
    assert needs_cuts(segmentation, probabilities((4, 0.99), (2, sure), (7, 0.99))) is expected


def test_what_has_been_cut_is_not_cut_again(divided, probabilities):
    assert not needs_cuts(divided([(0, 1), (0, 2)], 2), probabilities((4, 0.2), (2, 0.2)))


def test_ink_left_out_speaks_for_more_than_the_number(divided):
    assert more_than_a_number(divided(singles(3), 3)) == ""
    assert more_than_a_number(divided(singles(3), 3, left_out=1)) == "ink beside the number was left out"


@pytest.mark.parametrize(
    ("min_contrast", "problem"),
    [(24, "blank image"), (60, "blank image, or ink too faint: 40 gray levels between lightest and darkest")],
)
def test_ink_is_too_faint_by_the_contrast_that_the_segmenter_asked_for(min_contrast, problem):
    page = np.full((84, 84), 200, np.uint8)
    page[40, 40] -= 40  # a speck, which is no digit however clear
    writing = Segmenter(min_contrast=min_contrast).find_writing(page)
    assert of_whole(writing, np.full((3, 10), 0.1, np.float32)).problem == problem


def standing(*boxes):
    return [Digit(7, 0.9, box) for box in boxes]


SIZE = (100, 40)
WITHIN = (10, 5, 25, 30)


@pytest.mark.parametrize("box", [(1, 5, 15, 30), (80, 5, 99, 30), (60, 1, 75, 30), (60, 12, 75, 39)])
def test_a_digit_at_the_edge_of_the_image_may_be_cut_off(box):
    assert deceives(standing(WITHIN, (30, 5, 45, 30), box), SIZE) == EDGE
    assert deceives(standing(WITHIN, (30, 5, 45, 30), (60, 5, 75, 30)), SIZE) == ""


def test_a_digit_much_larger_than_another_may_be_ringed():
    assert deceives(standing(WITHIN, (30, 5, 45, 30), (60, 2, 85, 38)), SIZE) == ""
    assert deceives(standing(WITHIN, (30, 5, 45, 29), (60, 2, 85, 38)), SIZE) == LARGER


def test_a_number_cut_off_by_the_edge_is_for_a_person(row_of):
    image = row_of("427")
    reader = NumberReader.pretrained()
    assert reader.read(image).number == "427"
    cut = reader.read(image[: image.shape[0] * 3 // 4])
    assert cut.status != "accept"
