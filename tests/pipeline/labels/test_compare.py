"""``tridigit compare`` on drawn pictures: a small network from scratch, and the same one frozen."""

import csv
from functools import partial
from itertools import pairwise

import keras
import numpy as np
import pytest
from PIL import Image

from classifier.multihead import MultiHeadClassifier
from classifier.networks import small_cnn
from classifier.train.release_labels import Part
from pipeline.benchmark.metrics import Share
from pipeline.commands.main import main
from pipeline.labels import compare
from pipeline.labels.compare import subset, told_by_labels
from pipeline.labels.curve import draw_curve
from pipeline.labels.rows import COLUMNS, Row

SCRATCH, FROZEN = "small_cnn from scratch", "small_cnn with w.npz"
KEPT = ["small_cnn-from-scratch-16", "small_cnn-with-w.npz-16"]


@pytest.fixture(scope="module")
def table(tmp_path_factory, pictures):
    """A table of 90 images of 16 pixels and two groups: 50 for training, 20 for validation, 20 for test."""
    folder = tmp_path_factory.mktemp("pictures")
    X, Y = pictures(90)
    lines = ["path,shape,colour,split"]
    for k, image in enumerate(X):
        Image.fromarray(image).save(folder / f"{k}.png")
        split = "train" if k < 50 else "val" if k < 70 else "test"
        lines.append(f"{k}.png,{Y['shape'][k]},{Y['colour'][k]},{split}")
    (folder / "table.csv").write_text("\n".join(lines) + "\n")
    keras.utils.set_random_seed(0)
    np.savez(folder / "w.npz", *small_cnn(16).get_weights())
    return folder / "table.csv"


def command(table, out, labels, *options):
    backbones = f"small_cnn,small_cnn={table.parent / 'w.npz'}"
    words = ["--backbones", backbones, "--labels-per-class", labels, "--size", "16", "--epochs", "1", *options]
    return ["compare", str(out), "--data", str(table), *words]


@pytest.fixture(scope="module")
def compared(table, tmp_path_factory, uncompiled):
    """Its folder, after 3 labels a class were added to all of them, and what the table held before."""
    out = tmp_path_factory.mktemp("compared")
    with uncompiled(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(compare, "MultiHeadClassifier", partial(MultiHeadClassifier, epoch_size=1))
        assert main(command(table, out, "all")) == 0
        first = (out / "compare.csv").read_text()
        assert main(command(table, out, "3")) == 0
        assert main(command(table, out, "3,all")) == 0
    return out, first


def rows_in(out):
    with (out / "compare.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_network_has_a_row_for_each_count_and_group(compared):
    rows = rows_in(compared[0])
    assert tuple(rows[0]) == COLUMNS
    trainings = [(row["network"], row["labels_per_class"]) for row in rows[::3]]
    assert trainings == [(name, n) for n in ("all", "3") for name in (SCRATCH, FROZEN)]
    assert [row["group"] for row in rows] == 4 * ["shape", "colour", "every group"]
    assert {row["n"] for row in rows} == {"20"}
    for row in rows:
        low, high = Share(int(row["right"]), 20).interval
        assert (float(row["low"]), float(row["high"])) == pytest.approx((low, high), abs=1e-4)


def test_all_networks_learn_from_the_same_images(compared):
    rows = rows_in(compared[0])
    images = {n: {row["images"] for row in rows if row["labels_per_class"] == n} for n in ("3", "all")}
    assert images["all"] == {"50"}
    (few,) = images["3"]
    assert 6 <= int(few) <= 12


def test_what_stands_in_the_table_is_not_trained_again(compared):
    out, first = compared
    assert (out / "compare.csv").read_text().startswith(first)
    assert len(first.splitlines()) == 7


def test_features_are_kept_and_checkpoints_are_not(compared, table):
    out, _ = compared
    files = {"compare.csv", "compare.json", "compare.png", "features", *KEPT}
    assert {path.name for path in out.iterdir()} == files
    parts = [np.load(file)["digests"] for file in out.glob("features/*/features-*.npz")]
    assert sum(map(len, parts)) == 90  # each image once, in however many trainings it was
    assert len(np.unique(np.concatenate(parts), axis=0)) == 90


@pytest.mark.parametrize("network", KEPT)
def test_the_networks_of_most_labels_are_kept_and_label_files(compared, table, capsys, network):
    folder = compared[0] / network
    assert {file.name for file in folder.iterdir()} == {f"labels{s}" for s in (".keras", ".onnx", ".json", ".md")}
    card = (folder / "labels.md").read_text()
    assert "50 images of table.csv" in card
    assert "`tridigit compare DIR --data table.csv --backbones small_cnn,small_cnn=w.npz --labels-per-class all" in card
    assert main(["label", str(table.parent / "0.png"), "--model", str(folder)]) == 0
    assert capsys.readouterr().out.startswith("path,shape,shape_probability,colour,")


def test_the_curve_is_drawn(compared):
    picture = np.asarray(Image.open(compared[0] / "compare.png").convert("L"))
    assert min(picture.shape) > 400
    assert (picture < 100).mean() > 0.005


def test_a_table_of_other_settings_is_not_mixed_with(compared, table, capsys):
    with pytest.raises(SystemExit) as stop:
        main(command(table, compared[0], "3", "--no-flips"))
    assert stop.value.code == 2
    assert "has another comparison; take another folder. They differ in: flips" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--backbones", "small_cnn,vgg"], "expected one of small_cnn,"),
        (["--backbones", "small_cnn=none.npz"], "expected a file, found none at 'none.npz'"),
        (["--backbones", "small_cnn,small_cnn"], "should be named once"),
        (["--backbones", "small_cnn=imagenet"], "There are no published weights of small_cnn"),
        (["--backbones", "small_cnn", "--size", "4"], "`size` should be 8 at least for small_cnn. Received: 4"),
        (["--size", "16,16,16"], "--size should have one value or 2"),
        (["--labels-per-class", "5,many"], "expected a number of at least 1, received 'many'"),
        (["--labels-per-class", "5000"], "at most: no label has more images. Received: [5000]"),
        (["--groups", "angle"], "should have the columns ['angle']"),
    ],
)
def test_what_cannot_be_compared_is_said_before_any_training(table, tmp_path, capsys, options, words):
    with pytest.raises(SystemExit) as stop:
        main([*command(table, tmp_path / "out", "3"), *options])
    assert stop.value.code == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_group_without_test_labels_is_refused(table, tmp_path, capsys):
    bare = table.parent / "bare.csv"
    bare.write_text(table.read_text().replace(",red,test", ",,test").replace(",blue,test", ",,test"))
    with pytest.raises(SystemExit):
        main(command(bare, tmp_path, "3"))
    assert "Images for test should have labels of each group. Received: none of ['colour']" in capsys.readouterr().err


@pytest.fixture
def part():
    """60 images, a third of each of three labels; only half of them have a second."""
    rng = np.random.default_rng(0)
    kind = rng.permutation(np.repeat(["a", "b", "c"], 20))
    side = np.where(np.arange(60) % 2, rng.permutation(np.repeat(["left", "right"], 30)), "")
    return Part(np.zeros((60, 8, 8, 3), np.uint8), {"kind": kind, "side": side})


def test_a_subset_has_so_many_of_each_label_and_is_part_of_the_larger_ones(part):
    one = Part(part.images, {"kind": part.labels["kind"]})
    subsets = [subset(one, n, seed=1) for n in (2, 5, None)]
    assert [len(chosen) for chosen in subsets] == [6, 15, 60]
    for few, more in pairwise(subsets):
        assert set(few.tolist()) < set(more.tolist())
    labels, counts = np.unique(part.labels["kind"][subsets[1]], return_counts=True)
    assert dict(zip(labels.tolist(), counts.tolist(), strict=True)) == {"a": 5, "b": 5, "c": 5}
    assert subset(one, 5, seed=2).tolist() != subsets[1].tolist()


def test_every_group_has_so_many_of_each_label(part):
    chosen = subset(part, 4, seed=0)
    for column in part.labels.values():
        labels, counts = np.unique(column[chosen], return_counts=True)
        assert min(n for label, n in zip(labels, counts, strict=True) if label) >= 4
    assert subset(part, 20, seed=0).size >= 60  # a label that has fewer gives all


def test_the_best_is_told_first_and_what_chance_may_be():
    def row(network, labels, right):
        return Row(network, 32, labels, {"5": 50, "all": 900}[labels], "label", Share(right, 1000), 1.0)

    told = list(told_by_labels([row("a", "all", 910), row("b", "all", 900), row("a", "5", 300), row("b", "5", 600)]))
    assert told[0].startswith("5 labels a class: b 60.00% (56.93–62.99), a 30.00%")
    assert told[0].endswith(")")
    assert told[1].startswith("all labels a class: a 91.00%")
    assert told[1].endswith("; intervals overlap")


def test_the_legend_of_many_networks_stays_in_the_picture():
    sizes = (32, 96, 160, 224)
    rows = [Row("mobilenet_v3_small with imagenet", size, "5", 50, "label", Share(30, 50), 1.0) for size in sizes]
    figure = draw_curve(rows)
    figure.canvas.draw()
    (legend,) = figure.legends
    box = legend.get_window_extent()
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.x1
