"""A short run of the fuzzing, and that it sees what it looks for."""

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
RUN = re.compile(r"(\d+) items: .*; (\d+) went wrong")
FAULTY = """
import os, time, warnings
KINDS = {"file": None}
def item(seed, number, only=None):
    return "file", None
def run_item(seed, number, only=None):
    if number == 3:
        os.kill(os.getpid(), 11)
    while number == 5:
        pass
    if number == 7:
        raise KeyError("seven")
    return "answered"
"""


@pytest.fixture(scope="module")
def targets():
    spec = importlib.util.spec_from_file_location("targets", HERE / "targets.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("kind", ["file", "array", "picture", "profile", "table", "sample", "form", "scan"])
def test_nothing_but_the_documented_errors(targets, kind):
    came = [targets.run_item(0, number, kind) for number in range(200 if kind == "file" else 40)]
    assert "answered" in came
    assert ("refused" in came) == (kind != "sample")


def test_what_is_changed_in_a_png_is_looked_at(targets):
    """Its checksums fit, so that it is not refused for them."""
    data = bytearray(targets.SAMPLES[0].read_bytes())
    data[20] ^= 4  # the width
    assert targets.mended_png(bytes(data)) != bytes(data)
    assert targets.mended_png(targets.SAMPLES[0].read_bytes()) == targets.SAMPLES[0].read_bytes()


@pytest.mark.slow
def test_the_script_says_what_came():
    command = [sys.executable, str(HERE / "fuzz.py"), "--items", "1800", "--processes", "2"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert RUN.search(done.stdout.replace(",", "", 1)).groups() == ("1800", "0")
    assert done.returncode == 0
    assert len(re.findall(r"a process: memory \d+ MB in the first quarter", done.stdout)) == 2


@pytest.mark.slow
def test_a_crash_a_hang_and_an_error_are_found(tmp_path):
    (tmp_path / "targets.py").write_text(FAULTY)
    script = Path(shutil.copy(HERE / "fuzz.py", tmp_path))
    script.write_text(script.read_text().replace("HANG_SECONDS = 60", "HANG_SECONDS = 1"))
    command = [sys.executable, str(script), "--items", "20", "--processes", "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert done.returncode == 1
    assert "item 3 ended its process, exit status -11" in done.stdout
    assert "item 5 hangs" in done.stdout
    assert "; 3 went wrong" in done.stdout
    assert re.search(r"item 7 \(file\): KeyError: 'seven' in .*targets.py:\d+", done.stdout)
