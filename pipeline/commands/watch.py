"""``tridigit watch``: clips -> a table."""

from __future__ import annotations

import argparse
import csv
import glob
import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from pipeline.commands.options import EXIT_NOT_ALL_IMAGES, EXIT_OK, count, existing_file, need_extra, unless_set
from pipeline.grammar import how_many

if TYPE_CHECKING:
    from pipeline.watch.read import Watched


# Those of pipeline.watch.read, which takes longer to load than --help may.
MODES = ("drawn", "field")


def add(commands: argparse._SubParsersAction) -> None:
    watch = commands.add_parser(
        "watch",
        help="read clips: a digit as it is drawn, a field before a moving camera",
        description="Read clips into a table: one row a file. Exit status: 0 if every file was a clip, 3 if some were "
        "not, 2 for bad usage or an output that cannot be opened.",
    )
    watch.add_argument("paths", metavar="PATH", nargs="+", help="clip, folder of clips, or pattern")
    watch.add_argument(
        "-o", "--output", metavar="FILE", type=Path, help="a .csv or .jsonl file (default: CSV on standard output)"
    )
    watch.add_argument(
        "--mode", choices=MODES, default="drawn",
        help="a digit that is drawn before a camera that holds still, or a field that a camera moves over "
        "(default: %(default)s)",
    )  # fmt: skip
    watch.add_argument(
        "--every", type=count, default=1, metavar="N", help="look at the first of N frames (%(default)s)"
    )
    watch.add_argument(
        "--model", metavar="FILE", type=existing_file, help="an .onnx file of `tridigit train video`, for --mode drawn"
    )
    watch.add_argument("--picture", metavar="DIR", type=Path, help="write one picture a clip that shows why")
    watch.set_defaults(run=_watch)


def add_training(networks: argparse._SubParsersAction) -> None:
    """``tridigit train video``: pen traces or clips -> weights."""
    video = networks.add_parser(
        "video",
        help="the video classifier",
        description="Train the network that reads digits as drawn. Writes what the other trainings write.",
    )
    video.add_argument("out", metavar="DIR", type=Path, help="folder for the weights")
    video.add_argument(
        "--data", metavar="STROKES.npz|FOLDER", type=Path, required=True,
        help="pen traces, as docs/training.md says, or clips in folders 0 to 9",
    )  # fmt: skip
    video.add_argument(
        "--cell", choices=["lstm", "gru", "mean"], default="gru", help="what follows the frames (default: %(default)s)"
    )
    video.add_argument(
        "--whole", dest="early_stops", action="store_false", help="learn the answer after the last frame alone"
    )
    video.add_argument("--seed", type=int, default=0, metavar="N", help="default: %(default)s")
    video.add_argument("--epochs", type=count, metavar="N", help="default: as the weights in the package were made")
    video.set_defaults(run=_train)


def _watch(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    if args.output and args.output.suffix not in WRITERS:
        parser.error(f"expected an output that ends in {' or '.join(WRITERS)}, received {str(args.output)!r}")
    came, paths = Counter[str](), list(_clips(args.paths, parser))
    # FFmpeg's notes on damaged files; what matters of them stands in the table.
    with unless_set("OPENCV_FFMPEG_LOGLEVEL", "-8"), _opened(args.output, parser) as write:
        try:
            for watched in _watched(args, paths):
                write(watched)
                came[watched.status] += 1
        except ValueError as error:
            parser.error(str(error))
    counts = ", ".join(f"{n:,} {status}" for status, n in came.items())
    print(f"tridigit: {how_many(came.total(), 'clip')}: {counts}", file=sys.stderr)
    return EXIT_NOT_ALL_IMAGES if came["error"] else EXIT_OK


def _watched(args: argparse.Namespace, paths: list[str]) -> Iterator[Watched]:
    from pipeline.watch.read import watch_clips

    return watch_clips(paths, mode=args.mode, every=args.every, model=args.model, picture=args.picture)


def _train(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    need_extra(parser, "train")
    from classifier.train.release_video import train_video
    from pipeline.watch.learn import lessons

    try:
        learned = lessons(args.data, seed=args.seed)
        train_video(
            args.out,
            train=learned.train,
            validation=learned.validation,
            test=learned.test,
            data=learned.what,
            cell=args.cell,
            early_stops=args.early_stops,
            seed=args.seed,
            epochs=args.epochs,
            verbose=1,
        )
    except (ImportError, OSError, ValueError) as error:
        parser.error(str(error))
    return EXIT_OK


def _clips(paths: list[str], parser: argparse.ArgumentParser) -> Iterator[str]:
    """Files as they were named, those of a folder by name, those that match a pattern."""
    from classifier.video.decode import SUFFIXES

    for path in paths:
        if Path(path).is_dir():
            yield from (str(file) for file in sorted(Path(path).iterdir()) if file.suffix.lower() in SUFFIXES)
        elif os.path.lexists(path):
            yield path
        elif found := sorted(glob.glob(path)):
            yield from found
        else:
            parser.error(f"expected a clip, a folder or a pattern that matches one, received {path!r}")


@contextmanager
def _opened(output: Path | None, parser: argparse.ArgumentParser) -> Iterator[Callable[[Watched], None]]:
    """A function that writes a row, into the file or on standard output."""
    if output is None:
        yield _csv_writer(sys.stdout)
        return
    from pipeline.batch.table import check_replaceable

    try:
        check_replaceable(output, output.suffix[1:], lambda names: list(names) == _columns())
    except ValueError as error:
        parser.error(str(error))
    try:
        file = output.open("w", encoding="utf-8", newline="")
    except OSError as error:
        parser.error(f"cannot write {str(output)!r}: {error.strerror}")
    with file:
        yield WRITERS[output.suffix](file)


def _columns() -> list[str]:
    from dataclasses import fields

    from pipeline.watch.read import Watched

    return [field.name for field in fields(Watched)]


def _csv_writer(file: TextIO) -> Callable[[Watched], None]:
    from pipeline.batch.sinks import no_formula

    writer = csv.DictWriter(file, _columns())
    writer.writeheader()

    def write(watched: Watched) -> None:
        writer.writerow(watched.record() | {"path": no_formula(watched.path)})
        file.flush()

    return write


def _jsonl_writer(file: TextIO) -> Callable[[Watched], None]:
    def write(watched: Watched) -> None:
        file.write(json.dumps(watched.record()) + "\n")

    return write


WRITERS = {".csv": _csv_writer, ".jsonl": _jsonl_writer}
