"""The runtime answers as the Keras network does, without Keras."""

import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from classifier.runtime import WEIGHTS, Runtime
from classifier.train.negatives import make_negatives


@pytest.fixture(scope="module")
def runtime():
    return Runtime(WEIGHTS / "cnn_digit_classifier.onnx")


def test_shipped_forms_agree(runtime, digits):
    from classifier.digit import DigitClassifier

    network = DigitClassifier.load(WEIGHTS / "cnn_digit_classifier.keras")
    integers, floats = runtime.predict_proba(digits[0]), network.predict_proba(digits[0])
    assert (integers.argmax(axis=1) == floats.argmax(axis=1)).mean() > 0.99
    assert np.abs(integers - floats).mean() < 0.005
    np.testing.assert_allclose(integers.sum(axis=1), 1, atol=1e-5)


def test_shipped_weights_read_digits(runtime, digits):
    x, y = digits
    assert (runtime.predict_proba(x).argmax(axis=1) == y).mean() > 0.98


def test_shipped_weights_are_unsure_of_what_is_no_digit(runtime, digits):
    x = digits[0]
    negatives = make_negatives((x / 255).astype(np.float32), 300, np.random.default_rng(5)) * 255
    best = runtime.predict_proba(negatives.astype(np.uint8)).max(axis=1)
    assert (best < 0.9).mean() > 0.8
    assert (runtime.predict_proba(x).max(axis=1) < 0.9).mean() < 0.05


def test_parts_are_as_good_as_the_whole(digits):
    parts = Runtime(WEIGHTS / "cnn_digit_classifier.onnx", batch_size=7).predict_proba(digits[0][:30])
    whole = Runtime(WEIGHTS / "cnn_digit_classifier.onnx").predict_proba(digits[0][:30])
    np.testing.assert_allclose(parts, whole, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "image", "answer"),
    [
        ("cnn_digit_classifier", (28, 28), (10,)),
        ("best_model", (84, 84), (3, 10)),
        ("field_reader", (64, 128), (32, 12)),
    ],
)
def test_no_images_give_no_rows(name, image, answer):
    network = Runtime.of_package(name)
    assert network.predict_proba(np.zeros((0, *image), np.uint8)).shape == (0, *answer)


def test_it_crosses_into_another_process(runtime, digits):
    copy = pickle.loads(pickle.dumps(runtime))
    np.testing.assert_array_equal(copy.predict_proba(digits[0][:3]), runtime.predict_proba(digits[0][:3]))


@pytest.mark.slow
def test_weights_of_the_package_are_found_where_it_lies_elsewhere(tmp_path, runtime):
    """A reader pickled on one machine is loaded on another."""
    name = "cnn_digit_classifier"
    shutil.copytree(WEIGHTS.parent / "data", tmp_path / "classifier" / "data")
    (tmp_path / "classifier" / "weights").mkdir()
    for file in ("__init__.py", "runtime.py", f"weights/{name}.onnx"):
        shutil.copy(WEIGHTS.parent / file, tmp_path / "classifier" / file)
    (tmp_path / "network.pickle").write_bytes(pickle.dumps(runtime))
    code = "import pickle; print(pickle.load(open('network.pickle', 'rb')).path)"
    found = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=os.environ | {"PYTHONPATH": "."},
                           capture_output=True, text=True, check=True)  # fmt: skip
    assert Path(found.stdout.strip()).resolve() == tmp_path / "classifier" / "weights" / f"{name}.onnx"


def test_weights_of_ones_own_go_by_their_path_and_have_no_name(tmp_path, runtime):
    shutil.copy(runtime.path, tmp_path / "own.onnx")
    own = Runtime(tmp_path / "own.onnx", threads=2, batch_size=7)
    copy = pickle.loads(pickle.dumps(own))
    assert (copy.path, copy.threads, copy.batch_size, copy.names) == (str(tmp_path / "own.onnx"), 2, 7, ())
    assert runtime.names == ("cnn_digit_classifier",)
    assert Runtime.of_package("second/cnn_digit_classifier").names == ("second/cnn_digit_classifier",)


def test_weights_are_small():
    assert sum(f.stat().st_size for f in WEIGHTS.glob("cnn_digit_classifier.*")) < 3_000_000


@pytest.mark.slow
def test_reading_imports_neither_tensorflow_nor_scikit_learn(tmp_path):
    code = (
        "import sys, numpy as np; from pipeline import NumberReader;"
        "NumberReader.pretrained().read(np.zeros((84, 84), np.uint8));"
        "print(sorted({'tensorflow', 'keras', 'sklearn', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
