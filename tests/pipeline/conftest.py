"""The shipped reader, loaded once."""

import cv2
import numpy as np
import pytest

from pipeline import NumberReader


@pytest.fixture(scope="session")
def reader():
    return NumberReader.pretrained()


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
