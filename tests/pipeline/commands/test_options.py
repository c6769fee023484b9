"""Commands whose extra is not installed say so in one line."""

import re
import subprocess
import sys

import cv2
import pytest

from pipeline.commands import main as cli
from pipeline.commands.options import EXTRAS

NAMES_FILE = "this needs --mnist FILE, or Keras: pip install '.[train]'"


@pytest.mark.parametrize(
    ("args", "missing", "words"),
    [
        (["train", "digit", "{out}"], "keras", "this needs keras: pip install '.[train]'"),
        (["train", "number", "{out}"], "tf2onnx", "this needs tf2onnx: pip install '.[train]'"),
        (["train", "number", "{out}", "--logs", "{out}"], "tensorboard", "pip install '.[logs]'"),
        (["tune", "digit", "{out}"], "scikeras", "this needs scikeras: pip install '.[train]'"),
        (["tune", "reader", "{out}", "--data", "{out}"], "sklearn", "needs sklearn: pip install '.[train]'"),
        (["tune", "digit", "{out}", "--scheduler", "tcp://x:1"], "distributed", "pip install '.[cluster]'"),
        (["read", "{out}", "--scheduler", "tcp://x:1"], "distributed", "pip install '.[cluster]'"),
        (["read", "{out}", "-o", "{out}.parquet"], "pyarrow", "pip install '.[parquet]'"),
        (["benchmark", "-o", "{out}"], "matplotlib", "this needs matplotlib: pip install '.[report]'"),
        (["benchmark", "-o", "{out}"], "keras", NAMES_FILE),
        (["make-data", "{out}"], "keras", NAMES_FILE),
        (["calibrate"], "keras", NAMES_FILE),
    ],
)
def test_a_missing_extra_is_one_line_and_ends_in_2(args, missing, words, capsys, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, missing, None)
    monkeypatch.delenv("TRIDIGIT_MNIST", raising=False)
    out = tmp_path / "out"
    with pytest.raises(SystemExit) as stop:
        cli.main([arg.format(out=out) for arg in args])
    assert stop.value.code == 2
    err = capsys.readouterr().err
    assert err.startswith("tridigit: this needs ")
    assert err.endswith(f"{words} in tridigit's source folder\n")
    assert err.count("\n") == 1
    assert not out.exists()


HIDDEN = f"""
import sys
sys.modules.update(dict.fromkeys({sorted({name for names in EXTRAS.values() for name in names})}))
from pipeline.commands.main import main
"""


@pytest.mark.slow
def test_reading_with_every_option_needs_no_extra(folder, tmp_path):
    """A window of Sauvola's and all generators of cuts, too: what is imported only when asked for."""
    code = HIDDEN + (
        "from pipeline import NumberReader\n"
        "reader = NumberReader.pretrained(threshold='sauvola', cut_generators=('skeleton', 'watershed', 'contour'))\n"
        f"assert reader.read({str(folder / '427.png')!r}).number == '427'\n"
        f"sys.exit(main(['read', {str(folder / '427.png')!r}, '--debug', {str(tmp_path / 'why')!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0
    assert re.fullmatch(r"tridigit: 1 file: .*; \d+\.\d s\n", done.stderr)
    assert "427.png,427," in done.stdout


@pytest.mark.slow
def test_calibrating_needs_no_extra(field, tmp_path):
    for k, number in enumerate(["427", "007", "315", "980", "123", "456"]):
        (tmp_path / "fields" / number).mkdir(parents=True)
        cv2.imwrite(str(tmp_path / "fields" / number / "a.png"), field(number, sample=k)[0])
    out = tmp_path / "mine.json"
    code = HIDDEN + f"sys.exit(main(['calibrate', {str(tmp_path / 'fields')!r}, '-o', {str(out)!r}]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert out.exists()
