"""``tridigit train``: digits -> weights."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.commands import labels, watch
from pipeline.commands.options import EXIT_OK, add_mnist, count, existing_file, need_extra

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
    _add_writers(digit)
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
    field = networks.add_parser(
        "field", help="the field classifier", description=f"Train the network that reads gray fields. {WRITES}"
    )
    field.set_defaults(run=_train_field)
    pixels = networks.add_parser(
        "pixels",
        help="what tells digits from print",
        description=f"Train the network that tells handwritten digits from all else on a field. {WRITES}",
    )
    pixels.set_defaults(run=_train_pixels)
    for composed in (field, pixels):
        _add_composed(composed)
    labels.add_training(networks)
    watch.add_training(networks)


def _add_composed(parser: argparse.ArgumentParser) -> None:
    """Options of the networks that learn from composed fields."""
    parser.add_argument("out", metavar="DIR", type=Path, help="folder for the weights")
    add_mnist(parser)
    _add_writers(parser)
    _add_schedule(parser)


def _add_writers(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--usps", metavar="FILE", type=existing_file, help="digits of other writers, as docs/training.md says"
    )
    parser.add_argument("--traces", metavar="FILE", type=existing_file, help="pen traces, as docs/training.md says")


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
    parser.add_argument("--params", type=existing_file, metavar="FILE", help="best.toml of `tridigit tune`")
    _add_schedule(parser)


def _add_schedule(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="default: %(default)s")
    parser.add_argument("--epochs", type=count, metavar="N", help="default: as the weights in the package were made")
    parser.add_argument("--start", type=existing_file, metavar="FILE", help="weights (.keras) to go on from")
    parser.add_argument(
        "--average", action="store_true", help="end with the mean of the weights of --start and those arrived at"
    )


def _train_digit(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    need_extra(parser, "train")
    from pipeline.synth.cut_crops import cut_crops
    from pipeline.synth.hands import written_crops

    own = {"cut": cut_crops, "cut_fields": args.cut, "write": written_crops, "usps": args.usps, "traces": args.traces}
    return _train("digit", args, parser, **own)


def _train_number(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    need_extra(parser, "train")
    if args.logs:
        need_extra(parser, "logs")
    return _train("number", args, parser, network=args.network, flips=args.flips, logs=args.logs)


def _train_field(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    need_extra(parser, "train")
    from classifier.train.release_field import train_field
    from pipeline.synth.compose import any_kind, compose_fields

    return _train_composed(train_field, compose_fields, any_kind(), args, parser)


def _train_pixels(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    need_extra(parser, "train")
    from classifier.train.release_field import train_pixels
    from pipeline.synth.compose import compose_pixels, much_beside_ink

    return _train_composed(train_pixels, compose_pixels, much_beside_ink(), args, parser)


def _train_composed(
    train: Callable[..., Path],
    compose: Callable[..., Any],
    recipe: Any,
    args: argparse.Namespace,
    parser: argparse.ArgumentParser,
) -> int:
    """Train on fields composed of MNIST's digits and of the other writers' that were given."""
    _check_average(args, parser)
    from functools import partial

    from classifier.data.mnist import load_mnist
    from classifier.train.release_field import SOURCES
    from pipeline.synth.hands import hands_of

    try:
        mnist = load_mnist(args.mnist)
        hands = hands_of(mnist.x_train, mnist.y_train, seed=args.seed, usps=args.usps, traces=args.traces)
        others = hands_of(mnist.x_val, mnist.y_val, seed=args.seed + 1)
        given = {"--usps": args.usps, "--traces": args.traces}
        written = [source for option, source in SOURCES.items() if given[option]]
        train(
            args.out,
            compose=partial(compose, hands=hands, recipe=recipe),
            compose_validation=partial(compose, hands=others, recipe=recipe),
            data=", ".join(["MNIST's training digits", *written, "drawn digits"]),
            seed=args.seed,
            epochs=args.epochs,
            start=args.start,
            average=args.average,
            verbose=1,
        )
    except (ImportError, OSError, ValueError) as error:
        parser.error(str(error))
    return EXIT_OK


def _check_average(args: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    if args.average and not args.start:
        parser.error("--average needs --start")


def _train(what: str, args: argparse.Namespace, parser: argparse.ArgumentParser, **own: Any) -> int:
    _check_average(args, parser)
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
