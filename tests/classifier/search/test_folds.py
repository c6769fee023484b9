"""Folds of a cross-validation."""

import numpy as np
import pytest

from classifier.search.folds import make_folds


def test_folds_are_stratified_and_keep_groups_together(digits):
    _, y = digits
    for _, test in make_folds(y, 3):
        assert np.bincount(y[test]).tolist() == [10] * 10
    writers = np.arange(300) % 20
    for train, test in make_folds(y, 4, groups=writers):
        assert not set(writers[train]) & set(writers[test])
    numbers = np.array([f"{k:03d}" for k in range(300)])
    for train, test in make_folds(numbers, 3, stratified=False):
        assert (len(train), len(test)) == (200, 100)
    for train, test in make_folds(numbers, 4, stratified=False, groups=writers):
        assert not set(writers[train]) & set(writers[test])


@pytest.mark.parametrize(
    ("y", "folds", "groups", "words"),
    [
        ([3] * 9, 3, None, r"at least two classes. Received: \[3\]"),
        ([1] * 9 + [2] * 2, 3, None, "an image for each fold. Received: 2 of 2, 3 folds"),
        ([1, 2] * 5, 1, None, "at least 2 folds"),
        ([1, 2] * 5, 11, None, "10 images"),
        ([1, 2] * 5, 3, [1] * 5 + [2] * 5, "3 folds, 2 groups"),
    ],
)
def test_folds_that_cannot_be_made(y, folds, groups, words):
    with pytest.raises(ValueError, match=words):
        make_folds(np.array(y), folds, groups=groups)
