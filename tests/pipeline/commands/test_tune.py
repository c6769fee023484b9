"""`tridigit tune`, from its arguments to its files."""

import csv
import re
from functools import partial

import cv2
import pytest

from classifier import digit
from classifier.search import cluster
from classifier.search.space import load_params
from classifier.train import release
from pipeline.commands import main as cli

SMALL = """
[fixed]
epochs = 1
batch_size = 32
model__depth = 0
[search]
model__width = [4, 16]
"""


@pytest.fixture
def data(tmp_path, field):
    """12 labelled fields, as folders and as a table with the writer."""
    rows = ["path,number,writer"]
    for k, label in enumerate(("427", "007", "315", "864", "209", "538") * 2):
        path = tmp_path / "fields" / label / f"{k}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), field(label, sample=k)[0])
        rows.append(f"fields/{label}/{k}.png,{label},{'abc'[k % 3]}")
    (tmp_path / "table.csv").write_text("\n".join(rows))
    return tmp_path


@pytest.fixture
def space(tmp_path):
    """Function: a file with this space."""

    def write(text):
        (tmp_path / "space.toml").write_text(text)
        return str(tmp_path / "space.toml")

    return write


@pytest.fixture
def quick(dense_network, monkeypatch, uncompiled_here):
    """Searches with a network that trains at once; what ships is trained and exported on few images."""
    monkeypatch.setattr(digit, "DigitClassifier", partial(digit.DigitClassifier, dense_network))
    monkeypatch.setattr(release, "DIGIT", release.DIGIT | {"batch_size": 32, "model__depth": 0})
    monkeypatch.setattr(release, "DRAWN", 20)
    monkeypatch.setattr(release, "SAMPLE", 64)


def results(folder):
    with (folder / "cv_results.csv").open() as file:
        return list(csv.DictReader(file))


def test_segmentation_is_searched_on_own_fields(data, space, capsys):
    text = space("[search]\nsegmenter__min_text_height = [8, 84]\nsegmenter__join_gap = [0.1, 0.2]\n")
    args = ["tune", "reader", str(data / "out"), "--data", str(data / "fields"), "--space", text, "--jobs", "1"]
    assert cli.main(args) == 0
    rows = results(data / "out")
    assert len(rows) == 4
    assert rows[0]["param_segmenter__min_text_height"] == "8"
    assert float(rows[0]["mean_test_score"]) > 0.7
    assert float(rows[-1]["mean_test_score"]) == 0
    best = load_params(data / "out" / "best.toml")
    assert best == {"segmenter__min_text_height": 8, "segmenter__join_gap": best["segmenter__join_gap"]}
    page = (data / "out" / "report.html").read_text()
    assert "<svg" in page
    assert "Exact match on 12 images" in page
    printed = capsys.readouterr().out
    assert "the defaults:" in printed
    fits = (data / "out" / "fits.jsonl").read_text()
    assert cli.main(args) == 0
    assert (data / "out" / "fits.jsonl").read_text() == fits
    assert capsys.readouterr().out == printed


def test_what_changes_nothing_is_always_a_candidate(data, space, capsys):
    text = space("[search]\nsegmenter__min_text_height = [84]\n")
    args = ["tune", "reader", str(data / "out"), "--data", str(data / "table.csv"), "--group-by", "writer"]
    assert cli.main([*args, "--space", text, "--jobs", "1"]) == 0
    assert load_params(data / "out" / "best.toml") == {"segmenter__min_text_height": 8}
    assert "the defaults: " in (printed := capsys.readouterr().out)
    assert "rank 1 of 2" in printed


@pytest.mark.usefixtures("quick")
def test_digits_are_searched_and_the_result_trains(mnist_file, tmp_path, space, capsys):
    args = ["tune", "digit", str(tmp_path / "out"), "--space", space(SMALL), "--folds", "2", "--jobs", "1"]
    assert cli.main([*args, "--mnist", str(mnist_file), "--search", "random", "--candidates", "2"]) == 0
    rows = results(tmp_path / "out")
    assert [row["param_model__width"] for row in rows] in (["4", "16"], ["16", "4"])
    assert all(int(row["macs"]) > 1000 for row in rows)
    best = load_params(tmp_path / "out" / "best.toml")
    assert list(best) == ["model__width"]
    capsys.readouterr()
    params = ["--params", str(tmp_path / "out" / "best.toml"), "--epochs", "1"]
    assert cli.main(["train", "digit", str(tmp_path / "net"), "--mnist", str(mnist_file), *params]) == 0
    card = (tmp_path / "net" / "cnn_digit_classifier.md").read_text()
    assert f"model__width={best['model__width']}," in card
    assert "--params FILE" in card


@pytest.mark.usefixtures("quick")
def test_a_halving_search_tells_how_far_the_defaults_came(mnist_file, tmp_path, space, capsys):
    text = space(
        "[fixed]\nepochs = 3\nbatch_size = 32\nmodel__depth = 0\nmodel__width = 4\nmodel__dropout = 0.0\n"
        "[search]\nlearning_rate = [1e-9, 1e-8]\n"
    )
    args = ["tune", "digit", str(tmp_path / "out"), "--space", text, "--folds", "2", "--jobs", "1"]
    assert cli.main([*args, "--mnist", str(mnist_file), "--search", "halving"]) == 0
    epochs = [row["param_epochs"] for row in results(tmp_path / "out")]
    assert epochs in (["3", "1", "1"], ["3", "3", "1"])  # the defaults stay, whether or not they are the best
    assert re.search(r"the defaults: 0\.\d{4} ± 0\.\d{4}, rank [12] of 3", capsys.readouterr().out)
    assert "Compare what has the same epochs" in (tmp_path / "out" / "report.html").read_text()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[search]\nsegmenter__join_gab = [0.1]\n", "no parameter 'segmenter__join_gab'. Nearest: segmenter__join_gap"),
        ("[search]\n", "at least one parameter"),
        ("[search]\nsegmenter__join_gap = []\n", "a list of values"),
        ("[grid]\n", r"the tables \[search\] and \[fixed\]"),
        ("[search]\nsegmenter__join_gap = [7]\n[fixed]\nsegmenter__speck = -1\n", "Every candidate failed"),
    ],
)
def test_a_space_that_cannot_be_searched_ends_in_2(data, space, capsys, text, words):
    args = ["tune", "reader", str(data / "out"), "--data", str(data / "fields"), "--space", space(text)]
    with pytest.raises(SystemExit) as ended:
        cli.main([*args, "--jobs", "1"])
    assert ended.value.code == 2
    assert re.search(words, capsys.readouterr().err)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--folds", "13"], "13 folds, 12 images"),
        (["--data", "nowhere"], "nowhere"),
        (["--search", "halving"], "needs `epochs`, a whole number, in"),
        (["--scheduler", "tcp://127.0.0.1:9"], "No Dask scheduler answered at 'tcp://127.0.0.1:9'"),
    ],
)
def test_bad_arguments_end_in_2(data, space, capsys, monkeypatch, more, words):
    monkeypatch.setattr(cluster, "ANSWER_SECONDS", 1)
    text = space("[search]\nsegmenter__join_gap = [0.1]\n")
    with pytest.raises(SystemExit) as ended:
        cli.main(["tune", "reader", str(data / "out"), "--data", str(data / "fields"), "--space", text, *more])
    assert ended.value.code == 2
    assert words in capsys.readouterr().err
