"""Triple MNIST, public and leak-free: what each split may use."""

import numpy as np
import pytest

from classifier.data.mnist import Mnist
from classifier.data.triple_mnist import (
    PROTOCOLS,
    Overlap,
    Triples,
    all_digits,
    count_overlap,
    make_triples,
    split_numbers,
)

TRAIN, VAL = 180, 240  # where the parts of the small MNIST end


@pytest.fixture(scope="module")
def mnist(digits):
    """18, 6 and 6 digits of each class for training, validation and test."""
    x, y = digits
    parts = [np.concatenate([np.flatnonzero(y == digit)[part] for digit in range(10)])
             for part in (slice(0, 18), slice(18, 24), slice(24, 30))]  # fmt: skip
    train, val, test = ((x[part], y[part]) for part in parts)
    return Mnist(*train, *val, *test)


@pytest.fixture(scope="module", params=PROTOCOLS)
def triples(request, mnist):
    return make_triples(mnist, request.param, per_number=1)


@pytest.fixture(scope="module")
def leak_free(mnist):
    return make_triples(mnist, "leak-free", per_number=1)


@pytest.fixture(scope="module")
def pooled(mnist):
    return make_triples(mnist, "pooled", per_number=1)


def some(indices):
    """Triples of which only the indices matter."""
    indices = np.array(indices)
    return Triples(np.zeros((len(indices), 84, 84), np.uint8), np.array(["000"] * len(indices)), indices)


def test_the_numbers_are_split_640_160_200():
    split = split_numbers()
    assert {name: len(numbers) for name, numbers in split.items()} == {"train": 640, "val": 160, "test": 200}
    assert sorted(number for numbers in split.values() for number in numbers) == [f"{i:03d}" for i in range(1000)]


def test_the_default_is_the_public_split():
    assert split_numbers()["train"][:5] == ["131", "203", "050", "585", "138"]
    assert split_numbers(1)["train"][:5] != split_numbers()["train"][:5]


def test_every_split_has_its_numbers(triples):
    for name, numbers in split_numbers().items():
        assert triples[name].numbers.tolist() == numbers
        assert triples[name].images.shape == (len(numbers), 84, 84)


def test_the_digits_drawn_are_those_of_the_number(triples, mnist):
    _, y = all_digits(mnist)
    for part in triples.values():
        assert ["".join(map(str, row)) for row in y[part.indices].tolist()] == part.numbers.tolist()


def test_the_digits_drawn_stand_in_their_columns(triples, mnist):
    x, _ = all_digits(mnist)
    for image, indices in zip(triples["test"].images, triples["test"].indices, strict=True):
        for k, index in enumerate(indices):
            band = image[:, 28 * k : 28 * k + 28]
            np.testing.assert_array_equal(band[band.any(axis=1)], x[index][x[index].any(axis=1)])


def test_the_rows_are_free(leak_free):
    tops = [image.any(axis=1).argmax() for image in leak_free["train"].images[:, :, :28]]
    assert min(tops) < 8
    assert max(tops) > 48


def test_leak_free_splits_keep_to_their_part_of_mnist(leak_free):
    parts = {"train": (0, TRAIN), "val": (TRAIN, VAL), "test": (VAL, 300)}
    for name, (start, stop) in parts.items():
        assert set(leak_free[name].indices.ravel()) <= set(range(start, stop))
    assert count_overlap(leak_free["train"], leak_free["test"]).digits_seen == 0


def test_pooled_splits_draw_from_everything(pooled):
    for part in pooled.values():
        assert part.indices.min() < 30
        assert part.indices.max() >= VAL
    overlap = count_overlap(pooled["train"], pooled["test"])
    assert overlap.digits_seen > 0.9 * overlap.digits
    assert overlap.images_seen == 200


def test_a_seed_fixes_numbers_and_images(mnist, leak_free):
    again, other = (make_triples(mnist, "leak-free", per_number=1, seed=seed) for seed in (123, 5))
    np.testing.assert_array_equal(again["test"].images, leak_free["test"].images)
    assert other["test"].numbers.tolist() == split_numbers(5)["test"]


def test_each_number_comes_as_often_as_asked(mnist):
    test = make_triples(mnist, "pooled", per_number=3)["test"]
    _, counts = np.unique(test.numbers, return_counts=True)
    assert counts.tolist() == [3] * 200


def test_overlap_is_counted_by_digit_and_by_image():
    train = some([[0, 1, 2], [3, 3, 4]])
    test = some([[0, 5, 6], [1, 2, 3], [7, 8, 8], [3, 3, 0]])
    counted = count_overlap(train, test)
    assert counted == Overlap(digits=8, digits_seen=4, images=4, images_seen=3, images_all_seen=2)


@pytest.mark.parametrize(
    ("protocol", "per_number", "words"),
    [("public", 1, r"one of \('leak-free', 'pooled'\). Received: 'public'"), ("pooled", 0, "at least 1. Received: 0")],
)
def test_bad_parameters_are_named(mnist, protocol, per_number, words):
    with pytest.raises(ValueError, match=words):
        make_triples(mnist, protocol, per_number=per_number)
