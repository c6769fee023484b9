"""Cuts run from top to bottom through as little ink as there is."""

import numpy as np
import pytest

from segmenter.cut_paths import Cut, Strokes, distinct


def strokes_of(mask):
    return Strokes(255 * mask.astype(np.uint8), mask)


@pytest.fixture
def slanted():
    """Ink left and right of a gap of 7 columns that moves right by a column a row."""
    rows, columns = np.mgrid[:40, :60]
    return np.abs(columns - 10 - rows) > 3


def test_a_cut_runs_through_its_point_and_from_row_to_row_by_a_column_at_most(slanted):
    for row, column in ((0, 30), (20, 3), (39, 59)):
        cut = strokes_of(slanted).cut(row, column)
        assert cut.columns[row] == column
        assert cut.columns.shape == (40,)
        assert np.abs(np.diff(cut.columns)).max() <= 1


def test_cut_follows_a_slanted_gap(slanted):
    cut = strokes_of(slanted).cut(20, 30)
    assert not slanted[np.arange(40), cut.columns].any()
    assert cut.columns[-1] - cut.columns[0] > 25


def test_no_way_through_a_point_costs_less_than_its_cut(slanted):
    strokes = strokes_of(slanted)
    assert strokes.through[20, 5] == pytest.approx(strokes.cut(20, 5).cost)
    assert strokes.through[20, 30] < strokes.through[20, 5]
    straight = strokes.price[:, 5].sum() / strokes.width
    assert strokes.cut(20, 5).cost <= straight + 1e-5


def test_a_cut_keeps_to_the_soft_joint_of_two_strokes():
    """Where two strokes touch along their length the mask has no gap, but the ink is fainter there."""
    ink = np.full((30, 21), 255, np.uint8)
    ink[:, 10] = 90
    strokes = Strokes(ink, np.ones(ink.shape, bool))
    assert (strokes.cut(15, 10).columns == 10).all()
    assert strokes.through[15].argmin() == 10


def test_cuts_that_part_the_ink_alike_are_one():
    mask = np.zeros((30, 40), bool)
    mask[:, :16] = mask[:, 24:] = True
    strokes = strokes_of(mask)
    cuts = [strokes.cut(15, column) for column in (17, 20, 23, 8, 30)]
    kept = distinct(cuts, strokes, most=9, max_cost=99)
    assert int(kept[0].columns[15]) == 8
    assert len(kept) == 3
    assert kept[1].cost < 1 < kept[0].cost


def test_cheap_cuts_are_kept_first(slanted):
    strokes = strokes_of(slanted)
    cuts = [strokes.cut(20, column) for column in range(2, 58, 6)]
    assert len(distinct(cuts, strokes, most=3, max_cost=99)) == 3
    limit = sorted(cut.cost for cut in cuts)[2]
    assert {cut.cost for cut in distinct(cuts, strokes, most=99, max_cost=limit)} <= {
        c.cost for c in cuts if c.cost <= limit
    }
    places = [cut.columns.mean() for cut in distinct(cuts, strokes, most=99, max_cost=99)]
    assert places == sorted(places)


def test_a_cut_that_has_all_ink_on_one_side_is_none():
    mask = np.zeros((30, 40), bool)
    mask[:, 10:30] = True
    left, right = Cut(np.full(30, 9), 0.0), Cut(np.full(30, 31), 0.0)
    assert distinct([left, right], strokes_of(mask), most=9, max_cost=9) == []


@pytest.mark.parametrize("width", [1, 2, 3, 5, 8])
def test_stroke_width_of_a_bar_and_a_ring(width):
    ring = np.zeros((90, 90), bool)
    ring[5:85, 5:85] = True
    ring[5 + width : 85 - width, 5 + width : 85 - width] = False
    assert strokes_of(ring).width == pytest.approx(width, rel=0.05)
    bar = np.zeros((110, 30), bool)
    bar[5:105, 10 : 10 + width] = True
    assert strokes_of(bar).width == pytest.approx(width, rel=0.1)


def test_cut_is_frozen():
    with pytest.raises(AttributeError):
        Cut(np.zeros(3, int), 1.0).cost = 0.0
