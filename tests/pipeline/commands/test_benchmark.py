"""``tridigit benchmark``: what it reads, prints and refuses."""

import json

import cv2
import numpy as np
import pytest

from pipeline.benchmark import ablation
from pipeline.benchmark.run import condition_images
from pipeline.commands import main as cli
from pipeline.readers import SHIPPED
from pipeline.synth.conditions import CONDITIONS

KINDS = [("leak-free", 200), ("spaced", 5), ("touching", 5)]


@pytest.fixture
def own(tmp_path, field):
    """A user's folder: three numbers, images of different sizes, one of them dark on white, and a note."""
    for k, label in enumerate(["427", "007", "315"], 1):
        (tmp_path / "own" / label).mkdir(parents=True)
        image = cv2.resize(field(label)[0], (84 * k, 84 * k), interpolation=cv2.INTER_CUBIC)
        cv2.imwrite(str(tmp_path / "own" / label / "a.png"), 255 - image if k == 2 else image)
    (tmp_path / "own" / "427" / "note.txt").write_text("no image")
    return tmp_path / "own"


@pytest.fixture(scope="module")
def ablated(mnist_file, tmp_path_factory):
    """Folder of a benchmark of all readers on three images, with an ablation on as many."""
    folder = tmp_path_factory.mktemp("ablation")
    args = ["--protocol", "--conditions", "touching", "--images", "3", "--mnist", str(mnist_file), "-o", str(folder)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ablation, "ABLATED_ON", ("touching",))
        assert cli.main(["benchmark", "--ablation", *args]) == 0
    return folder


def results(folder):
    return json.loads((folder / "results.json").read_text())["results"]


def test_every_reader_reads_every_kind(benchmarked):
    found = [(r["images"], r["n"], r["reader"]) for r in results(benchmarked[0])]
    assert found == [(kind, n, reader) for kind, n in KINDS for reader in ("segmented", "whole")]


def test_confidence_is_measured(benchmarked):
    for r in results(benchmarked[0]):
        wrong = 1 - r["exact_match"]["value"]
        # No order of the answers has a smaller area than that in which all mistakes come last.
        assert wrong**2 / 2 <= r["area_under_risk_coverage"] <= 1
        # By Jensen's inequality.
        assert r["ece"] ** 2 <= r["brier"] + 1e-9


def test_both_readers_were_given_the_same_digits(benchmarked):
    digits = {}
    for r in results(benchmarked[0]):
        digits.setdefault(r["images"], []).append(np.sum(r["confusion"], axis=1).tolist())
    for segmented, whole in digits.values():
        assert segmented == whole


def test_networks_of_all_readers_stand_in_the_results(benchmarked):
    networks = json.loads((benchmarked[0] / "results.json").read_text())["networks"]
    assert set(networks) == {"leak-free/segmented", "leak-free/whole"}


def test_all_readers_read_by_default_the_fused_one_first(ablated):
    readers = [r["reader"] for r in results(ablated)]
    assert readers == ["fused", "segmented", "field", "whole", "specified", "softmax", "flips"]
    networks = json.loads((ablated / "results.json").read_text())["networks"]
    assert list(networks["leak-free/fused"]) == [name for names in SHIPPED.values() for name in names]


def test_the_ablation_reads_the_images_that_the_readers_read(ablated):
    found = json.loads((ablated / "results.json").read_text())["ablation"]
    assert list(found) == list(ablation.readers(threads=1))
    exact = {r["reader"]: r["exact_match"] for r in results(ablated)}
    for row, reader in ((ablation.COMPLETE, "segmented"), ("all readers fused", "fused")):
        assert found[row] == {"touching": exact[reader]}
    assert "What each part brings" in (ablated / "report.html").read_text()


def test_without_asking_there_is_no_ablation(benchmarked):
    assert "ablation" not in json.loads((benchmarked[0] / "results.json").read_text())
    assert "What each part brings" not in (benchmarked[0] / "report.html").read_text()


def test_the_table_and_the_names_of_the_files_are_printed(benchmarked):
    folder, printed = benchmarked
    lines = printed.splitlines()
    assert sum(line.startswith(("leak-free ", "spaced ", "touching ")) for line in lines) == 6
    assert str(folder / "results.json") in lines[-1]
    assert str(folder / "report.html") in lines[-1]


def test_fields_are_composed_of_test_digits_by_the_seed(benchmarked, mnist):
    found = {r["images"]: np.sum(r["confusion"], axis=1).tolist() for r in results(benchmarked[0])}
    for condition in ("spaced", "touching"):
        numbers = "".join(condition_images(mnist, condition, 5, 0).numbers)
        assert found[condition] == [numbers.count(str(digit)) for digit in range(10)]


def test_own_images_of_any_size_are_read_and_others_named(capsys, own, tmp_path):
    assert cli.main(["benchmark", "--readers", "segmented", "--data", str(own), "-o", str(tmp_path / "out")]) == 0
    (result,) = results(tmp_path / "out")
    assert (result["n"], result["exact_match"]["right"], result["kind"]) == (3, 3, "data")
    assert f"skipped {own / '427' / 'note.txt'}: no image" in capsys.readouterr().err


def test_own_images_may_stand_in_a_table(own, tmp_path):
    (own / "table.csv").write_text("path,number\n427/a.png,427\n007/a.png,008\n")
    args = ["--readers", "segmented", "--data", str(own / "table.csv"), "-o", str(tmp_path / "out")]
    assert cli.main(["benchmark", *args]) == 0
    (result,) = results(tmp_path / "out")
    assert (result["n"], result["exact_match"]["right"], result["digit_accuracy"]["right"]) == (2, 1, 5)


def test_own_images_of_a_table_apart_by_a_column(own, tmp_path):
    (own / "table.csv").write_text("path,number,source\n427/a.png,427,b\n007/a.png,008,a\n315/a.png,315,b\n")
    args = ["--readers", "segmented", "--data", str(own / "table.csv"), "--group-by", "source"]
    assert cli.main(["benchmark", *args, "-o", str(tmp_path / "out")]) == 0
    found = [(r["images"], r["n"], r["exact_match"]["right"]) for r in results(tmp_path / "out")]
    assert found == [("all", 3, 2), ("a", 1, 0), ("b", 2, 2)]


def test_own_splits_are_kinds_of_their_own(own, tmp_path):
    for split, label in (("train", "427"), ("test", "315")):
        (own / split).mkdir()
        (own / label).rename(own / split / label)
    assert cli.main(["benchmark", "--readers", "segmented", "--data", str(own), "-o", str(tmp_path / "out")]) == 0
    assert [(r["images"], r["n"]) for r in results(tmp_path / "out")] == [("train", 1), ("test", 1)]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--conditions", "spaced", "upside_down"], "received upside_down"),
        (["--conditions", "upside_down"], ", ".join(CONDITIONS)),
        (["--group-by", "source"], "--group-by needs a table"),
        (["--readers", "psychic"], "invalid choice"),
        (["--protocol", "fair"], "invalid choice"),
        (["--images", "0"], "at least 1"),
        (["--ablation", "--data", "{folder}/empty"], "--ablation reads composed fields"),
        (["--mnist", "{folder}/nowhere.npz"], "found none at"),
        (["--data", "{folder}/nowhere"], "nowhere"),
        (["--data", "{folder}/empty"], "Expected labelled images, such as '427/a.png'"),
        (["--data", "{folder}/table.csv"], "Missing: ['number']"),
    ],
)
def test_bad_usage_ends_in_2_with_a_line_and_no_results(capsys, mnist_file, tmp_path, args, words):
    (tmp_path / "empty").mkdir()
    (tmp_path / "table.csv").write_text("path,label\na.png,427\n")
    with pytest.raises(SystemExit) as stop:
        cli.main(
            ["benchmark", "--mnist", str(mnist_file), "-o", str(tmp_path / "out")]
            + [a.format(folder=tmp_path) for a in args]
        )
    assert stop.value.code == 2
    assert words in capsys.readouterr().err
    assert not list(tmp_path.glob("out/*"))


def test_no_digits_at_all_is_a_line(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("TRIDIGIT_MNIST", str(tmp_path / "nowhere.npz"))
    with pytest.raises(SystemExit) as stop:
        cli.main(["benchmark", "-o", str(tmp_path / "out")])
    assert stop.value.code == 2
    assert "nowhere.npz" in capsys.readouterr().err
