"""What the whole-image reader does where its network doubts."""

import cv2
import numpy as np
import pytest

from pipeline.views import predict_with_views
from segmenter import fit_canvas


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
    np.testing.assert_array_equal(predict_with_views(network.predict_proba, images), network.predict_proba(images))
    assert len(network.seen) == 2


def test_a_doubted_canvas_has_the_mean_answer_of_itself_and_four_shifts():
    network = Network()
    answers = predict_with_views(network.predict_proba, np.stack([canvas(10, 7), canvas(30, 45)]))
    assert answers[0].argmax(axis=1).tolist() == [7, 7, 7]
    # Up and down leave the column; left and right move it by three.
    assert answers[1, 0, [5, 2, 8]] == pytest.approx([0.82 * 0.6 + 0.02 * 0.4, *[0.82 * 0.2 + 0.02 * 0.8] * 2])
    assert answers[1].sum(axis=1) == pytest.approx(np.ones(3))
    views = np.concatenate(network.seen[1:])
    assert sorted(map(tuple, (np.argwhere(view)[0] for view in views))) == [(27, 45), (30, 42), (30, 48), (33, 45)]


def test_ink_that_a_shift_moves_over_the_edge_does_not_come_back_on_the_other_side():
    network = Network()
    predict_with_views(network.predict_proba, canvas(62, 54)[None])
    for view in network.seen[1:]:
        assert not view[:, :40].any()
        assert not view[:, :, :40].any()
    # 22 rows below row 62 and 30 columns right of column 54: one row and three columns of ink leave.
    assert sorted(int(view.sum()) // 255 for view in network.seen[1:]) == [20 * 27, 19 * 30, 20 * 30, 20 * 30]


def test_the_reader_takes_the_mean_answer(whole_reader, row_of):
    images = [row_of(label) for label in ("427", "905", "118", "333")]
    for image in images:  # a stroke through the number
        cv2.line(image, (10, 12), (image.shape[1] - 14, image.shape[0] - 10), 0, 3)
    canvases = np.stack([fit_canvas(whole_reader.segment(image)) for image in images])
    network = whole_reader.number_classifier
    once, expected = network.predict_proba(canvases), predict_with_views(network.predict_proba, canvases)
    assert not np.allclose(once, expected)
    answers = [reading.probabilities for reading in whole_reader.read_many(images)]
    np.testing.assert_allclose(answers, expected, atol=1e-6)
