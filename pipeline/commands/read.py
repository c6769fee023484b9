"""``tridigit read``: images -> a table."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from pipeline.commands.options import EXIT_NOT_ALL_IMAGES, EXIT_OK, count, digits, existing_file, share_below_one
from pipeline.readers import FUSED, WAYS

if TYPE_CHECKING:
    from pipeline.batch.files import Source

FORMAT_OF_SUFFIX = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", "": "csv"}
# Below this many files a second process costs more than it saves.
FILES_PER_WORKER = 400


def add(commands: argparse._SubParsersAction) -> None:
    read = commands.add_parser(
        "read",
        help="read images into a table",
        description="Read images into a table: one row a file. Exit status: 0 if every file was an image, "
        "3 if some were not, 2 for bad usage or an output that cannot be opened, 1 if writing failed.",
    )
    read.add_argument("paths", metavar="PATH", nargs="+", help="file, folder or pattern; - for names on standard input")
    read.add_argument(
        "-o", "--output", metavar="FILE", type=Path, help="write the table here (default: standard output)"
    )
    read.add_argument("--format", choices=["csv", "jsonl"], help="default: by the suffix of FILE, else csv")
    read.add_argument(
        "--reader",
        choices=list(WAYS),
        default=FUSED,
        help="cut the digits out, read the gray image, read all ink at once, or weigh all (default: %(default)s)",
    )
    read.add_argument(
        "--digits",
        type=digits,
        default=3,
        metavar="N|N-M",
        help="how many a number has, such as 4 or 1-6 (%(default)s)",
    )
    read.add_argument(
        "--accept-precision", type=share_below_one, default=0.99, metavar="P",
        help="share of the accepted numbers that shall be right (default: %(default)s)",
    )  # fmt: skip
    read.add_argument(
        "--profile", metavar="FILE", type=existing_file, help="from `tridigit calibrate`: fitted to your kind of image"
    )
    read.add_argument("--recursive", action="store_true", help="look into the folders of a folder")
    read.add_argument("--batch-size", type=count, default=64, metavar="N", help="images in one call (%(default)s)")
    read.add_argument("--workers", type=count, metavar="N", help="processes (default: by files and cores)")
    read.add_argument("--debug", metavar="DIR", type=Path, help="write one picture per image that shows why")
    read.add_argument("--max-pixels", type=count, metavar="N", help="refuse larger images (default: 64,000,000)")
    read.set_defaults(run=_read)


def _read(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    from tqdm import tqdm

    from classifier.number_format import NumberFormat
    from pipeline.batch.files import count_unread
    from pipeline.batch.read import read_files
    from pipeline.batch.sinks import WRITERS
    from pipeline.decision.profile import Profile
    from pipeline.reader import NumberReader

    form, sources = _format(args, parser), _sources(args, parser)
    if not sources:
        hint = "" if args.recursive else "; folders inside are read with --recursive"
        print(f"tridigit: expected image files, found none in {' '.join(args.paths)}{hint}", file=sys.stderr)
    if unread := count_unread([path for path in args.paths if path != "-"], recursive=args.recursive):
        _tell_unread(unread)
    params = {} if args.max_pixels is None else {"max_pixels": args.max_pixels}
    reader = NumberReader.pretrained(reader=args.reader, **params)
    reader.set_params(accept_precision=args.accept_precision, digits=args.digits)
    if args.profile is not None:
        try:
            reader.profile = Profile.load(args.profile)
            reader.profile.check_networks(reader.network_names)
        except ValueError as error:
            parser.error(str(error))
    shown = reader.profile or Profile.shipped()
    if shown.threshold(args.reader, args.accept_precision) is None:
        most = shown.acceptance[args.reader].ceiling
        print(f"tridigit: nothing is accepted: the profile can promise at most {most:.4f}", file=sys.stderr)
    workers = args.workers or max(1, min(os.cpu_count() or 1, len(sources) // FILES_PER_WORKER))
    _check_outputs(args, parser, sources)
    began, came = time.perf_counter(), Counter[str]()
    with _opened(args.output, parser) as file:
        write = WRITERS[form](file, NumberFormat.of(args.digits).positions)
        rows = read_files(sources, reader, batch_size=args.batch_size, workers=workers, debug=args.debug)
        for row in tqdm(rows, total=len(sources), unit="image", disable=sys.stderr is None or not sys.stderr.isatty()):
            write(row)
            came[row.reading.status if row.reading else "error"] += 1
    print(
        f"tridigit: {len(sources):,} files: {came['accept']:,} accepted, {came['review']:,} for review, "
        f"{came['unreadable']:,} unreadable, {came['error']:,} errors; {time.perf_counter() - began:.1f} s",
        file=sys.stderr,
    )
    return EXIT_NOT_ALL_IMAGES if came["error"] else EXIT_OK


def _sources(args: argparse.Namespace, parser: argparse.ArgumentParser) -> list[Source]:
    """Files of all the paths; names on standard input need not exist, they get a row of their own."""
    from pipeline.batch.files import Source, find_files

    given = [path for path in args.paths if path != "-"]
    try:
        sources = list(find_files(given, recursive=args.recursive))
    except (FileNotFoundError, ValueError) as error:
        parser.error(str(error))
    except OSError as error:
        parser.error(f"cannot list {error.filename!r}: {error.strerror}")
    if len(given) < len(args.paths):
        if sys.stdin is None:
            parser.error("expected file names on standard input, but it is closed")
        if hasattr(sys.stdin, "reconfigure"):
            sys.stdin.reconfigure(errors="surrogateescape")
        # Editors begin a file with a byte-order mark; in another encoding it reads as three letters.
        names = (line.rstrip("\r\n").removeprefix("\ufeff").removeprefix("\xef\xbb\xbf") for line in sys.stdin)
        sources += [Source(name, name) for name in names if name]
    return sources


def _tell_unread(counts: Counter[str]) -> None:
    from pipeline.batch.files import HEIC_SUFFIXES

    hint = "; for photographs of phones, pip install 'tridigit[heic]'" if counts.keys() & HEIC_SUFFIXES else ""
    names = ", ".join(f"{count:,} {suffix}" for suffix, count in counts.items())
    print(f"tridigit: passed over what cannot be read here: {names}{hint}", file=sys.stderr)


def _check_outputs(args: argparse.Namespace, parser: argparse.ArgumentParser, sources: list[Source]) -> None:
    """No output may overwrite an image, or be read as one the next time."""
    existing = args.output is not None and args.output.is_file()
    if existing and any(os.path.exists(s.path) and os.path.samefile(s.path, args.output) for s in sources):
        parser.error(f"the output {str(args.output)!r} is one of the images to read")
    if args.debug is None:
        return
    inside = [Path(path).resolve() for path in args.paths if os.path.isdir(path)]
    folder = args.debug.resolve()
    if any(folder == path or (args.recursive and path in folder.parents) for path in inside):
        parser.error(f"the pictures in {str(args.debug)!r} would be read as images the next time")
    try:
        args.debug.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        parser.error(f"cannot write pictures to {str(args.debug)!r}: {error.strerror}")


def _format(args: argparse.Namespace, parser: argparse.ArgumentParser) -> str:
    """The format asked for, or that of the output's suffix."""
    if args.format or args.output is None:
        return args.format or "csv"
    suffix = args.output.suffix.lower()
    if suffix not in FORMAT_OF_SUFFIX:
        known = ", ".join(filter(None, FORMAT_OF_SUFFIX))
        parser.error(f"expected an output that ends in {known}, or --format; received {str(args.output)!r}")
    return FORMAT_OF_SUFFIX[suffix]


@contextmanager
def _opened(output: Path | None, parser: argparse.ArgumentParser) -> Iterator[TextIO]:
    """The table's file. Bytes of a name that are no UTF-8 are written as an escape."""
    if output is None:
        if sys.stdout is None:
            parser.error("standard output is closed; name a file with --output")
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
