"""``tridigit make-data``: MNIST -> folders of Triple MNIST."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.commands.options import EXIT_OK, add_mnist, count, need_mnist

if TYPE_CHECKING:
    from classifier.data.triple_mnist import Overlap, Triples


def add(commands: argparse._SubParsersAction) -> None:
    data = commands.add_parser(
        "make-data",
        help="write Triple MNIST as folders of images",
        description="Write Triple MNIST as train/, val/ and test/ with one folder for each number, and print how much "
        "of the test images a network has seen in training.",
    )
    data.add_argument("out", metavar="DIR", type=Path, help="folder to write, empty or new")
    data.add_argument(
        "--protocol",
        choices=["leak-free", "pooled"],
        default="leak-free",
        help="draw the test images from MNIST's test digits only, or as the public generator does from all digits "
        "(default: %(default)s)",
    )
    data.add_argument(
        "--images-per-class", type=count, default=100, metavar="N", help="images of each number (%(default)s)"
    )
    data.add_argument("--seed", type=int, default=123, metavar="N", help="default: %(default)s, the public set's")
    add_mnist(data)
    data.set_defaults(run=_make_data)


def _make_data(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    from classifier.data.mnist import load_mnist
    from classifier.data.triple_mnist import count_overlap, make_triples

    if args.out.exists() and (not args.out.is_dir() or any(args.out.iterdir())):
        parser.error(f"expected an empty or new folder, received {str(args.out)!r}")
    need_mnist(args, parser)
    try:
        mnist = load_mnist(args.mnist)
        triples = make_triples(mnist, args.protocol, per_number=args.images_per_class, seed=args.seed)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    for split, part in triples.items():
        _write(part, args.out / split)
        print(f"{split}: {len(part.images):,} images of {len(set(part.numbers.tolist()))} numbers")
    print(describe(count_overlap(triples["train"], triples["test"])))
    return EXIT_OK


def describe(overlap: Overlap) -> str:
    """An overlap in words."""
    return (
        f"test images with a digit image that training also has: {overlap.images_seen:,} of {overlap.images:,} "
        f"({overlap.images_seen / overlap.images:.1%}); with all three: {overlap.images_all_seen:,} "
        f"({overlap.images_all_seen / overlap.images:.1%}); "
        f"different digit images in test that training also has: {overlap.digits_seen:,} of {overlap.digits:,} "
        f"({overlap.digits_seen / overlap.digits:.1%})"
    )


def _write(triples: Triples, folder: Path) -> None:
    """``427/0_427.png`` and so on, as the public set names them."""
    import cv2

    written: dict[str, int] = {}
    for image, number in zip(triples.images, triples.numbers.tolist(), strict=True):
        k = written[number] = written.get(number, -1) + 1
        (folder / number).mkdir(parents=True, exist_ok=True)
        (folder / number / f"{k}_{number}.png").write_bytes(cv2.imencode(".png", image)[1].tobytes())
