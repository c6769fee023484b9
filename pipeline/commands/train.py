"""``tridigit train``: digits -> weights."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.commands.options import EXIT_OK, add_mnist, count, existing_file, need_extra, quiet_tensorflow

WRITES = (
    "Writes the weights (.keras), their runtime form (.onnx), the history (.json) and a model card (.md). Ctrl-C keeps "
    "a checkpoint; the same command goes on from there."
)


def add(commands: argparse._SubParsersAction) -> None:
    train = commands.add_parser("train", help="train a network", description="Train a network and write its weights.")
    networks = train.add_subparsers(required=True, metavar="NETWORK")
    digit = networks.add_parser(
        "digit", help="the digit classifier", description=f"Train the digit classifier. {WRITES}"
    )
    _add_common(digit)
    digit.add_argument(
        "--cut",
        metavar="N",
        type=count,
        default=0,
        help="learn, too, from what the segmenter cuts out of N composed numbers",
    )
    digit.set_defaults(run=_train_digit)
    number = networks.add_parser(
        "number", help="a whole-image classifier", description=f"Train a whole-image classifier. {WRITES}"
    )
    _add_common(number)
    number.add_argument(
        "--network",
        choices=["columns", "specified", "softmax"],
        default="columns",
        help="the one that ships; three convolutions with pooling and 30 sigmoids; the same with a softmax for each "
        "position (default: %(default)s)",
    )
    number.add_argument("--flips", action="store_true", help="mirror images at random, to see what it costs")
    number.add_argument("--logs", metavar="DIR", type=Path, help="write TensorBoard's logs there")
    number.set_defaults(run=_train_number)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("out", metavar="DIR", type=Path, help="folder for the weights")
    add_mnist(parser)
    parser.add_argument(
        "--protocol",
        choices=["leak-free", "pooled"],
        default="leak-free",
        help="train on MNIST's training digits, or on those of the public Triple MNIST's training images "
        "(default: %(default)s)",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="default: %(default)s")
    parser.add_argument("--epochs", type=count, metavar="N", help="default: as the weights in the package were made")
    parser.add_argument("--params", type=existing_file, metavar="FILE", help="best.toml of `tridigit tune`")
    parser.add_argument("--start", type=existing_file, metavar="FILE", help="weights (.keras) to go on from")
    parser.add_argument(
        "--average", action="store_true", help="end with the mean of the weights of --start and those arrived at"
    )


def _train_digit(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    need_extra(parser, "train")
    from pipeline.synth.cut_crops import cut_crops

    return _train("digit", args, parser, cut=cut_crops, cut_fields=args.cut)


def _train_number(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    need_extra(parser, "train")
    if args.logs:
        need_extra(parser, "logs")
    return _train("number", args, parser, network=args.network, flips=args.flips, logs=args.logs)


def _train(what: str, args: argparse.Namespace, parser: argparse.ArgumentParser, **own: Any) -> int:
    if args.average and not args.start:
        parser.error("--average needs --start")
    quiet_tensorflow()
    from classifier.search.space import load_params
    from classifier.train import release

    trains: dict[str, Callable[..., Path]] = {"digit": release.train_digit, "number": release.train_number}
    try:
        trains[what](
            args.out,
            protocol=args.protocol,
            mnist=args.mnist,
            seed=args.seed,
            epochs=args.epochs,
            params=load_params(args.params) if args.params else None,
            start=args.start,
            average=args.average,
            verbose=1,
            **own,
        )
    except (ImportError, OSError, ValueError) as error:
        parser.error(str(error))
    return EXIT_OK
