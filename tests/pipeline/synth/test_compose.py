"""Composed fields: what they say they show is what stands on them."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.synth.compose import (
    KEPT_OUT,
    KINDS,
    LONGEST,
    _composed,
    _shows,
    any_kind,
    compose,
    compose_fields,
    compose_pixels,
    one_kind,
)
from pipeline.synth.hands import hands_of
from pipeline.synth.lens import label
from pipeline.synth.marks.cameras import CAMERAS
from segmenter.ink.kinds import INK, MARK, PAPER, SURROUNDING, WRITING

ALL_KINDS = sorted(name for names in KINDS.values() for name in names)
# Of these there is no number left, or one digit less.
SPOILED = {"struck_out", "corrected_digit"}


@pytest.fixture(scope="module")
def hands(digits):
    return hands_of(*digits, seed=0)


@pytest.mark.parametrize("name", ALL_KINDS)
def test_every_kind_keeps_its_promise(hands, name):
    for seed in range(6):
        field = compose(hands, np.random.default_rng(seed), one_kind(name), number="427")
        assert field.image.dtype == np.uint8
        assert field.image.ndim == 2
        assert min(field.image.shape) >= 4
        assert name in field.kinds
        digits = field.sequence.replace("x", "")
        assert digits == field.number
        assert len(field.boxes) == len(field.number)
        if name not in SPOILED:
            assert field.number == "427"
        if name in KINDS["beside"]:
            assert "x" in field.sequence or name in ("second_number", "tick", "sign", "letters")


@pytest.mark.parametrize("name", sorted(SPOILED))
def test_a_spoiled_number_is_not_read_as_if_it_stood(hands, name):
    field = compose(hands, np.random.default_rng(1), one_kind(name), number="417")
    assert "417" not in field.sequence
    assert "x" in field.sequence


@pytest.mark.parametrize("kept_out", [False, True])
def test_kept_out_kinds_are_in_no_other_fields(hands, kept_out):
    recipe, rng = any_kind(kept_out=kept_out), np.random.default_rng(2)
    seen = {kind for _ in range(150) for kind in compose(hands, rng, recipe).kinds} - {"plain"}
    assert seen
    assert all((kind in KEPT_OUT) == kept_out for kind in seen)


def test_nearly_a_third_of_the_kinds_is_kept_out():
    assert set(ALL_KINDS) >= KEPT_OUT
    assert len(KEPT_OUT) * 10 > 3 * len(ALL_KINDS)


def test_a_seed_fixes_every_pixel(hands):
    one, other = (compose(hands, np.random.default_rng(5), any_kind()) for _ in range(2))
    np.testing.assert_array_equal(one.image, other.image)
    assert one.sequence == other.sequence
    assert one.kinds == other.kinds


def test_boxes_hold_the_digits_ink(hands):
    field = compose(hands, np.random.default_rng(3), one_kind("plain", detail=(2.0, 2.0)), number="888")
    paper = np.median(field.image)
    for left, top, right, bottom in field.boxes.round().astype(int).tolist():
        inside = field.image[max(0, top) : bottom, max(0, left) : right]
        assert np.abs(inside.astype(float) - paper).max() > 0.5 * np.abs(field.image - paper).max()


def test_numbers_of_every_length_are_written(hands):
    for number in ("", "7", "123456", "0000000"):
        assert compose(hands, np.random.default_rng(4), one_kind("plain"), number=number).number == number


def test_fields_for_a_network(hands):
    images, sequences = compose_fields(5, np.random.default_rng(0), hands=hands, recipe=any_kind())
    assert images.shape == (5, 64, 128)
    assert images.dtype == np.uint8
    assert all(len(sequence) <= LONGEST and "xx" not in sequence for sequence in sequences)


def pixels_of(hands, name, *, number="427", seed=0, slips=0.0):
    """A field of one kind, and what its pixels show."""
    recipe = replace(one_kind(name, detail=(2.0, 2.0)), slips=slips)
    field, sheet, view = _composed(hands, np.random.default_rng(seed), recipe, number)
    return field, label(sheet, view)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("plain", {INK}),
        ("zero_slashes", {INK}),
        ("hollow", {INK}),
        ("guilloche", {INK}),
        ("frame", {INK, MARK}),
        ("ring", {INK, MARK}),
        ("underline", {INK, MARK}),
        ("bracket", {INK, WRITING}),
        ("second_number", {INK, WRITING}),
        ("struck_out", {WRITING}),
    ],
)
def test_pixels_show_what_was_drawn_there(hands, name, shown):
    field, kinds = pixels_of(hands, name, number="400")
    assert kinds.shape == field.image.shape
    assert set(np.unique(kinds).tolist()) - {PAPER} == shown


def test_pixels_of_ink_are_those_of_the_digits(hands):
    field, kinds = pixels_of(hands, "rules_across")
    rows, columns = np.nonzero(kinds == INK)
    assert abs(columns.min() - field.boxes[:, 0].min()) < 3
    assert abs(columns.max() - field.boxes[:, 2].max()) < 3
    assert (kinds == MARK).any(axis=0).mean() > 0.9
    for left, top, right, bottom in field.boxes.round().astype(int).tolist():
        assert (kinds[max(0, top) : bottom, max(0, left) : right] == INK).any()
    assert len(rows) > 200


def test_a_digit_written_over_is_no_longer_the_numbers(hands):
    field, kinds = pixels_of(hands, "corrected_digit", seed=1)
    assert len(field.number) == 2
    assert {INK, WRITING} <= set(np.unique(kinds).tolist())


def test_a_desk_surrounds_a_slip(hands):
    _, kinds = pixels_of(hands, "plain", slips=1.0)
    corners = kinds[[0, 0, -1, -1], [0, -1, 0, -1]]
    assert (corners == SURROUNDING).all()
    assert {PAPER, INK, SURROUNDING} == set(np.unique(kinds).tolist())
    assert SURROUNDING not in pixels_of(hands, "plain")[1]


def test_pixels_for_a_network(hands):
    """The same fields as without them."""
    fields, kinds = compose_pixels(5, np.random.default_rng(0), hands=hands, recipe=any_kind())
    np.testing.assert_array_equal(
        fields, compose_fields(5, np.random.default_rng(0), hands=hands, recipe=any_kind())[0]
    )
    assert kinds.shape == (5, 64, 128)
    assert kinds.max() <= SURROUNDING


def test_a_picture_that_lost_its_writing_does_not_show_it():
    ink = np.zeros((20, 40), np.uint8)
    ink[5:15, 10:14] = 255
    faint, noise = 200 - ink // 16, np.random.default_rng(0).integers(0, 256, ink.shape)
    assert _shows(faint.astype(np.uint8), ink)
    assert _shows(255 - ink, ink)
    assert not _shows(np.full_like(ink, 255), ink)
    assert not _shows(noise.astype(np.uint8), ink)


def test_a_picture_that_lost_its_writing_is_taken_again(hands, monkeypatch):
    taken = []

    def whitens_at_first(image, rng):
        taken.append(image)
        return image if len(taken) == 3 else np.full_like(image, 255)

    monkeypatch.setitem(CAMERAS, "coarse", whitens_at_first)
    field = compose(hands, np.random.default_rng(0), one_kind("coarse"), number="805")
    assert len(taken) == 3
    assert np.ptp(field.image) > 50


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="should be one of"):
        one_kind("confetti")
