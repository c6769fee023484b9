"""The README's Python runs and prints what it says."""

import ast
import contextlib
import csv
import doctest
import io
import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from joblib.externals.loky import get_reusable_executor

import pipeline.reader
from pipeline.commands import main as cli

ROOT = Path(__file__).parent.parent
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)


def run(code):
    """What this prints."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {})
    return printed.getvalue()


def test_the_example_prints_what_the_readme_says(monkeypatch):
    monkeypatch.chdir(ROOT)
    at = next(k for k, (language, _) in enumerate(BLOCKS) if language == "python")
    assert run(BLOCKS[at][1]) == BLOCKS[at + 1][1]


def test_the_table_is_what_the_command_writes(capsys):
    shown = list(csv.DictReader(io.StringIO(next(code for _, code in BLOCKS if code.startswith("path,number")))))
    assert cli.main(["read", str(ROOT / "examples" / "images")]) == 0
    written = {row["path"]: row for row in csv.DictReader(io.StringIO(capsys.readouterr().out))}
    for row in shown:
        same = written[row["path"]]
        for key, value in row.items():
            # Processors round differently.
            if key.startswith(("confidence", "probability")):
                assert float(same[key]) == pytest.approx(float(value), abs=2e-3), key
            else:
                assert same[key] == value, key


def test_the_joint_search_of_the_readme_runs(field, tmp_path, monkeypatch):
    """As it stands, but for fewer epochs."""
    for k, number in enumerate(np.random.default_rng(0).integers(0, 1000, 72)):
        (folder := tmp_path / "fields" / f"{number:03d}").mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / f"{k}.png"), field(folder.name, sample=k % 30)[0])
    get_reusable_executor().shutdown()  # workers of earlier tests stand in other folders
    monkeypatch.chdir(tmp_path)
    code = next(code for _, code in BLOCKS if "GridSearchCV" in code and "NumberReader(" in code)
    assert "DigitClassifier()" in code
    found = run(code.replace("DigitClassifier()", "DigitClassifier(epochs=1)"))
    assert set(ast.literal_eval(found)) == {"segmenter__join_gap", "classifier__model__dropout"}


def test_docstring_examples_run(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert doctest.testmod(pipeline.reader).failed == 0
