"""A doubted answer is asked again, of other networks or for shifts, and only that."""

import numpy as np
import pytest

from classifier.cascade import Cascade, predict_shifted


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
    found = Cascade(first, second).predict_proba(images)
    np.testing.assert_allclose(found, [[0.95, 0.05], [0.4, 0.6]], atol=1e-6)
    assert (first.asked, second.asked) == (2, 1)


def test_the_mean_is_that_of_all(images):
    networks = Fixed([0.6, 0.4], [0.5, 0.5]), Fixed([0.3, 0.7], [0.5, 0.5]), Fixed([0.0, 1.0], [0.5, 0.5])
    np.testing.assert_allclose(Cascade(*networks).predict_proba(images)[0], [0.3, 0.7], atol=1e-6)


def test_doubt_about_one_position_is_doubt_about_the_number(images):
    sure, unsure = [1.0, 0.0], [0.5, 0.5]
    first, second = Fixed([sure, sure], [sure, unsure]), Fixed([sure, sure], [sure, sure])
    found = Cascade(first, second).predict_proba(images)
    np.testing.assert_allclose(found[1], [sure, [0.75, 0.25]], atol=1e-6)
    assert second.asked == 1


def test_a_cascade_of_one_answers_as_its_member(images):
    rows = [0.6, 0.4], [0.5, 0.5]
    np.testing.assert_array_equal(Cascade(Fixed(*rows)).predict_proba(images), np.array(rows, np.float32))


def test_no_images_give_no_answers():
    network = Fixed([0.6, 0.4])
    assert Cascade(network, network).predict_proba(np.zeros((0, 4, 4), np.uint8)).shape == (0, 2)


def test_a_cascade_has_a_member():
    with pytest.raises(ValueError, match="at least one network"):
        Cascade()


def canvas(row, column):
    image = np.zeros((84, 84), np.uint8)
    image[row : row + 20, column : column + 30] = 255
    return image


class Network:
    """Sure of ink that begins in the left half; elsewhere its answer is the first column of ink, modulo 10."""

    def __init__(self):
        self.seen = []

    def predict_proba(self, canvases):
        self.seen.append(canvases)
        first = (canvases > 0).any(axis=1).argmax(axis=1)
        answers = np.full((len(canvases), 3, 10), 0.02, np.float32)
        sure = first < 42
        answers[np.arange(len(canvases)), :, first % 10] = np.where(sure, 0.99, 0.82)[:, None]
        answers[~sure] /= answers[~sure].sum(axis=-1, keepdims=True)
        return answers


def test_a_sure_answer_stands_as_it_is():
    network = Network()
    images = np.stack([canvas(10, 7), canvas(30, 12)])
    np.testing.assert_array_equal(predict_shifted(network, images), network.predict_proba(images))
    assert len(network.seen) == 2


def test_a_doubted_canvas_has_the_mean_answer_of_itself_and_four_shifts():
    network = Network()
    answers = predict_shifted(network, np.stack([canvas(10, 7), canvas(30, 45)]))
    assert answers[0].argmax(axis=1).tolist() == [7, 7, 7]
    # Up and down leave the column; left and right move it by three.
    assert answers[1, 0, [5, 2, 8]] == pytest.approx([0.82 * 0.6 + 0.02 * 0.4, *[0.82 * 0.2 + 0.02 * 0.8] * 2])
    assert answers[1].sum(axis=1) == pytest.approx(np.ones(3))
    shifts = np.concatenate(network.seen[1:])
    assert sorted(map(tuple, (np.argwhere(shift)[0] for shift in shifts))) == [(27, 45), (30, 42), (30, 48), (33, 45)]


def test_ink_that_a_shift_moves_over_the_edge_does_not_come_back_on_the_other_side():
    network = Network()
    predict_shifted(network, canvas(62, 54)[None])
    for shift in network.seen[1:]:
        assert not shift[:, :40].any()
        assert not shift[:, :, :40].any()
    # 22 rows below row 62 and 30 columns right of column 54: one row and three columns of ink leave.
    assert sorted(int(shift.sum()) // 255 for shift in network.seen[1:]) == [20 * 27, 19 * 30, 20 * 30, 20 * 30]
