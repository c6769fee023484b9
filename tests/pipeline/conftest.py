"""The shipped readers, loaded once, and what they are given to read."""

import contextlib
import io

import cv2
import numpy as np
import pytest

from classifier.datasets import load_mnist
from pipeline import NumberReader, benchmark, cli


@pytest.fixture(scope="session")
def reader():
    return NumberReader.pretrained()


@pytest.fixture(scope="session")
def whole_reader():
    return NumberReader.pretrained(reader="whole")


@pytest.fixture(scope="session")
def mnist_file(digits, tmp_path_factory):
    """``mnist.npz`` of few digits: 220 for training, 20 for validation, 60 for test, as many of each class."""
    x, y = digits
    rank = np.array([(y[:k] == value).sum() for k, value in enumerate(y)])
    order = np.lexsort((y, rank))
    train, test = order[:240], order[240:]
    path = tmp_path_factory.mktemp("mnist") / "mnist.npz"
    np.savez(path, x_train=x[train], y_train=y[train], x_test=x[test], y_test=y[test])
    return path


@pytest.fixture(scope="session")
def mnist(mnist_file):
    return load_mnist(mnist_file)


@pytest.fixture(scope="session")
def benchmarked(mnist_file, tmp_path_factory):
    """Folder and output of a small benchmark of both readers: one image a number, two conditions of five."""
    folder = tmp_path_factory.mktemp("benchmark") / "out"
    args = ["--readers", "segmented", "whole", "--protocol", "leak-free", "--conditions", "spaced", "touching"]
    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(printed):
        patch.setitem(benchmark.PER_NUMBER, "leak-free", 1)
        assert cli.main(["benchmark", *args, "--images", "5", "--mnist", str(mnist_file), "-o", str(folder)]) == 0
    return folder, printed.getvalue()


@pytest.fixture
def row_of(digit):
    """Function: any digits on one line, dark on white, (96, n) uint8."""

    def place(label, gap=8):
        parts = [np.zeros((28, gap), np.uint8)]
        for value in label:
            left, _, width, _ = cv2.boundingRect(digit(value))
            parts += [digit(value)[:, left : left + width], np.zeros((28, gap), np.uint8)]
        line = np.pad(np.hstack(parts), ((2, 2), (0, 0)))
        return 255 - cv2.resize(line, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)

    return place


@pytest.fixture
def folder(tmp_path, field):
    """A folder with three fields, a text that calls itself PNG, an empty file and a note."""
    for label in ("427", "007", "315"):
        cv2.imwrite(str(tmp_path / f"{label}.png"), field(label)[0])
    (tmp_path / "broken.png").write_text("no image")
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "notes.txt").write_text("not looked at")
    return tmp_path
