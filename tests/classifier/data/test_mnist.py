"""MNIST from a file, split the same way everywhere."""

import numpy as np
import pytest

from classifier.data.mnist import load_mnist


@pytest.fixture
def mnist_file(tmp_path, digits):
    x, y = digits
    np.savez(tmp_path / "mnist.npz", x_train=x[:240], y_train=y[:240], x_test=x[240:], y_test=y[240:])
    return tmp_path / "mnist.npz"


def test_the_last_twelfth_of_the_training_digits_is_validation(mnist_file, digits):
    mnist = load_mnist(mnist_file)
    assert len(mnist.x_train) == 220
    np.testing.assert_array_equal(mnist.x_val, digits[0][220:240])
    np.testing.assert_array_equal(mnist.y_test, digits[1][240:])


def test_the_environment_names_the_file(mnist_file, monkeypatch):
    monkeypatch.setenv("TRIDIGIT_MNIST", str(mnist_file))
    assert len(load_mnist().x_val) == 20


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(OSError, match="nothing.npz"):
        load_mnist(tmp_path / "nothing.npz")
