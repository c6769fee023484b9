"""``tridigit compare``: the same labelled pictures, few to many, for several networks -> a table and a curve."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.commands.labels import BACKBONES, add_data, add_schedule, load_parts, size_of, weights, weights_of
from pipeline.commands.options import EXIT_OK, count, need_extra


def add(commands: argparse._SubParsersAction) -> None:
    compare = commands.add_parser(
        "compare",
        help="transfer learning beside a network from scratch",
        description="Train several networks on the same seeded subsets with few to many labels a class. Writes test "
        "accuracy with 95% intervals and seconds (compare.csv), the curves (compare.png), and what train labels "
        "writes, for each network of most labels. The same command goes on where it was stopped; more networks or "
        "labels are added to the table.",
    )
    compare.add_argument("out", metavar="DIR", type=Path, help="folder for table and picture")
    add_data(compare)
    compare.add_argument(
        "--backbones",
        type=_several(backbone),
        default=[("small_cnn", None), ("mobilenet_v2", None)],
        metavar="NAME[=WEIGHTS],...",
        help=f"any of {', '.join(BACKBONES)}. small_cnn is trained from scratch; the others are frozen with weights of "
        "ImageNet, or with =FILE those of a file; =none trains them from scratch (default: small_cnn,mobilenet_v2)",
    )
    compare.add_argument(
        "--labels-per-class",
        type=_several(lambda text: None if text == "all" else count(text)),
        metavar="N,...",
        help="images of each label to learn from, or all (default: 5,20,100,all; without those that no label has)",
    )
    compare.add_argument(
        "--size",
        type=_several(count),
        metavar="N[,N...]",
        help="side of the images that the networks see: one for all, or one for each (default: 96; small_cnn: 32)",
    )
    add_schedule(compare)
    compare.set_defaults(run=_compare)


def backbone(text: str) -> tuple[str, str | None]:
    """'mobilenet_v2', 'mobilenet_v2=none' or 'mobilenet_v2=FILE' -> name, and weights where they are given."""
    name, equals, given = text.partition("=")
    if name not in BACKBONES:
        raise argparse.ArgumentTypeError(f"expected one of {', '.join(BACKBONES)}, received {name!r}")
    return name, weights(given) if equals else None


def _several(kind: Callable[[str], Any]) -> Callable[[str], list[Any]]:
    """An argument of several values between commas."""
    return lambda text: [kind(part) for part in text.split(",")]


def _compare(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    sizes = args.size or [None]
    if len(sizes) not in (1, len(args.backbones)):
        parser.error(f"--size should have one value or {len(args.backbones)}, one for each network")
    need_extra(parser, "train")
    from pipeline.labels.compare import PICTURE, TABLE, compare_networks, told_by_labels
    from pipeline.labels.rows import Network

    sizes = sizes * len(args.backbones) if len(sizes) == 1 else sizes
    networks = [
        Network(name, weights_of(name, given), size_of(name, size))
        for (name, given), size in zip(args.backbones, sizes, strict=True)
    ]
    try:
        rows = compare_networks(
            args.out,
            parts=load_parts(args, max(network.size for network in networks)),
            data=args.data.name,
            command=_command(args),
            networks=networks,
            labels_per_class=args.labels_per_class,
            flips=args.flips,
            seed=args.seed,
            epochs=args.epochs,
            tell=lambda line: print(line, flush=True),
        )
    except (ImportError, OSError, ValueError) as error:
        parser.error(str(error))
    print("", *told_by_labels(rows), f"wrote {args.out / TABLE} and {args.out / PICTURE}", sep="\n")
    return EXIT_OK


def _command(args: argparse.Namespace) -> str:
    """The command that does this comparison, for the cards."""
    names = [f"{name}={Path(given).name}" if given else name for name, given in args.backbones]
    words = ["tridigit compare DIR", f"--data {args.data.name}", f"--backbones {','.join(names)}"]
    counts = args.labels_per_class and ",".join(str(n or "all") for n in args.labels_per_class)
    given = {"labels-per-class": counts, "size": args.size and ",".join(map(str, args.size))}
    given |= {"groups": args.groups, "group-by": args.group_by, "seed": args.seed, "epochs": args.epochs}
    words += [f"--{name} {value}" for name, value in given.items() if value is not None]
    return " ".join([*words, *["--no-flips"] * (not args.flips)])
