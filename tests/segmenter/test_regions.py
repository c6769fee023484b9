"""Connected ink becomes regions, left to right; breaks are joined and specks dropped."""

import numpy as np
import pytest

from segmenter.ink.kinds import INK, MARK, SURROUNDING
from segmenter.regions import are_alike, find_regions, is_plain, stand_apart, stands_free, union, with_other_writing


def page(*boxes, shape=(60, 120)):
    """A mask with filled boxes (left, top, right, bottom)."""
    mask = np.zeros(shape, bool)
    for left, top, right, bottom in boxes:
        mask[top:bottom, left:right] = True
    return mask


A, B, C = (10, 10, 20, 50), (45, 8, 60, 50), (90, 12, 100, 52)


def test_regions_run_left_to_right_with_tight_boxes():
    # B begins highest and C lowest, so connected components come in another order.
    found = find_regions(page(C, A, B))
    assert found.boxes.tolist() == [list(A), list(B), list(C)]
    assert len(found) == 3
    for number, (left, top, right, bottom) in enumerate((A, B, C), 1):
        assert (found.labels[top:bottom, left:right] == number).all()


def test_labels_cover_exactly_the_ink_of_the_regions():
    mask = page(A, B, C)
    np.testing.assert_array_equal(find_regions(mask).labels > 0, mask)


def test_text_height_is_that_of_the_writing_not_of_specks():
    specks = [(x, y, x + 1, y + 1) for x in range(2, 118, 4) for y in (2, 57)]
    assert find_regions(page(A, B, C, *specks)).text_height == pytest.approx(40, abs=2)


def test_far_specks_are_dropped():
    found = find_regions(page(A, C, (70, 2, 72, 4), (110, 57, 112, 59)))
    assert found.boxes.tolist() == [list(A), list(C)]
    assert not found.labels[2:4, 70:72].any()


def test_dot_between_digits_is_dropped():
    found = find_regions(page(A, (23, 46, 27, 50), (30, 10, 40, 50)))
    assert found.boxes.tolist() == [list(A), [30, 10, 40, 50]]


def test_broken_stroke_is_joined():
    found = find_regions(page((10, 10, 14, 26), (10, 29, 14, 50), C))
    assert found.boxes.tolist() == [[10, 10, 14, 50], list(C)]
    assert (found.labels[10:26, 12] == 1).all()
    assert (found.labels[29:50, 12] == 1).all()


def test_loose_bar_over_a_digit_is_joined():
    found = find_regions(page((10, 16, 20, 50), (11, 8, 24, 12), C))
    assert found.boxes.tolist() == [[10, 8, 24, 50], list(C)]


def test_bar_of_a_five_is_joined_over_a_wider_gap_where_no_other_digit_is_near():
    body, bar, d = (10, 24, 22, 50), (19, 8, 34, 14), (107, 12, 117, 52)
    assert find_regions(page(body, bar, C, d)).boxes.tolist() == [[10, 8, 34, 50], list(C), list(d)]
    beside = (44, 8, 54, 50)  # as near to the bar as the body
    assert find_regions(page(body, bar, beside, d)).boxes.tolist() == [list(body), list(beside), list(d)]
    dot = (19, 8, 24, 13)
    assert find_regions(page(body, dot, C, d)).boxes.tolist() == [list(body), list(C), list(d)]


def test_stroke_broken_twice_is_one_region():
    found = find_regions(page((10, 10, 14, 20), (10, 22, 14, 40), (10, 42, 14, 48), B, C))
    assert found.boxes.tolist() == [[10, 10, 14, 48], list(B), list(C)]


def test_low_digit_beside_a_tall_one_stays_its_own():
    found = find_regions(page(A, (24, 30, 36, 50), C))
    assert found.boxes.tolist() == [list(A), [24, 30, 36, 50], list(C)]


def test_join_gap_and_speck_are_shares_of_the_height_of_the_writing():
    mask = page((10, 10, 14, 38), (10, 42, 14, 50), C, (70, 20, 74, 30))
    assert find_regions(mask, join_gap=0.01, speck=0.1).boxes.shape == (4, 4)
    assert find_regions(mask, join_gap=0.2, speck=0.1).boxes.shape == (3, 4)
    assert find_regions(mask, join_gap=0.2, speck=0.3).boxes.shape == (2, 4)


@pytest.mark.parametrize("scale", [1, 2, 5])
def test_regions_do_not_depend_on_the_resolution(scale):
    mask = page(A, (23, 46, 27, 50), (45, 10, 49, 26), (45, 29, 49, 50), C)
    large = np.kron(mask, np.ones((scale, scale), bool))
    np.testing.assert_array_equal(find_regions(large).boxes, scale * find_regions(mask).boxes)


@pytest.mark.parametrize("shape", [(60, 120), (1, 1)])
def test_empty_mask_has_no_regions(shape):
    found = find_regions(np.zeros(shape, bool))
    assert len(found) == 0
    assert found.boxes.shape == (0, 4)
    assert found.text_height == 0
    assert not found.labels.any()


def test_mnist_fields_give_three_regions_in_place(field):
    in_place = 0
    for sample in range(30):
        canvas, _ = field("180", rows=(5, 40, 20), sample=sample)
        found = find_regions(canvas > 60)
        centres = (found.boxes[:, 0] + found.boxes[:, 2]) / 2
        in_place += (centres // 28).tolist() == [0, 1, 2]
    assert in_place >= 29  # one eight is in two parts


def test_union_is_the_box_around_boxes():
    assert union(np.array([A, C])).tolist() == [10, 10, 100, 52]


def test_three_tall_regions_side_by_side_stand_apart():
    assert stand_apart(find_regions(page(A, B, C)))


@pytest.mark.parametrize(
    "boxes",
    [
        (A, B),
        (A, B, C, (70, 10, 80, 50)),
        (A, B, (90, 35, 100, 52)),
        (A, (30, 8, 85, 50), C),
        (A, (45, 8, 60, 28), (50, 32, 70, 52)),
    ],
    ids=["two", "four", "one low", "one wide", "two over each other"],
)
def test_other_regions_do_not_stand_apart(boxes):
    assert not stand_apart(find_regions(page(*boxes)))


def plain(*boxes, **kinds):
    mask = page(*boxes)
    shown = np.where(mask, INK, 0).astype(np.uint8)
    for kind in kinds.values():
        shown[0, 0] = kind
    return is_plain(shown, find_regions(mask))


def test_three_whole_digits_alike_within_the_image_are_plain():
    assert plain(A, B, C)
    assert plain(A, B, C, kind=MARK)  # a printed line was taken out
    assert not plain(A, B)
    assert not plain(A, B, (0, 12, 5, 52))  # cut off by the edge
    assert not plain(A, B, (90, 12, 100, 38))  # much lower than the others
    assert not plain((10, 10, 14, 26), (10, 29, 14, 50), B, C)  # put together of two parts
    assert not plain(A, B, C, kind=SURROUNDING)


def test_writing_stands_free_where_paper_is_all_around_it():
    regions = find_regions(page(A, B))
    kinds = page(A, B).astype(np.uint8)
    assert stands_free(kinds, regions)
    assert not stands_free(kinds, find_regions(page(A, (45, 8, 60, 60))))
    assert not stands_free(np.where(page(C), SURROUNDING, kinds).astype(np.uint8), regions)
    assert not stands_free(kinds, find_regions(page()))


def test_regions_in_the_same_places_are_alike():
    some = find_regions(page(A, B, C))
    assert are_alike(some, find_regions(page((11, 9, 21, 51), B, C)))
    assert not are_alike(some, find_regions(page((10, 10, 20, 40), B, C)))
    assert not are_alike(some, find_regions(page(A, B)))
    assert not are_alike(find_regions(page()), find_regions(page()))


def test_other_writing_is_among_what_was_left_out_but_not_its_specks():
    regions = with_other_writing(find_regions(page(A, B)), page(C, (70, 2, 72, 4)))
    assert regions.left_out.tolist() == [list(C)]
