"""From an image to candidates: the whole way."""

import cv2
import numpy as np
import pytest

from segmenter import Segmenter, mnist_crop

FIELDS = [("427", 0), ("190", 1), ("358", 1), ("611", 3), ("777", 4), ("000", 5), ("222", 5), ("945", 7), ("863", 8)]
ROWS = (20, 28, 35)


def enlarge(image, scale):
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR) if scale > 1 else image


def overlap(a, b):
    """Intersection over union of two boxes."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    both = max(width, 0) * max(height, 0)
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


@pytest.fixture(scope="module")
def true_boxes(digit):
    """Function: boxes of the digits of a field, enlarged and moved."""

    def of(label, sample, scale=1, corner=(0, 0)):
        boxes = []
        for k, (value, row) in enumerate(zip(label, ROWS, strict=True)):
            x, y, w, h = cv2.boundingRect((digit(value, sample) > 127).astype(np.uint8))
            box = np.array([28 * k + x, row + y, 28 * k + x + w, row + y + h]) * scale
            boxes.append(box + np.tile(corner, 2))
        return boxes

    return of


@pytest.fixture(scope="module")
def touching(digit):
    """Function: three digits, the first two pushed into each other by a pixel, and their boxes; at x3."""

    def push(label, sample):
        canvas, boxes, left = np.zeros((36, 100), np.uint8), [], 5
        for k, value in enumerate(label):
            ink = digit(value, sample)
            x, y, w, h = cv2.boundingRect((ink > 100).astype(np.uint8))
            left += (0, -1, 5)[k]
            place = canvas[4:32, left : left + w]
            np.maximum(place, ink[:, x : x + w], out=place)
            boxes.append(3 * np.array([left, 4 + y, left + w, 4 + y + h]))
            left += w
        return enlarge(canvas[:, : left + 5], 3), boxes

    return push


@pytest.mark.parametrize("dark", [False, True], ids=["light on dark", "dark on light"])
@pytest.mark.parametrize("scale", [1, 2, 4, 12])
@pytest.mark.parametrize(("label", "sample"), FIELDS)
def test_clean_digits_give_three_candidates(field, digit, true_boxes, label, sample, scale, dark):
    canvas = enlarge(field(label, ROWS, sample)[0], scale)
    found = Segmenter().segment(255 - canvas if dark else canvas)
    assert len(found.candidates) == 3
    assert not found.ambiguous
    for crop, box, true, value in zip(found.crops, found.boxes, true_boxes(label, sample, scale), label, strict=True):
        assert overlap(box, true) > 0.7
        # The strokes are a little thicker or thinner than MNIST's, and may lie a pixel off.
        assert shifted_difference(crop, mnist_crop(digit(value, sample))) < 16


def shifted_difference(a, b):
    """Mean absolute difference at the best of the nine shifts by up to a pixel."""
    shifts = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1)]
    return min(np.abs(np.roll(a, shift, (0, 1)).astype(int) - b).mean() for shift in shifts)


@pytest.mark.parametrize("dark", [False, True], ids=["light on dark", "dark on light"])
@pytest.mark.parametrize(("scale", "corner"), [(1, (1500, 700)), (2, (0, 0)), (4, (2600, 1600)), (12, (300, 900))])
def test_field_somewhere_on_a_large_page(field, true_boxes, scale, corner, dark):
    page = np.zeros((2000, 3000), np.uint8)
    page[corner[1] : corner[1] + 84 * scale, corner[0] : corner[0] + 84 * scale] = enlarge(field("427", ROWS)[0], scale)
    found = Segmenter().segment(255 - page if dark else page)
    assert len(found.candidates) == 3
    for box, true in zip(found.boxes, true_boxes("427", 0, scale, corner), strict=True):
        assert overlap(box, true) > 0.75


@pytest.mark.parametrize(
    ("left", "others"),
    [(10, 10), (30, 30), (20, 0)],
    ids=["narrow", "wide", "one side"],
)
def test_sheet_with_a_dark_border(field, true_boxes, left, others):
    sheet = (230 - 0.7 * enlarge(field("427", ROWS)[0], 3)).astype(np.uint8)
    found = Segmenter().segment(np.pad(sheet, ((others, others), (left, others)), constant_values=100))
    for true in true_boxes("427", 0, 3, (left, others)):
        assert max(overlap(box, true) for box in found.boxes) > 0.7


def test_dark_ink_gives_the_crops_of_bright_ink(field):
    canvas = enlarge(field("427")[0], 3)
    bright, dark = Segmenter().segment(canvas), Segmenter().segment(255 - canvas)
    assert bright.boxes == dark.boxes
    assert np.abs(bright.crops.astype(int) - dark.crops).max() < 10


def test_touching_digits_are_over_segmented_and_each_is_among_the_candidates(touching):
    hits, ambiguous = [], 0
    for sample in range(30):
        label = "".join(map(str, np.random.default_rng(sample).integers(0, 10, 3)))
        image, boxes = touching(label, sample)
        found = Segmenter().segment(image)
        ambiguous += found.ambiguous and len(found.candidates) > 3
        hits += [max(overlap(true, box) for box in found.boxes) > 0.7 for true in boxes]
    assert ambiguous >= 26  # a few pairs still have a pixel of air between them
    assert np.mean(hits) > 0.93


def test_oversegment_cuts_what_stood_apart(field):
    segmenter = Segmenter()
    apart = segmenter.segment(enlarge(field("808")[0], 3))
    cut = segmenter.oversegment(apart)
    assert len(cut.candidates) > len(apart.candidates) == 3
    assert set(apart.boxes) <= set(cut.boxes)
    assert cut.cuts
    assert cut.ambiguous


def test_two_digits_are_not_three(field):
    canvas = field("427")[0]
    canvas[:, 56:] = 0
    found = Segmenter().segment(canvas)
    assert all(box[2] <= 56 for box in found.boxes)


@pytest.mark.parametrize("shape", [(84, 84), (1, 1), (300, 20), (20, 900), (2000, 1500)])
@pytest.mark.parametrize("level", [0, 128, 255])
def test_plain_page_has_no_candidates(shape, level):
    found = Segmenter().segment(np.full(shape, level, np.uint8))
    assert found.candidates == ()
    assert found.crops.shape == (0, 28, 28)
    assert (len(found.pieces), found.text_height, found.contrast) == (0, 0, 0)


@pytest.mark.parametrize("deviation", [1, 4])
def test_paper_grain_has_no_candidates(deviation):
    grain = np.random.default_rng(0).normal(200, deviation, (300, 400))
    assert Segmenter().segment(grain.clip(0, 255).astype(np.uint8)).candidates == ()


@pytest.mark.parametrize("shape", [(200, 300), (1200, 1600)])
def test_noise_has_no_candidates(shape):
    noise = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    assert Segmenter().segment(noise).candidates == ()


def test_faint_writing_is_blank_below_min_contrast(field):
    faint = (220 - 0.1 * enlarge(field("427")[0], 3)).astype(np.uint8)
    assert Segmenter(min_contrast=60).segment(faint).candidates == ()
    assert len(Segmenter(min_contrast=15).segment(faint).candidates) == 3


def test_writing_below_min_text_height_is_not_read(field):
    canvas, _ = field("427")
    assert Segmenter(min_text_height=25).segment(canvas).candidates == ()
    assert len(Segmenter(min_text_height=15).segment(canvas).candidates) == 3


def test_boxes_stay_inside_an_image_that_was_shrunk():
    bars = np.zeros((1025, 1500), np.uint8)
    for x in (200, 700, 1200):
        bars[300:, x : x + 100] = 255
    found = Segmenter().segment(bars)
    assert len(found.boxes) == 3
    assert all(bottom <= 1025 for _, _, _, bottom in found.boxes)


@pytest.mark.parametrize("height", [84, 105, 120, 125])
def test_boxes_are_exact_on_an_image_that_is_not_shrunk(height):
    bars = np.zeros((height, 300), np.uint8)
    for x in (30, 120, 210):
        bars[20 : height - 20, x : x + 20] = 255
    assert Segmenter().segment(bars).boxes == tuple((x, 20, x + 20, height - 20) for x in (30, 120, 210))


def test_close_gap_closes_a_hairline_in_the_mask():
    bars = np.zeros((120, 300), np.uint8)
    for x in (30, 120, 210):
        bars[20:100, x : x + 20] = 255
    bars[60] = 0
    assert not Segmenter(close_gap=0, blur_sigma=0).segment(bars).mask[60].any()
    assert Segmenter(blur_sigma=0).segment(bars).mask[60, 30:50].all()


def test_a_ruling_length_of_0_keeps_printed_lines(field):
    ruled = np.pad(enlarge(255 - field("427")[0][14:70], 3), ((0, 40), (40, 40)), constant_values=255)
    ruled[-24:-21] = 0
    assert not Segmenter().segment(ruled).mask[-24:-21].any()
    assert Segmenter(ruling_length=0).segment(ruled).mask[-24:-21].mean() > 0.9


def test_a_lighting_window_of_0_leaves_the_shadow(field):
    paper = 255 - enlarge(field("427")[0], 3)
    shaded = (paper * np.linspace(1, 0.3, paper.shape[1])).astype(np.uint8)
    assert len(Segmenter().segment(shaded).candidates) == 3
    even, uneven = (Segmenter(lighting_window=window).find_writing(shaded).ink for window in (0.35, 0))
    assert np.median(even[:, -40:]) < 20 < np.median(uneven[:, -40:])
