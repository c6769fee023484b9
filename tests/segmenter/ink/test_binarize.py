"""Polarity, lighting, threshold and contrast."""

import cv2
import numpy as np
import pytest

from segmenter.ink.binarize import THRESHOLDS, even_lighting, ink_is_bright, stretch

FIELDS = [(label, sample) for sample, label in enumerate(["427", "190", "358", "611", "777", "000"])]


def on_paper(canvas, scale=3, paper=230, strength=0.7):
    """The canvas enlarged, as dark ink on light paper."""
    large = cv2.resize(canvas, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
    return (paper - strength * large.astype(float)).clip(0, 255).astype(np.uint8)


def shade(gray, darkest=0.4):
    """A linear shadow from left to right."""
    return (gray * np.linspace(1, darkest, gray.shape[1])).astype(np.uint8)


@pytest.mark.parametrize(("label", "sample"), FIELDS)
def test_polarity_of_even_fields(field, label, sample):
    canvas, _ = field(label, sample=sample)
    assert ink_is_bright(canvas)
    assert not ink_is_bright(255 - canvas)


@pytest.mark.parametrize(("label", "sample"), FIELDS)
def test_polarity_under_a_strong_gradient(field, label, sample):
    dark = on_paper(field(label, sample=sample)[0], strength=0.5)
    for shaded in (shade(dark, 0.3), shade(dark, 0.3).T):
        assert not ink_is_bright(shaded)
        assert ink_is_bright(255 - shaded)


@pytest.mark.parametrize("margin", [10, 30])
@pytest.mark.parametrize("level", [40, 100, 160])
def test_polarity_does_not_follow_the_edge_of_the_sheet(field, margin, level):
    desk = np.pad(on_paper(field("427")[0]), margin, constant_values=level)
    assert not ink_is_bright(desk)
    assert ink_is_bright(255 - desk)


def test_polarity_of_a_sheet_on_a_wide_dark_desk(field):
    assert not ink_is_bright(np.pad(on_paper(field("427")[0]), 60, constant_values=40))


def test_even_lighting_makes_ink_bright_on_zero(field):
    canvas, _ = field("427")
    ink = even_lighting(255 - canvas)
    assert np.abs(ink.astype(int) - canvas).mean() < 2


@pytest.mark.parametrize(("label", "sample"), FIELDS)
def test_even_lighting_takes_a_shadow_out(field, label, sample):
    paper = on_paper(field(label, sample=sample)[0])
    plain, shaded = even_lighting(paper), even_lighting(shade(paper))
    difference = np.abs(plain.astype(int) - shaded)
    assert difference[:, : 3 * paper.shape[1] // 4].mean() < 6
    assert difference[plain > 100].mean() < 10


@pytest.mark.parametrize("turns", range(4))
def test_even_lighting_takes_a_shadow_out_up_to_the_border(turns):
    paper = np.rot90(shade(np.full((250, 250), 230, np.uint8)), turns)
    assert even_lighting(np.ascontiguousarray(paper)).max() < 20


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (1, 500), (500, 1), (40, 40)])
@pytest.mark.parametrize("level", [0, 128, 255])
def test_even_lighting_of_plain_paper_is_empty(shape, level):
    ink = even_lighting(np.full(shape, level, np.uint8))
    assert ink.shape == shape
    assert not ink.any()


@pytest.mark.parametrize("name", THRESHOLDS)
@pytest.mark.parametrize("shadow", [False, True], ids=["even", "shadow"])
def test_every_threshold_finds_most_of_the_ink_and_little_else(field, name, shadow):
    canvas, _ = field("358", sample=3)
    paper = on_paper(canvas)
    mask = THRESHOLDS[name](even_lighting(shade(paper) if shadow else paper))
    truth = cv2.resize(canvas, None, fx=3, fy=3, interpolation=cv2.INTER_LINEAR)
    assert mask.dtype == bool
    assert mask[truth > 180].mean() > 0.9
    assert mask[truth == 0].mean() < 0.02


def test_auto_turns_local_where_otsu_calls_a_shadow_ink():
    ink = np.full((90, 120), 20, np.uint8)
    ink[:, 60:] = 160
    ink[20:70, 28:34] = ink[20:70, 88:94] = 255
    assert THRESHOLDS["otsu"](ink)[:, 70:85].all()
    mask = THRESHOLDS["auto"](ink)
    assert not mask[:, 100:].any()
    assert mask[25:65, 28:34].all()
    assert mask[25:65, 88:94].all()


def test_stretch_puts_paper_at_zero_and_strokes_at_full():
    ink = np.full((20, 20), 30, np.uint8)
    ink[5:15, 8:12] = 120
    stretched, contrast = stretch(ink, ink > 60)
    assert contrast == 90
    assert set(np.unique(stretched)) == {0, 255}


def test_stretch_leaves_full_range_ink_alone(field):
    canvas, _ = field("427")
    stretched, contrast = stretch(canvas, canvas > 127)
    np.testing.assert_array_equal(stretched, canvas)
    assert contrast >= 250


@pytest.mark.parametrize("everything", [False, True])
def test_stretch_without_ink_or_without_paper_has_no_contrast(everything):
    ink = np.full((9, 9), 77, np.uint8)
    stretched, contrast = stretch(ink, np.full((9, 9), everything))
    assert contrast == 0
    np.testing.assert_array_equal(stretched, ink)
