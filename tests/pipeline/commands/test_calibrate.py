"""`tridigit calibrate`, from labelled images to a profile that `tridigit read` takes."""

import csv
import inspect
import io
from collections import Counter

import cv2
import numpy as np
import pytest
from PIL import Image

from pipeline.calibrate import calibration
from pipeline.calibrate.images import CALIBRATED_ON, MANY, MANY_TIMES, trained_kinds
from pipeline.commands import main as cli
from pipeline.decision.profile import Profile
from pipeline.readers import SOURCES
from pipeline.synth.conditions import compose


@pytest.fixture(scope="module")
def fields(digits, tmp_path_factory):
    """40 labelled fields that touch, in a folder for each number; beside them what is no field."""
    folder = tmp_path_factory.mktemp("mine") / "pages"
    images, numbers, _ = compose(*digits, 40, condition="touching", seed=0)
    for k, (image, number) in enumerate(zip(images, numbers, strict=True)):
        (folder / number).mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / number / f"{k}.png"), image)
    (folder / numbers[0] / "note.png").write_text("no image")
    return folder


@pytest.fixture(scope="module")
def calibrated(fields, tmp_path_factory):
    """The profile's path and what was printed."""
    path = tmp_path_factory.mktemp("profile") / "mine.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", out := io.StringIO())
        patch.setattr("sys.stderr", err := io.StringIO())
        assert cli.main(["calibrate", str(fields), "-o", str(path)]) == 0
    return path, out.getvalue(), err.getvalue()


def read(capsys, *args):
    status = cli.main(["read", *map(str, args)])
    return status, list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


def refused(capsys, *args):
    """What stood on standard error when a command was refused as bad usage."""
    with pytest.raises(SystemExit) as stop:
        cli.main([*map(str, args)])
    assert stop.value.code == 2
    return capsys.readouterr().err


def test_a_folder_becomes_a_profile_of_its_images(calibrated):
    profile = Profile.load(calibrated[0])
    assert profile.made_from == "40 images of pages"
    assert profile.acceptance["fused"].measured_on == 20
    assert profile.exponents != Profile.shipped().exponents


def test_it_says_what_can_be_promised_and_what_cannot(calibrated):
    path, out, _ = calibrated
    assert "measured on 20 of them that nothing was fitted on" in out
    ceiling = Profile.load(path).acceptance["fused"].ceiling
    assert f"with 95% confidence is {ceiling:.4f}" in out
    assert "--accept-precision 0.999  cannot be promised: everything would be for review" in out
    assert f"wrote {path} and {path.with_suffix('.md')}" in out
    assert "40 images of pages" in path.with_suffix(".md").read_text()


def test_it_names_what_it_skips(calibrated):
    assert "note.png: no image" in calibrated[2]


def test_reading_takes_the_profile(calibrated, fields, capsys):
    profile = Profile.load(calibrated[0])
    images = sorted(fields.rglob("[0-9]*.png"))[:12]
    status, strict = read(capsys, *images, "--profile", calibrated[0])
    assert status == 0
    assert {row["status"] for row in strict} <= {"review", "unreadable"}  # twenty images promise no 0.999
    _, rows = read(capsys, *images, "--profile", calibrated[0], "--accept-precision", "0.3")
    threshold = profile.threshold("fused", 0.3)
    assert threshold is not None
    accepted = [row for row in rows if row["status"] == "accept"]
    assert accepted
    assert all(float(row["confidence"]) >= round(threshold, 4) for row in accepted)
    _, other = read(capsys, *images)
    assert "accept" in {row["status"] for row in other}  # the package's profile promises its default


def test_a_table_of_labels_will_do(fields, tmp_path, capsys):
    rows = [f"{path},{path.parent.name}" for path in sorted(fields.rglob("[0-9]*.png"))[:8]]
    (tmp_path / "labels.csv").write_text("\n".join(["path,number", *rows]))
    assert cli.main(["calibrate", str(tmp_path / "labels.csv"), "-o", str(tmp_path / "p.json")]) == 0
    assert Profile.load(tmp_path / "p.json").made_from == "8 images of labels.csv"
    assert "cannot be promised" in capsys.readouterr().out


def test_without_a_folder_images_are_composed(mnist_file, tmp_path, capsys, monkeypatch):
    given, calibrate = {}, calibration.calibrate

    def noting(opinions, numbers, **options):
        given.update(options, numbers=numbers)
        return calibrate(opinions, numbers, **options)

    monkeypatch.setattr(calibration, "calibrate", noting)
    args = ["--images", "3", "--mnist", str(mnist_file), "--seed", "1", "-o", str(tmp_path / "composed.json")]
    assert cli.main(["calibrate", *args]) == 0
    # So that each kind is judged by what was fitted without it.
    each = dict.fromkeys(CALIBRATED_ON, 3) | dict.fromkeys(trained_kinds(), 1)
    each |= {MANY: 3 * MANY_TIMES, "no number": 6}
    assert Counter(given["kinds"].tolist()) == each
    assert set(given["numbers"][given["kinds"] == "no number"].tolist()) == {""}
    assert given["start"] is None
    profile = Profile.load(tmp_path / "composed.json")
    n = sum(each.values())
    words = f"{n} images composed from the last 20 of MNIST's training digits: 3 each of {', '.join(CALIBRATED_ON)}, "
    assert profile.made_from.startswith(f"{words}1 each of {', '.join(trained_kinds())}, {3 * MANY_TIMES} of {MANY} ")
    assert profile.made_from.endswith(", 6 without a number; seed 1")
    assert profile.acceptance["whole"].measured_on == n // 2
    assert f"measured on {n // 2}" in capsys.readouterr().out


def test_composed_images_need_mnist(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("TRIDIGIT_MNIST", str(tmp_path / "none.npz"))
    assert "none.npz" in refused(capsys, "calibrate", "-o", tmp_path / "profile.json")
    (tmp_path / "no.npz").write_text("no arrays")
    assert "should be an .npz file" in refused(capsys, "calibrate", "--mnist", tmp_path / "no.npz")
    assert not (tmp_path / "profile.json").exists()


def test_images_of_ones_own_and_composed_ones_are_not_asked_for_together(fields, tmp_path, capsys):
    assert "PATH brings its own" in refused(capsys, "calibrate", fields, "--seed", "0", "-o", tmp_path / "p.json")


def test_a_profile_has_another_name_than_its_card(fields, tmp_path, capsys):
    assert "name of its card" in refused(capsys, "calibrate", fields, "-o", tmp_path / "mine.md")


def test_copies_and_what_the_reader_refuses_are_skipped_and_named(fields, tmp_path, capsys):
    paths = sorted(fields.rglob("[0-9]*.png"))[:6]
    (tmp_path / "copy.png").write_bytes(paths[0].read_bytes())
    Image.new("L", (9000, 8000)).save(tmp_path / "large.png")
    rows = [*((path, path.parent.name) for path in paths), ("copy.png", paths[0].parent.name), ("large.png", "427")]
    (tmp_path / "labels.csv").write_text("\n".join(["path,number", *(f"{path},{number}" for path, number in rows)]))
    assert cli.main(["calibrate", str(tmp_path / "labels.csv"), "-o", str(tmp_path / "p.json")]) == 0
    assert Profile.load(tmp_path / "p.json").made_from == "6 images of labels.csv"
    errors = capsys.readouterr().err
    assert "the same image as" in errors
    assert "large.png" in errors


@pytest.mark.parametrize("name", ["empty", "nowhere"])
def test_no_images_are_refused(tmp_path, capsys, name):
    (tmp_path / "empty").mkdir()
    err = refused(capsys, "calibrate", tmp_path / name, "-o", tmp_path / "profile.json")
    assert name in err
    assert not (tmp_path / "profile.json").exists()


def test_an_output_that_cannot_be_written_is_one_line(fields, tmp_path, capsys):
    table = tmp_path / "labels.csv"
    image = next(fields.rglob("[0-9]*.png"))
    table.write_text(f"path,number\n{image},{image.parent.name}\n")
    assert "no/such" in refused(capsys, "calibrate", table, "-o", tmp_path / "no" / "such" / "profile.json")


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (["--profile", "{fields}/nowhere.json"], "expected a file, found none"),
        (["--profile", __file__], "should be a profile of `tridigit calibrate`"),
        (["--accept-precision", "1"], "expected a number from 0 to below 1, received '1'"),
        (["--accept-precision", "-0.1"], "received '-0.1'"),
        (["--accept-precision", "nan"], "received 'nan'"),
        (["--accept-precision", "high"], "received 'high'"),
    ],
)
def test_reading_refuses_what_is_no_profile_and_no_precision(fields, capsys, option, words):
    assert words in refused(capsys, "read", fields, *(part.format(fields=fields) for part in option))


def test_every_parameter_of_the_composed_images_is_an_option():
    from pipeline.calibrate.images import calibration_images

    parser = cli.build_parser()
    (command,) = (a.choices["calibrate"] for a in parser._actions if isinstance(a.choices, dict))
    names = {"x": "mnist", "y": "mnist", "n": "images"}
    parameters = {names.get(name, name) for name in inspect.signature(calibration_images).parameters}
    assert parameters <= {action.dest for action in command._actions}


def test_fewer_images_are_refined_from_the_packages_profile(calibrated):
    """Its exponents stay near."""
    mine, shipped = Profile.load(calibrated[0]).exponents, Profile.shipped().exponents
    assert np.abs(mine.table(SOURCES) - shipped.table(SOURCES)).max() < 0.5
