"""``tridigit train labels``: labelled pictures -> a network; ``tridigit label``: pictures -> their labels."""

from __future__ import annotations

import argparse
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.commands.options import EXIT_NOT_ALL_IMAGES, EXIT_OK, count, existing_file, need_extra

if TYPE_CHECKING:
    from classifier.train.release_labels import Part

SHOWN = 10
# As in classifier.networks, which would load Keras.
BACKBONES = (
    "small_cnn", "efficientnet_lite0", "mobilenet_v2", "mobilenet_v3_small", "efficientnet_b0", "resnet50",
)  # fmt: skip
# The one that has no published weights, and is for small images.
FROM_SCRATCH = "small_cnn"


def add_training(networks: argparse._SubParsersAction) -> None:
    labels = networks.add_parser(
        "labels",
        help="a network for labels of any pictures",
        description="Train one backbone with a head for each label group. Writes the weights (.keras), their runtime "
        "form (.onnx), the history (.json) and a model card (.md). Ctrl-C keeps a checkpoint; the same command goes "
        "on from there.",
    )
    labels.add_argument("out", metavar="DIR", type=Path, help="folder for the weights")
    add_data(labels)
    labels.add_argument(
        "--backbone",
        default="mobilenet_v2",
        choices=BACKBONES,
        metavar="NAME",
        help=f"one of {', '.join(BACKBONES)} (default: %(default)s)",
    )
    labels.add_argument(
        "--weights",
        type=weights,
        metavar="imagenet|none|FILE",
        help="what the backbone begins with: it is then not trained, and its heads learn from its features; with none "
        "all is trained (default: imagenet, which Keras fetches; small_cnn: none)",
    )
    labels.add_argument("--fine-tune", action="store_true", help="with weights: train the backbone on, too")
    labels.add_argument(
        "--size", type=count, metavar="N", help="side of the images that the network sees (default: 96; small_cnn: 32)"
    )
    add_schedule(labels)
    labels.set_defaults(run=_train)


def add(commands: argparse._SubParsersAction) -> None:
    label = commands.add_parser(
        "label",
        help="label pictures with a trained network",
        description="Label pictures: one row a file with the answer of each label group and its probability. Exit "
        "status: 0 if every file was an image, 3 if some were not, 2 for bad usage.",
    )
    label.add_argument("paths", metavar="PATH", nargs="+", help="file, folder, pattern or URL")
    label.add_argument(
        "--model", metavar="DIR", type=Path, required=True, help="folder that `tridigit train labels` wrote"
    )
    label.add_argument(
        "-o", "--output", metavar="FILE", type=Path, help="write the table here (default: standard output)"
    )
    label.add_argument("--recursive", action="store_true", help="look into the folders of a folder")
    label.set_defaults(run=_label)


def _label(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    from pipeline.batch.files import find_files
    from pipeline.labels.answers import answer_files, load_model, write_answers

    try:
        network = load_model(args.model)
        sources = list(find_files(args.paths, recursive=args.recursive))
        out = args.output.open("w", newline="", encoding="utf-8") if args.output else nullcontext(sys.stdout)
    except (ImportError, OSError, ValueError) as error:
        parser.error(str(error))
    with out as file:
        n, failed = write_answers(answer_files(sources, network), network, file)
    print(f"tridigit: {n} files, {failed} without an answer", file=sys.stderr)
    return EXIT_NOT_ALL_IMAGES if failed else EXIT_OK


def add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data",
        metavar="TABLE",
        type=Path,
        required=True,
        help="CSV table with the column path and one for each label group; or a folder with a folder for each label; "
        "or cifar10.npz",
    )
    parser.add_argument("--groups", metavar="A,B", help="columns to learn (default: all)")
    parser.add_argument("--group-by", metavar="COLUMN", help="keep the images of each of its values in one part")


def add_schedule(parser: argparse.ArgumentParser) -> None:
    """Options of every training on them."""
    parser.add_argument("--no-flips", dest="flips", action="store_false", help="do not mirror images left-right")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="default: %(default)s")
    parser.add_argument("--epochs", type=count, metavar="N", help="default: 16")


def weights(text: str) -> str:
    """'imagenet', 'none', or a file that is there."""
    return text if text in ("imagenet", "none") else str(existing_file(text))


def weights_of(backbone: str, given: str | None) -> str | None:
    """What a backbone begins with; None is fresh weights."""
    found = given or ("none" if backbone == FROM_SCRATCH else "imagenet")
    return None if found == "none" else found


def size_of(backbone: str, given: int | None) -> int:
    """The side of the images that it sees."""
    return given or (32 if backbone == FROM_SCRATCH else 96)


def load_parts(args: argparse.Namespace, size: int) -> dict[str, Part]:
    """The images of ``--data`` for training, validation and test; those that cannot be used are said."""
    from classifier.train.release_labels import Part
    from pipeline.labels.images import load_labels

    parts = load_labels(args.data, size=size, groups=groups_of(args), group_by=args.group_by, seed=args.seed)
    say_skipped([row for part in parts.values() for row in part.skipped])
    return {name: Part(part.images, part.labels) for name, part in parts.items()}


def groups_of(args: argparse.Namespace) -> list[str] | None:
    return args.groups.split(",") if args.groups else None


def _train(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    begun_with, size = weights_of(args.backbone, args.weights), size_of(args.backbone, args.size)
    if args.fine_tune and not begun_with:
        parser.error("--fine-tune needs --weights")
    need_extra(parser, "train")
    from classifier.train.release_labels import train_labels

    try:
        train_labels(
            args.out,
            parts=load_parts(args, size),
            data=args.data.name,
            group_by=args.group_by,
            backbone=args.backbone,
            groups=groups_of(args),
            weights=begun_with,
            fine_tune=args.fine_tune,
            size=size,
            flips=args.flips,
            seed=args.seed,
            epochs=args.epochs,
            verbose=1,
        )
    except (ImportError, OSError, ValueError) as error:
        parser.error(str(error))
    return EXIT_OK


def say_skipped(skipped: list[tuple[str, str]]) -> None:
    """A line for each image that cannot be used, as far as a person reads."""
    for name, why in skipped[:SHOWN]:
        print(f"tridigit: skipped {name}: {why}", file=sys.stderr)
    if len(skipped) > SHOWN:
        print(f"tridigit: and {len(skipped) - SHOWN} more", file=sys.stderr)
