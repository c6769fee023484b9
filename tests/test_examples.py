"""The examples run as they stand."""

import re
import subprocess
import sys
from pathlib import Path

import nbclient
import nbformat
import numpy as np
import pytest

pytestmark = pytest.mark.slow
EXAMPLES = Path(__file__).parent.parent / "examples"


def printed(notebook):
    return "".join(o.get("text", "") for cell in notebook.cells for o in cell.get("outputs", []))


@pytest.fixture
def few_digits(digits, tmp_path):
    """An mnist.npz in Keras's layout with all ten classes in each part."""
    x, y = digits
    order = np.argsort(np.tile(np.arange(30), 10), kind="stable")  # 0-9 again and again
    x, y = x[order], y[order]
    np.savez(tmp_path / "mnist.npz", x_train=x[:240], y_train=y[:240], x_test=x[240:], y_test=y[240:])
    return tmp_path / "mnist.npz"


# The notebook client warns of what lies outside this project.
@pytest.mark.filterwarnings("default")
def test_the_tour_runs(few_digits, monkeypatch):
    monkeypatch.setenv("TRIDIGIT_MNIST", str(few_digits))
    notebook = nbformat.read(EXAMPLES / "tour.ipynb", 4)
    resources = {"metadata": {"path": str(EXAMPLES)}}
    done = nbclient.NotebookClient(notebook, timeout=900, resources=resources).execute()
    assert "leak-free: 0 of" in printed(done)
    assert re.findall(r"^overlapping_25\b.*?(fused|whole)", printed(done), re.MULTILINE) == ["fused", "whole"]


@pytest.mark.parametrize(
    ("script", "words"), [("read_folder.py", r" right +\d\d\n"), ("compare_readers.py", "accepted ")]
)
def test_a_script_reads_the_sample_fields(script, words):
    done = subprocess.run([sys.executable, EXAMPLES / script], capture_output=True, text=True, check=True)
    assert re.search(words, done.stdout)


def test_a_table_of_labels_may_begin_with_a_byte_order_mark(tmp_path):
    path = next(path for path in sorted((EXAMPLES / "images").glob("spaced-*.png")))
    (tmp_path / "labels.csv").write_text(f"path,number\n{path},{path.stem[-3:]}\n", encoding="utf-8-sig")
    command = [sys.executable, EXAMPLES / "read_folder.py", tmp_path / "labels.csv"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert re.search(r"right +1\n", done.stdout)
    assert re.fullmatch(r"1 files read in \d+\.\d s\n", done.stderr)
