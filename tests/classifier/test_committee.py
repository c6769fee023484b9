"""A committee asks the other networks where the first doubts, and only there."""

import numpy as np
import pytest

from classifier.committee import Committee


class Fixed:
    """Gives the same probabilities for every image, and remembers how many it was asked about."""

    def __init__(self, *rows):
        self.rows, self.asked = np.array(rows, np.float32), 0

    def predict_proba(self, images):
        self.asked += len(images)
        return self.rows[images[:, 0, 0]]


@pytest.fixture
def images():
    return np.arange(2, dtype=np.uint8)[:, None, None] * np.ones((2, 4, 4), np.uint8)


def test_what_the_first_is_sure_of_the_others_are_not_asked(images):
    first, second = Fixed([0.95, 0.05], [0.6, 0.4]), Fixed([0.0, 1.0], [0.2, 0.8])
    found = Committee(first, second).predict_proba(images)
    np.testing.assert_allclose(found, [[0.95, 0.05], [0.4, 0.6]], atol=1e-6)
    assert (first.asked, second.asked) == (2, 1)


def test_the_mean_is_that_of_all(images):
    networks = Fixed([0.6, 0.4], [0.5, 0.5]), Fixed([0.3, 0.7], [0.5, 0.5]), Fixed([0.0, 1.0], [0.5, 0.5])
    np.testing.assert_allclose(Committee(*networks).predict_proba(images)[0], [0.3, 0.7], atol=1e-6)


def test_doubt_about_one_position_is_doubt_about_the_number(images):
    sure, unsure = [1.0, 0.0], [0.5, 0.5]
    first, second = Fixed([sure, sure], [sure, unsure]), Fixed([sure, sure], [sure, sure])
    found = Committee(first, second).predict_proba(images)
    np.testing.assert_allclose(found[1], [sure, [0.75, 0.25]], atol=1e-6)
    assert second.asked == 1


def test_a_committee_of_one_answers_as_its_member(images):
    rows = [0.6, 0.4], [0.5, 0.5]
    np.testing.assert_array_equal(Committee(Fixed(*rows)).predict_proba(images), np.array(rows, np.float32))


def test_no_images_give_no_answers():
    network = Fixed([0.6, 0.4])
    assert Committee(network, network).predict_proba(np.zeros((0, 4, 4), np.uint8)).shape == (0, 2)


def test_a_committee_has_a_member():
    with pytest.raises(ValueError, match="at least one network"):
        Committee()
