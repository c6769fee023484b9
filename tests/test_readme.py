"""The README's Python runs and prints what it says."""

import contextlib
import doctest
import io
import re
from pathlib import Path

import pipeline.reader

ROOT = Path(__file__).parent.parent


def test_the_example_prints_what_the_readme_says(monkeypatch):
    monkeypatch.chdir(ROOT)
    blocks = re.findall(r"```(\w*)\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    at = next(k for k, (language, _) in enumerate(blocks) if language == "python")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(blocks[at][1], {})
    assert printed.getvalue() == blocks[at + 1][1]


def test_docstring_examples_run(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert doctest.testmod(pipeline.reader).failed == 0
