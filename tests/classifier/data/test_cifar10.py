"""CIFAR-10 from a file in Keras's layout."""

import numpy as np
import pytest

from classifier.data.cifar10 import NAMES, load_cifar10


@pytest.fixture
def file(tmp_path):
    """Function: a file of 20 and 10 images, with these arrays in place of its own."""

    def write(**arrays):
        rng = np.random.default_rng(0)
        images = rng.integers(0, 256, (30, 32, 32, 3)).astype(np.uint8)
        labels = np.arange(30)[:, None] % 10
        whole = {"x_train": images[:20], "y_train": labels[:20], "x_test": images[20:], "y_test": labels[20:]}
        np.savez(tmp_path / "cifar10.npz", **(whole | arrays))
        return tmp_path / "cifar10.npz"

    return write


def test_the_last_tenth_is_kept_for_validation_and_labels_are_names(file):
    found = load_cifar10(file())
    assert [len(x) for x in (found.x_train, found.x_val, found.x_test)] == [18, 2, 10]
    assert found.y_val.tolist() == ["ship", "truck"]
    assert found.y_test.tolist() == list(NAMES)


@pytest.mark.parametrize(
    "arrays",
    [{"x_train": np.zeros((20, 28, 28), np.uint8)}, {"y_test": np.full(10, 10)}, {"y_train": np.zeros(7, int)}],
)
def test_a_file_of_something_else_is_refused(file, arrays):
    with pytest.raises(ValueError, match=r"CIFAR-10 should have images \(n, 32, 32, 3\) and labels 0-9. Received: "):
        load_cifar10(file(**arrays))
