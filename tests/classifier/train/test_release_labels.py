"""``tridigit train labels`` from a table of drawn pictures to the files beside the weights."""

import csv
import json
from functools import partial

import keras
import numpy as np
import onnx
import pytest
from PIL import Image

from classifier.multihead import MultiHeadClassifier
from classifier.networks.heads import by_group
from classifier.runtime import GROUPS, GroupRuntime, groups_text
from classifier.train import release_labels
from classifier.train.export import export_onnx
from pipeline.commands.main import main


@pytest.fixture(scope="module")
def table(tmp_path_factory, pictures):
    """A table of 120 images: by its column 80 for training, 20 and 20 for the rest; two files cannot be read."""
    folder = tmp_path_factory.mktemp("pictures")
    X, Y = pictures(120)
    rows = []
    for k, image in enumerate(X):
        name = f"{k}.png"
        Image.fromarray(image).save(folder / name)
        split = "train" if k < 80 else "val" if k < 100 else "test"
        rows.append({"path": name, "shape": Y["shape"][k], "colour": Y["colour"][k], "split": split})
    (folder / "damaged.png").write_bytes((folder / "0.png").read_bytes()[:60])
    rows += [{"path": name, "shape": "bar", "colour": "red", "split": "train"} for name in ("damaged.png", "lost.png")]
    with (folder / "table.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder / "table.csv"


@pytest.fixture(scope="module")
def trained(table, tmp_path_factory, uncompiled):
    """Its folder, trained for two epochs."""
    folder = tmp_path_factory.mktemp("labels")
    with uncompiled(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(release_labels, "MultiHeadClassifier", partial(MultiHeadClassifier, epoch_size=1))
        command = ["train", "labels", str(folder), "--data", str(table), "--backbone", "small_cnn", "--size", "16"]
        assert main([*command, "--epochs", "2", "--seed", "3"]) == 0
    return folder


def test_it_writes_weights_runtime_form_history_and_card(trained):
    assert {file.name for file in trained.iterdir()} == {f"labels{s}" for s in (".keras", ".onnx", ".json", ".md")}
    assert len(json.loads((trained / "labels.json").read_text())["history"]["val_loss"]) == 2


def test_a_runtime_form_that_loses_more_than_a_point_is_said():
    right, wrong = np.full(50, True), np.arange(50) == 0
    with pytest.warns(UserWarning, match="Test shape: the runtime form loses 2.0 points of accuracy"):
        assert release_labels._both("Test shape", right, ~wrong).endswith("runtime form 98.00% (49 of 50)")


def test_the_runtime_form_answers_as_the_network(trained, pictures):
    X, _ = pictures(20, seed=5)
    floats = MultiHeadClassifier.load(trained / "labels.keras").predict_proba(X)
    integers = GroupRuntime(trained / "labels.onnx").predict_proba(X)
    assert list(floats) == list(integers) == ["shape", "colour"]  # which ONNX hands over the other way round
    for group, p in integers.items():
        np.testing.assert_allclose(p, floats[group], atol=0.1)


def test_the_image_is_scaled_in_floats(trained):
    """In integers its scaling cost small_cnn four points on CIFAR-10."""
    nodes = list(onnx.load(trained / "labels.onnx").graph.node)
    first = next(k for k, node in enumerate(nodes) if node.op_type == "Conv")
    scaled = {name for node in nodes[:first] if node.op_type in ("Mul", "Add") for name in node.output}
    assert scaled
    assert not [node for node in nodes if node.op_type == "QuantizeLinear" and node.input[0] in scaled]


@pytest.mark.parametrize(
    "words",
    [
        "shape (bar, disc), colour (blue, red)",
        "80 images of table.csv",
        "`tridigit train labels DIR --data table.csv --backbone small_cnn --size 16 --weights none --seed 3",
        "--seed 3 --epochs 2` |",
        "Validation shape | float32",
        "Test every group | float32",
        "of 20)",
        "images/s; in float32",
        "percentile calibration",
    ],
)
def test_the_card_tells_how_it_was_made(trained, words):
    assert words in (trained / "labels.md").read_text()


def label(trained, *args):
    """Exit status, and rows by path."""
    out = trained.parent / f"answers-{trained.name}.csv"
    status = main(["label", *map(str, args), "--model", str(trained), "-o", str(out)])
    with out.open(newline="") as file:
        return status, {row["path"]: row for row in csv.DictReader(file)}


def test_files_are_labelled_in_order_and_those_that_are_no_images_get_a_row(trained, table, capsys):
    status, rows = label(trained, table.parent)
    assert status == 3
    assert "121 files, 1 without an answer" in capsys.readouterr().err
    assert rows["damaged.png"] | {"error": ""} == dict.fromkeys(rows["damaged.png"], "") | {"path": "damaged.png"}
    assert "damaged" in rows["damaged.png"]["error"]
    network = GroupRuntime(trained / "labels.onnx")
    image = np.asarray(Image.open(table.parent / "7.png"))[None]
    for group, p in network.predict_proba(image).items():
        assert rows["7.png"][group] == network.classes_[group][p.argmax()]
        assert float(rows["7.png"][f"{group}_probability"]) == pytest.approx(p.max(), abs=1e-3)


def test_images_of_every_kind_are_labelled(trained, tmp_path):
    red = Image.new("RGB", (40, 20), (200, 30, 30))
    for name, image in {
        "gray": red.convert("L"),
        "alpha": red.convert("RGBA"),
        "large": red.resize((300, 200)),
    }.items():
        image.save(tmp_path / f"{name}.png")
    Image.fromarray(np.full((9, 9), 40_000, np.uint16)).save(tmp_path / "sixteen.png")
    status, rows = label(trained, tmp_path)
    assert status == 0
    assert {row["colour"] for row in rows.values()} <= {"red", "blue"}
    assert len(rows) == 4


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "Expected an exported network, found none"), ("other", "Expected a network of label groups, version 1")],
)
def test_a_model_folder_of_something_else_is_bad_usage(trained, tmp_path, capsys, content, words):
    import onnx

    if content:
        network = onnx.load(trained / "labels.onnx")
        onnx.helper.set_model_props(network, {"groups.json": '{"version": 2, "groups": {}}'})
        onnx.save(network, tmp_path / "labels.onnx")
    with pytest.raises(SystemExit) as stop:
        main(["label", str(tmp_path), "--model", str(tmp_path)])
    assert stop.value.code == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (["--fine-tune"], "--fine-tune needs --weights"),
        (["--groups", "angle"], "should have the columns ['angle']"),
        (["--backbone", "vgg"], "invalid choice: 'vgg'"),
        (["--weights", "none.npz"], "found none at 'none.npz'"),
        (["--weights", "imagenet"], "There are no published weights of small_cnn"),
        (["--size", "4"], "`size` should be 8 at least for small_cnn. Received: 4"),
    ],
)
def test_what_cannot_be_trained_is_bad_usage(table, tmp_path, capsys, option, words):
    with pytest.raises(SystemExit) as stop:
        main(["train", "labels", str(tmp_path / "out"), "--data", str(table), "--backbone", "small_cnn", *option])
    assert stop.value.code == 2
    assert words in capsys.readouterr().err


def test_sums_of_integers_do_not_saturate(tmp_path):
    """On processors without VNNI instructions they would: two products of large numbers are more than 16 bits hold."""
    inputs = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(32, 1, use_bias=False, kernel_initializer="ones")(inputs)
    features = keras.layers.Conv2D(32, 1, use_bias=False, kernel_initializer="ones", activation="relu")(x)
    model = by_group(inputs, features, {"light": 2})
    of_half = 128 * 3 * 32 * 32  # the sum of a channel's features in an image of half the light
    steep = np.tile([[1.0, 0.0]], (32, 1)) * 8 / of_half
    model.get_layer("group_0").set_weights([steep, np.array([-8.0, 0.0])])
    images = np.repeat(np.arange(0, 256, 16, dtype=np.uint8), 8 * 8 * 3).reshape(-1, 8, 8, 3)
    groups = {GROUPS: groups_text({"light": np.array(["bright", "dark"])})}
    export_onnx(model, tmp_path / "n.onnx", images.astype(np.float32), weight_bits=8, facts=groups)
    told = GroupRuntime(tmp_path / "n.onnx").predict_proba(images)["light"]
    np.testing.assert_allclose(told, model.predict(images.astype(np.float32), verbose=0)["light"], atol=0.1)
