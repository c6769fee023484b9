"""The ``tridigit`` command: parse, build, load, run, save."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from pipeline.batch import Source

EXIT_OK, EXIT_USAGE, EXIT_NOT_ALL_IMAGES, EXIT_INTERRUPTED = 0, 2, 3, 130
# Below this many files a second process costs more than it saves.
FILES_PER_WORKER = 400


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    parser = build_parser()
    args = parser.parse_args(argv)
    try:
        return int(args.run(args, parser))
    except KeyboardInterrupt:
        print("tridigit: stopped", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_OK


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="tridigit", description="Read three-digit handwritten numbers from images.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_read(commands)
    _add_train(commands)
    return parser


def _add_read(commands: argparse._SubParsersAction) -> None:
    read = commands.add_parser(
        "read",
        help="read images into a table",
        description="Read images into a table: one row a file. Exit status: 0 if every file was an image, "
        "3 if some were not, 2 for bad usage.",
    )
    read.add_argument("paths", metavar="PATH", nargs="+", help="file, folder or pattern; - for names on standard input")
    read.add_argument(
        "-o", "--output", metavar="FILE", type=Path, help="write the table here (default: standard output)"
    )
    read.add_argument("--format", choices=["csv", "jsonl"], help="default: by the suffix of FILE, else csv")
    read.add_argument("--reader", choices=["segmented"], default="segmented", help="how to read (default: %(default)s)")
    read.add_argument("--recursive", action="store_true", help="look into the folders of a folder")
    read.add_argument("--batch-size", type=_positive, default=64, metavar="N", help="images in one call (%(default)s)")
    read.add_argument("--workers", type=_positive, metavar="N", help="processes (default: by files and cores)")
    read.add_argument("--debug", metavar="DIR", type=Path, help="write one picture per image that shows why")
    read.add_argument("--max-pixels", type=_positive, metavar="N", help="refuse larger images (default: 64,000,000)")
    read.set_defaults(run=_read)


def _add_train(commands: argparse._SubParsersAction) -> None:
    train = commands.add_parser("train", help="train a network", description="Train a network and write its weights.")
    networks = train.add_subparsers(required=True, metavar="NETWORK")
    digit = networks.add_parser(
        "digit",
        help="the digit classifier",
        description="Train the digit classifier: writes cnn_digit_classifier.keras, its runtime form .onnx and a model "
        "card. Ctrl-C keeps a checkpoint; the same command goes on from there.",
    )
    digit.add_argument("out", metavar="DIR", type=Path, help="folder for the weights")
    digit.add_argument("--mnist", metavar="FILE", type=Path, help="mnist.npz (default: $TRIDIGIT_MNIST, then Keras's)")
    digit.add_argument("--seed", type=int, default=0, metavar="N", help="default: %(default)s")
    digit.add_argument("--epochs", type=_positive, default=40, metavar="N", help="default: %(default)s")
    digit.set_defaults(run=_train_digit)


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected a number of at least 1, received {text}")
    return value


def _read(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    from tqdm import tqdm

    from pipeline.batch import read_files
    from pipeline.reader import NumberReader
    from pipeline.table import WRITERS

    sources = list(_sources(args, parser))
    if not sources:
        print(f"tridigit: expected image files, found none in {' '.join(args.paths)}", file=sys.stderr)
    params = {} if args.max_pixels is None else {"max_pixels": args.max_pixels}
    reader = NumberReader.pretrained(**params)
    workers = args.workers or max(1, min(os.cpu_count() or 1, len(sources) // FILES_PER_WORKER))
    name = args.format or ("jsonl" if args.output and args.output.suffix in (".jsonl", ".ndjson") else "csv")
    errors = 0
    with _opened(args.output, parser) as file:
        write = WRITERS[name](file)
        rows = read_files(sources, reader, batch_size=args.batch_size, workers=workers, debug=args.debug)
        for row in tqdm(rows, total=len(sources), unit="image", disable=not sys.stderr.isatty()):
            write(row)
            errors += row.reading is None
    if errors:
        print(f"tridigit: {errors} of {len(sources)} files could not be read as images", file=sys.stderr)
    return EXIT_NOT_ALL_IMAGES if errors else EXIT_OK


def _sources(args: argparse.Namespace, parser: argparse.ArgumentParser) -> Iterator[Source]:
    """Files of all the paths; names on standard input need not exist, they get a row of their own."""
    from pipeline.batch import Source, find_files

    for path in args.paths:
        if path == "-":
            for line in sys.stdin:
                if name := line.rstrip("\n"):
                    yield Source(name, name)
            continue
        try:
            yield from find_files([path], recursive=args.recursive)
        except FileNotFoundError as error:
            parser.error(str(error))
        except OSError as error:
            parser.error(f"cannot list {path!r}: {error.strerror}")


@contextmanager
def _opened(output: Path | None, parser: argparse.ArgumentParser) -> Iterator[TextIO]:
    """The table's file. Bytes of a name that are no UTF-8 are written as an escape."""
    if output is None:
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", newline="")
        yield sys.stdout
        sys.stdout.flush()
        return
    try:
        file = output.open("w", encoding="utf-8", errors="backslashreplace", newline="")
    except OSError as error:
        parser.error(f"cannot write {str(output)!r}: {error.strerror}")
    with file:
        yield file


def _train_digit(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    from classifier.release import train_digit

    try:
        train_digit(args.out, mnist=args.mnist, seed=args.seed, epochs=args.epochs, verbose=1)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    return EXIT_OK


if __name__ == "__main__":
    sys.exit(main())
