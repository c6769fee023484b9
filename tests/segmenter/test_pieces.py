"""Regions are cut into pieces, and pieces put together to runs of a digit's size."""

import numpy as np
import pytest

from segmenter.cut_points import CUT_GENERATORS
from segmenter.pieces import Pieces, crop_runs, cut_regions, digit_sized_runs
from segmenter.regions import find_regions


def cut(regions, generators=("seam",), max_cost=3, max_cuts=12):
    ink = np.where(regions.labels > 0, 255, 0).astype(np.uint8)
    chosen = [CUT_GENERATORS[name] for name in generators]
    return cut_regions(regions, ink, chosen, spacing=0.14, max_cost=max_cost, max_cuts=max_cuts)


def pieces_of(labels):
    """Every label a region of its own."""
    n = int(labels.max())
    return Pieces(labels, labels, np.arange(n), np.zeros((n, len(labels)), int), np.zeros(n))


def pieces_at(*columns, height=40):
    """Pieces as bars, each from one column to another."""
    labels = np.zeros((height, 200), np.int32)
    for number, (left, right) in enumerate(columns, 1):
        labels[:, left:right] = number
    return pieces_of(labels)


def runs(pieces, max_width=1.0, max_gap=0.2, max_pieces=3, text_height=40):
    return digit_sized_runs(pieces, text_height, max_width=max_width, max_gap=max_gap, max_pieces=max_pieces)


@pytest.fixture(scope="module")
def regions(field):
    canvas, _ = field("808")
    return find_regions(np.kron(canvas > 100, np.ones((3, 3), bool)))


@pytest.mark.parametrize("generators", [("seam",), tuple(CUT_GENERATORS)])
def test_pieces_divide_exactly_the_ink_of_the_regions(regions, generators):
    pieces = cut(regions, generators)
    assert len(pieces) > len(regions)
    np.testing.assert_array_equal(pieces.labels > 0, regions.labels > 0)
    assert set(np.unique(pieces.labels)) == set(range(len(pieces) + 1))


@pytest.mark.parametrize("generators", [("seam",), tuple(CUT_GENERATORS)])
def test_runs_that_follow_each_other_divide_the_ink(regions, generators):
    """Also where cuts cross."""
    pieces = cut(regions, generators)
    for middle in range(1, len(pieces)):
        left, right = pieces.ink_of(0, middle), pieces.ink_of(middle, len(pieces))
        assert not (left & right).any()
        np.testing.assert_array_equal(left | right, regions.labels > 0)


def test_each_cut_is_drawn_over_the_height_of_its_region(regions):
    heights = (regions.boxes[:, 3] - regions.boxes[:, 1]).tolist()
    pieces = cut(regions)
    assert pieces.cuts
    for points in pieces.cuts:
        assert points.shape[1] == 2
        assert len(points) in heights
        assert (np.diff(points[:, 1]) == 1).all()


def test_each_piece_has_the_cost_of_the_cut_on_its_left(regions):
    pieces = cut(regions)
    first = np.diff(pieces.region, prepend=-1) > 0
    assert (pieces.crossed[first] == 0).all()
    assert ((pieces.crossed[~first] > 0) & (pieces.crossed[~first] <= 3)).all()


def test_the_cut_that_a_piece_begins_at_divides_it_from_the_piece_before(regions):
    pieces = cut(regions)
    found = [pieces.cut_before(k) for k in range(len(pieces) + 1)]
    first = np.diff(pieces.region, prepend=-1) > 0
    assert [at is None for at in found] == [*first.tolist(), True]
    assert [at for at in found if at is not None] == list(range(len(pieces.cuts)))
    for piece, at in enumerate(found):
        if at is not None:
            points = pieces.cuts[at]
            np.testing.assert_array_equal(pieces.starts[piece][points[:, 1]], points[:, 0])


def test_a_region_has_at_most_max_cuts(regions):
    assert np.bincount(cut(regions, tuple(CUT_GENERATORS), max_cuts=2).region).max() == 3


def test_no_cut_leaves_the_regions_as_they_are(regions):
    pieces = cut(regions, max_cost=0)
    np.testing.assert_array_equal(pieces.labels, regions.labels)
    assert pieces.cuts == ()


def test_no_regions_no_pieces():
    pieces = cut(find_regions(np.zeros((20, 30), bool)))
    assert len(pieces) == 0
    assert runs(pieces) == []


def test_runs_are_all_neighbours_up_to_the_width_of_a_digit():
    assert runs(pieces_at((0, 15), (15, 30), (30, 45))) == [(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)]


def test_runs_do_not_reach_over_a_gap():
    assert runs(pieces_at((0, 10), (12, 20), (40, 50)), max_width=2) == [(0, 1), (0, 2), (1, 2), (2, 3)]


def test_runs_hold_at_most_max_pieces():
    assert runs(pieces_at((0, 5), (5, 10), (10, 15)), max_pieces=1) == [(0, 1), (1, 2), (2, 3)]


def test_low_pieces_are_no_run_of_their_own():
    assert runs(pieces_at((0, 10), height=10)) == []


def test_crops_of_a_run_hold_its_ink_alone():
    pieces = pieces_at((20, 40), (40, 60))
    ink = np.where(pieces.labels == 1, 255, np.where(pieces.labels == 2, 128, 0)).astype(np.uint8)
    crops, boxes = crop_runs(ink, pieces, [(0, 1), (1, 2), (0, 2)])
    assert crops.shape == (3, 28, 28)
    assert [box.tolist() for box in boxes] == [[20, 0, 40, 40], [40, 0, 60, 40], [20, 0, 60, 40]]
    np.testing.assert_array_equal(crops[0], crops[1])  # each scaled to the full range, none of the other's ink
    assert (crops[2] > 0).sum() > 1.8 * (crops[0] > 0).sum()


def test_crops_keep_the_soft_edge_around_the_ink():
    ink = np.zeros((40, 60), np.uint8)
    ink[9:31, 19:31] = 90
    ink[10:30, 20:30] = 255
    labels = (ink > 127).astype(np.int32)
    crops, _ = crop_runs(ink, pieces_of(labels), [(0, 1)])
    assert ((crops[0] > 60) & (crops[0] < 120)).any()


def test_crops_of_more_than_255_pieces_stay_apart():
    columns = [(2 * k, 2 * k + 2) for k in range(300)]
    labels = np.zeros((10, 600), np.int32)
    for number, (left, right) in enumerate(columns, 1):
        labels[:, left:right] = number
    pieces = pieces_of(labels)
    ink = np.full(labels.shape, 200, np.uint8)
    crops, _ = crop_runs(ink, pieces, [(k, k + 1) for k in range(300)])
    assert (crops == crops[0]).all()
