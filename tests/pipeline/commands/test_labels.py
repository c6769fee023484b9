"""What a backbone begins with where nothing else is asked for."""

import pytest

from pipeline.commands import main as cli
from pipeline.commands.compare import backbone
from pipeline.commands.labels import size_of, weights_of


@pytest.mark.parametrize(
    ("name", "weights", "size", "expected"),
    [
        ("mobilenet_v2", None, None, ("imagenet", 96)),
        ("mobilenet_v2", "none", None, (None, 96)),
        ("efficientnet_lite0", "w.npz", 160, ("w.npz", 160)),
        ("small_cnn", None, None, (None, 32)),
        ("small_cnn", "w.npz", 48, ("w.npz", 48)),
    ],
)
def test_what_is_pretrained_is_frozen_and_what_is_not_is_small(name, weights, size, expected):
    assert (weights_of(name, weights), size_of(name, size)) == expected


def test_transfer_is_what_a_training_without_options_does():
    args = cli.build_parser().parse_args(["train", "labels", "DIR", "--data", "table.csv"])
    assert (args.backbone, args.weights, args.size) == ("mobilenet_v2", None, None)


def test_a_backbone_may_carry_its_weights(tmp_path):
    (tmp_path / "w=1.npz").touch()
    assert backbone("resnet50") == ("resnet50", None)
    assert backbone("resnet50=none") == ("resnet50", "none")
    assert backbone(f"small_cnn={tmp_path / 'w=1.npz'}") == ("small_cnn", str(tmp_path / "w=1.npz"))
