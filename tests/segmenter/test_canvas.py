"""The writing of an image on one canvas of fixed size."""

import cv2
import numpy as np
import pytest

from segmenter import Segmenter, Writing, fit_canvas, fit_field
from segmenter.canvas import field_views

LABELS = ("427", "315", "986", "111")
FLAT = "007"


def canvas_of(image):
    return fit_canvas(Segmenter().find_writing(image))


def box(canvas, level=60):
    """Left, top, width and height of the ink."""
    return cv2.boundingRect((canvas > level).astype(np.uint8))


def difference(a, b, reach=2):
    """Mean absolute difference after the best alignment."""
    by_boxes = np.subtract(box(b)[:2], box(a)[:2])
    shifts = [by_boxes + np.array([x, y]) for x in range(-reach, reach + 1) for y in range(-reach, reach + 1)]
    moved = [cv2.warpAffine(a, np.float32([[1, 0, x], [0, 1, y]]), a.shape[::-1]) for x, y in shifts]
    return min(np.abs(m.astype(int) - b).mean() for m in moved)


def on_paper(field, scale=3, paper=230, pen=30):
    """Dark ink on a larger sheet."""
    side = 84 * scale
    ink = cv2.resize(field, (side, side), interpolation=cv2.INTER_CUBIC) / 255
    sheet = np.full((side + 60, side + 140), paper, float)
    sheet[20 : 20 + side, 90 : 90 + side] -= ink * (paper - pen)
    return sheet.clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("label", [*LABELS, FLAT])
def test_a_field_comes_back_nearly_unchanged(field, label):
    image, _ = field(label)
    canvas = canvas_of(image)
    assert (canvas.shape, canvas.dtype) == ((84, 84), np.uint8)
    assert difference(canvas, image) < 0.05 * image.mean()


@pytest.mark.parametrize("label", LABELS)
def test_dark_ink_on_large_paper_gives_nearly_the_same_canvas(field, label):
    image, _ = field(label)
    canvas = canvas_of(on_paper(image))
    assert difference(canvas, canvas_of(image)) < 0.35 * image.mean()
    np.testing.assert_allclose(box(canvas), box(canvas_of(image)), atol=2)


@pytest.mark.parametrize("label", LABELS)
def test_soft_edges_are_kept_on_even_paper(field, label):
    soft = cv2.GaussianBlur(field(label)[0], (0, 0), 1.0)
    assert (canvas_of(soft) > 0).sum() > 0.95 * (soft > 8).sum()


@pytest.mark.parametrize("label", LABELS)
def test_grain_of_the_paper_is_left_out(field, label):
    sheet = on_paper(field(label)[0])
    grain = np.random.default_rng(0).normal(0, 6, sheet.shape)
    canvas = canvas_of((sheet + grain).clip(0, 255).astype(np.uint8))
    far = cv2.dilate((canvas > 100).view(np.uint8), np.ones((9, 9), np.uint8)) == 0
    assert far.mean() > 0.5
    assert not canvas[far].any()


@pytest.mark.parametrize("scale", [1, 2, 5])
def test_writing_is_as_high_as_mnists_digits_whatever_the_scale(field, scale):
    canvas = canvas_of(on_paper(field("315", rows=(28, 28, 28))[0], scale))
    assert box(canvas)[3] == pytest.approx(22, abs=2)


@pytest.mark.parametrize("rows", [(0, 0, 0), (56, 56, 56), (0, 28, 56)])
def test_writing_is_centred(field, rows):
    left, top, width, height = box(canvas_of(field("427", rows)[0]))
    assert left + width / 2 == pytest.approx(42, abs=1)
    assert top + height / 2 == pytest.approx(42, abs=1)


def test_writing_too_wide_with_its_gaps_closed_is_shrunk_to_fit(field):
    image, _ = field("427")
    wide = np.hstack([image[20:64]] * 3)
    canvas = canvas_of(wide)
    (_, _, width, height), (*_, height_before) = box(canvas), box(wide)
    assert not canvas[:, [0, 1, -2, -1]].any()
    assert width == pytest.approx(80, abs=3)
    assert 0.35 * height_before < height < 0.75 * height_before


def test_high_writing_is_shrunk_to_fit(field):
    image, _ = field("427", rows=(0, 28, 56))
    canvas = canvas_of(np.kron(image, np.ones((3, 1), np.uint8)))
    assert not canvas[[0, 1, -2, -1]].any()
    assert box(canvas)[3] == pytest.approx(80, abs=3)


def test_specks_are_left_out(field):
    image, _ = field("111")
    specked = image.copy()
    specked[4:6, 40:42] = specked[40:42, 26:28] = 255  # above the ones, and between two of them
    np.testing.assert_array_equal(canvas_of(specked), canvas_of(image))


@pytest.mark.parametrize("side", [20, 40, 80])
def test_writing_may_fill_the_image(side):
    stripes = np.zeros((side, side), np.uint8)
    stripes[:, ::3] = 255
    assert canvas_of(stripes).any()


def test_digits_without_paper_around_them_are_no_error(digits):
    for image in digits[0]:
        left, top, width, height = cv2.boundingRect(image)
        assert canvas_of(image[top : top + height, left : left + width]).shape == (84, 84)


@pytest.mark.parametrize("gray", [0, 200, 255])
def test_a_blank_image_gives_a_blank_canvas(gray):
    canvas = canvas_of(np.full((50, 90), gray, np.uint8))
    assert canvas.shape == (84, 84)
    assert not canvas.any()


@pytest.mark.parametrize("label", ["427", "111"])
def test_a_look_is_the_first_half_of_a_segmentation(field, label):
    image = on_paper(field(label)[0])
    writing, segmentation = Segmenter().find_writing(image), Segmenter().segment(image)
    assert type(writing) is Writing
    np.testing.assert_array_equal(writing.regions.boxes, segmentation.regions.boxes)
    np.testing.assert_array_equal(writing.ink, segmentation.ink)
    np.testing.assert_array_equal(fit_canvas(writing), fit_canvas(segmentation))


def test_a_look_checks_its_parameters(field):
    with pytest.raises(ValueError, match="`threshold` should be one of"):
        Segmenter(threshold="guess").find_writing(field()[0])


def test_a_look_refuses_what_is_no_image():
    with pytest.raises(OSError, match="nothing.png"):
        Segmenter().find_writing("nothing.png")


def far_apart(image, gap):
    """The digits of a field in columns 0, 28 and 56 with ``gap`` columns of paper between."""
    paper = np.zeros((84, gap), np.uint8)
    return np.hstack([image[:, :28], paper, image[:, 28:56], paper, image[:, 56:]])


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("gap", [30, 120])
def test_digits_far_apart_are_moved_together_at_their_size(field, label, gap):
    image, _ = field(label)
    canvas = canvas_of(far_apart(image, gap))
    assert box(canvas)[3] == pytest.approx(box(image)[3], abs=2)
    assert box(canvas)[2] <= 80
    assert canvas.sum() == pytest.approx(int(image.sum()), rel=0.1)
    alone = [canvas_of(image[:, 28 * k : 28 * k + 28]) for k in (0, 2)]
    left, _, width, _ = box(canvas)
    for own, columns in zip(alone, (np.s_[left : left + 8], np.s_[left + width - 8 : left + width]), strict=True):
        x, _, w, _ = box(own)
        inner = own[:, x : x + 8] if columns.start == left else own[:, x + w - 8 : x + w]
        assert difference(np.pad(inner, ((0, 0), (9, 9))), np.pad(canvas[:, columns], ((0, 0), (9, 9)))) < 12


def test_writing_that_fits_is_left_apart(field):
    image, _ = field("427")
    assert box(canvas_of(image))[2] == pytest.approx(box(image)[2], abs=1)


@pytest.mark.parametrize(("shape", "inside"), [((32, 64), (64, 128)), ((100, 50), (64, 32)), ((10, 400), (3, 128))])
def test_a_field_keeps_its_aspect_in_the_middle(shape, inside):
    gray = np.full(shape, 200, np.uint8)
    gray[: shape[0] // 2] = 50
    field = fit_field(gray)
    assert field.shape == (64, 128)
    rows = np.flatnonzero((field == 0).any(axis=1))
    assert abs(len(rows) - inside[0] / 2) <= 1
    columns = np.flatnonzero((field == 0).any(axis=0))
    assert abs(len(columns) - inside[1]) <= 1 or inside == (64, 128)


def test_a_field_of_faint_ink_is_stretched():
    gray = np.full((64, 128), 180, np.uint8)
    gray[20:40, 30:60] = 150
    field = fit_field(gray)
    assert field.min() == 0
    assert field.max() == 255


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_blank_field_stays_even(level):
    assert np.ptp(fit_field(np.full((40, 90), level, np.uint8)).astype(int)) == 0


def test_small_writing_is_seen_closer():
    image = np.full((120, 200), 230, np.uint8)
    cv2.line(image, (90, 50), (90, 80), 20, 6)
    cv2.line(image, (110, 50), (110, 80), 20, 6)
    writing = Segmenter().find_writing(image)
    (closer,) = field_views(writing)
    assert closer.shape == (64, 128)
    tall = [np.ptp(np.flatnonzero((view < 100).any(axis=1))) for view in (writing.field, closer)]
    assert tall[1] > 1.7 * tall[0]


def test_a_blank_field_has_no_closer_view():
    assert len(field_views(Segmenter().find_writing(np.full((40, 60), 200, np.uint8)))) == 3


def test_views_of_large_writing_are_smaller_and_lean_either_way():
    field = np.zeros((64, 128), np.uint8)
    field[10:54, 60:68] = 255
    writing = Segmenter().find_writing(field)
    np.testing.assert_array_equal(writing.field, field)
    *_, smaller, right, left = field_views(writing)
    tall = [np.flatnonzero((view > 127).any(axis=1)) for view in (field, smaller)]
    assert np.ptp(tall[1]) == pytest.approx(0.87 * np.ptp(tall[0]), abs=2)

    def drift(view):
        rows, columns = np.nonzero(view > 127)
        return np.polyfit(rows, columns, 1)[0]

    assert drift(smaller) == pytest.approx(0, abs=0.02)
    assert drift(right) == pytest.approx(-drift(left), abs=0.03)
    assert abs(drift(left)) > 0.15
