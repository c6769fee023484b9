"""``tridigit train``: what it cannot train on is bad usage."""

import numpy as np
import pytest

from pipeline.commands.main import main


@pytest.mark.parametrize("what", ["digit", "number"])
def test_missing_data_is_bad_usage(tmp_path, capsys, what):
    with pytest.raises(SystemExit) as stop:
        main(["train", what, str(tmp_path), "--mnist", str(tmp_path / "none.npz")])
    assert stop.value.code == 2
    assert "none.npz" in capsys.readouterr().err


def test_data_without_a_class_is_bad_usage(tmp_path, digits, capsys):
    x, y = digits  # ordered by class: the last twelfth has but one
    np.savez(tmp_path / "mnist.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    with pytest.raises(SystemExit) as stop:
        main(["train", "number", str(tmp_path / "out"), "--mnist", str(tmp_path / "mnist.npz"), "--epochs", "1"])
    assert stop.value.code == 2
    assert "digits of all ten classes" in capsys.readouterr().err
