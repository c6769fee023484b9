"""Digits of other writers, from files as they are published."""

import numpy as np
import pytest

from classifier.data.writers import load_traces, load_usps, read_traces


@pytest.fixture
def traces(tmp_path):
    """A one of one stroke by a train writer, a four of two strokes by a test writer; y points up."""
    path = tmp_path / "traces.npz"
    xy = np.array([(10, 50), (10, 10), (0, 20), (20, 20), (15, 30), (15, 0)], np.int16)
    np.savez(
        path, xy=xy, stroke=np.array([0, 0, 0, 0, 1, 1], np.uint8), offset=np.array([0, 2, 6], np.int32),
        y=np.array([1, 4], np.uint8), writer=np.array([7, 1002], np.int16), split=np.array(["train", "test"]),
    )  # fmt: skip
    return path


def test_traces_are_turned_to_images_rows_and_scaled_to_their_height(traces):
    (stroke,) = load_traces(traces)[1][0]
    np.testing.assert_allclose(stroke, [(0, 0), (0, 1)])


def test_writers_of_the_other_part_stay_apart(traces):
    assert list(load_traces(traces)) == [1]
    (first, second) = load_traces(traces, "test")[4][0]
    np.testing.assert_allclose(first, [(0, 1 / 3), (2 / 3, 1 / 3)], atol=1e-6)
    np.testing.assert_allclose(second, [(0.5, 0), (0.5, 1)], atol=1e-6)


def test_a_trace_knows_its_writer(traces):
    assert [(trace.digit, trace.writer) for trace in read_traces(traces)] == [(1, 7)]


def test_usps_parts(tmp_path):
    path = tmp_path / "usps.npz"
    np.savez(path, x_train=np.zeros((3, 16, 16), np.uint8), y_train=np.arange(3, dtype=np.uint8), x_test=[], y_test=[])
    images, labels = load_usps(path)
    assert images.shape == (3, 16, 16)
    assert labels.tolist() == [0, 1, 2]


def test_a_file_without_its_arrays_is_refused(tmp_path):
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    with pytest.raises(ValueError, match="should hold"):
        load_traces(tmp_path / "other.npz")
