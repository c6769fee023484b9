"""The command, run in this process."""

import csv
import inspect
import io
import os
import subprocess
import sys
from importlib.metadata import version

import cv2
import pytest

from pipeline import NumberReader
from pipeline.batch.files import find_files
from pipeline.batch.read import read_files
from pipeline.commands import main as cli
from pipeline.commands.options import tensorflow_settings
from pipeline.decision.profile import Profile
from pipeline.readers import SOURCES
from segmenter import Segmenter


def read(capsys, *args):
    """Exit status, rows and what stood on standard error."""
    status = cli.main(["read", *map(str, args)])
    out = capsys.readouterr()
    return status, list(csv.DictReader(io.StringIO(out.out))), out.err


def test_every_parameter_of_reading_is_an_option():
    parameters = set(inspect.signature(read_files).parameters) | set(inspect.signature(find_files).parameters)
    assert parameters - {"sources", "suffixes"} <= options("read")
    assert "max_pixels" in options("read") & set(Segmenter().get_params())
    own = set(inspect.signature(NumberReader).parameters) - {*SOURCES.values(), "pixel_classifier", "segmenter"}
    assert own == {"reader", "profile", "accept_precision", "digits"}
    assert own <= options("read")


def test_every_parameter_of_training_is_an_option():
    from classifier.train.release import train_digit, train_number

    names, given = {"cut_fields": "cut"}, {"verbose", "cut", "write"}  # what cuts and writes is not chosen
    for network, train in (("digit", train_digit), ("number", train_number)):
        parameters = {names.get(name, name) for name in set(inspect.signature(train).parameters) - given}
        assert parameters <= options("train", network)


@pytest.mark.parametrize("network", ["field", "pixels"])
def test_every_parameter_of_training_on_composed_fields_is_an_option(network):
    from classifier.train import release_field
    from pipeline.synth.hands import hands_of

    composed = {"compose", "compose_validation", "data"}  # of the hands
    parameters = set(inspect.signature(getattr(release_field, f"train_{network}")).parameters) - {"verbose"}
    assert composed < parameters
    hands = set(inspect.signature(hands_of).parameters) - {"x", "y"}  # MNIST's
    assert parameters - composed | hands | {"mnist"} <= options("train", network)


def test_every_parameter_of_training_on_labels_is_an_option():
    from classifier.train.release_labels import train_labels
    from pipeline.labels.images import load_labels

    parameters = set(inspect.signature(train_labels).parameters) | set(inspect.signature(load_labels).parameters)
    assert parameters - {"verbose", "parts"} <= options("train", "labels")


def test_every_parameter_of_comparing_networks_is_an_option():
    from pipeline.labels.compare import compare_networks
    from pipeline.labels.images import load_labels

    names = {"networks": "backbones"}
    parameters = set(inspect.signature(compare_networks).parameters) | set(inspect.signature(load_labels).parameters)
    assert {names.get(name, name) for name in parameters - {"tell", "parts", "command"}} <= options("compare")


def test_every_parameter_of_training_the_video_network_is_an_option():
    from classifier.train.release_video import train_video

    drawn = {"train", "validation", "test"}  # from the data
    assert set(inspect.signature(train_video).parameters) - drawn - {"verbose"} <= options("train", "video")


def test_the_backbones_of_the_command_are_those_of_the_registry():
    from classifier.networks import BACKBONES

    assert choices("--backbone", "train", "labels") == set(BACKBONES)


def test_every_parameter_of_a_search_is_an_option():
    from classifier.search.search import Search

    given = {"estimator", "X", "y", "stratified", "preparation", "setup", "verbose"}  # by what is tuned
    names = {"folder": "out", "groups": "group_by"}
    parameters = {names.get(name, name) for name in set(inspect.signature(Search).parameters) - given}
    assert parameters <= options("tune", "reader")


def test_every_parameter_of_making_data_is_an_option():
    from classifier.data.triple_mnist import make_triples

    names = {"per_number": "images_per_class"}
    parameters = {names.get(name, name) for name in inspect.signature(make_triples).parameters}
    assert parameters <= options("make-data")


def test_every_parameter_of_the_benchmark_is_an_option():
    from pipeline.benchmark.run import plan

    names = {"protocols": "protocol", "n": "images"}
    assert {names.get(name, name) for name in inspect.signature(plan).parameters} <= options("benchmark")


def test_what_can_be_chosen_is_what_there_is():
    from classifier.data.triple_mnist import PROTOCOLS
    from classifier.train.release import NETWORKS
    from pipeline.readers import READERS, WAYS

    assert choices("--reader", "read") == set(WAYS) == {"fused", "segmented", "field", "whole"}
    assert choices("--readers", "benchmark") == set(READERS)
    assert choices("--network", "train", "number") == set(NETWORKS)
    for command in (["train", "digit"], ["train", "number"], ["make-data"], ["benchmark"]):
        assert choices("--protocol", *command) == set(PROTOCOLS)


COMMANDS = [
    (), ("read",), ("form",), ("form", "new"), ("form", "check"), ("train",), ("train", "digit"), ("train", "number"),
    ("train", "field"), ("train", "labels"), ("train", "pixels"), ("train", "video"), ("watch",), ("label",),
    ("compare",), ("tune",), ("tune", "digit"), ("tune", "number"), ("tune", "reader"),
    ("make-data",), ("benchmark",), ("calibrate",), ("page",), ("review",),
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_tells_of_every_option(capsys, command):
    with pytest.raises(SystemExit) as stop:
        cli.main([*command, "--help"])
    assert stop.value.code == 0
    out = capsys.readouterr().out
    for action in subcommand(*command)._actions:
        assert all(name in out for name in action.option_strings or [action.metavar])
        assert action.help or isinstance(action.choices, dict)


def test_every_command_has_its_help_looked_at():
    def found(*names):
        yield names
        for action in subcommand(*names)._actions:
            if isinstance(action.choices, dict):
                for name in action.choices:
                    yield from found(*names, name)

    assert sorted(found()) == sorted(COMMANDS)


def subcommand(*names):
    parser = cli.build_parser()
    for name in names:
        parser = next(a for a in parser._actions if isinstance(a.choices, dict) and name in a.choices).choices[name]
    return parser


def options(*names):
    return {action.dest for action in subcommand(*names)._actions}


def choices(option, *names):
    return next(set(a.choices) for a in subcommand(*names)._actions if option in a.option_strings)


@pytest.mark.slow
def test_help_loads_no_keras():
    heavy = "{'keras', 'sklearn', 'matplotlib'}"
    code = f"import sys, pipeline.commands.main as c; c.build_parser(); print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_precision_that_nothing_promises_is_said_at_once(capsys, tmp_path, field):
    cv2.imwrite(str(tmp_path / "427.png"), field("427")[0])
    status, rows, err = read(capsys, tmp_path, "--accept-precision", "0.99999")
    assert (status, rows[0]["status"]) == (0, "review")
    assert f"promise at most {Profile.shipped().acceptance['fused'].ceiling:.4f}" in err


def test_the_version_is_that_of_the_package(capsys):
    with pytest.raises(SystemExit):
        cli.main(["--version"])
    assert capsys.readouterr().out == f"tridigit {version('tridigit')}\n"


@pytest.mark.parametrize("before", [None, "0"])
def test_a_command_leaves_the_environment_as_it_was(capsys, tmp_path, monkeypatch, field, before):
    cv2.imwrite(str(tmp_path / "427.png"), field("427")[0])
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    if before is not None:
        monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", before)
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS", raising=False)
    with tensorflow_settings():
        assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == (before or "2")
        assert os.environ["TF_ENABLE_ONEDNN_OPTS"] == "1"
    kept = dict(os.environ)
    assert cli.main(["read", str(tmp_path)]) == 0
    assert dict(os.environ) == kept
