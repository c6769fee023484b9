"""What ``tridigit read`` takes and gives: paths -> a pile of files, an output -> a table."""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import __version__
from pipeline.commands.options import EXIT_USAGE, need_extra
from pipeline.extras import how_to_install

if TYPE_CHECKING:
    from pipeline.batch.pile import Pile
    from pipeline.batch.table import Layout, Output, Table

FORMAT_OF_SUFFIX = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet", "": "csv"}
# What has to be the same for a table to be gone on with: it shows in the rows, or in their last decimal.
SETTINGS = ("reader", "digits", "accept_precision", "batch_size", "max_pixels")


def pile_of(args: argparse.Namespace, parser: argparse.ArgumentParser) -> Pile:
    """Files of all the paths; names on standard input need not exist, they get a row of their own."""
    from pipeline.batch.files import PAGE_SUFFIXES, SUFFIXES, Source, count_unread, find_files
    from pipeline.batch.pile import Pile

    pile, suffixes = Pile(), PAGE_SUFFIXES if args.form else SUFFIXES
    given = [path for path in args.paths if path != "-"]
    try:
        for source in find_files(given, recursive=args.recursive, suffixes=suffixes):
            pile.add(source)
    except (FileNotFoundError, ImportError, ValueError) as error:
        parser.error(str(error))
    except OSError as error:
        parser.error(f"cannot list {error.filename!r}: {error.strerror}" if error.filename else str(error))
    if len(given) < len(args.paths):
        for name in _names_on_standard_input(parser):
            pile.add(Source(name, name))
    unread = count_unread(given, recursive=args.recursive)
    for suffix in suffixes & unread.keys():
        del unread[suffix]
    if unread:
        _tell_unread(unread)
    if not len(pile):  # an output that is there stays as it is
        hint = "" if args.recursive else "; folders inside are read with --recursive"
        said = f"tridigit: expected image files, found none in {' '.join(args.paths)}{hint}"
        parser.exit(EXIT_USAGE, f"{said}\n")
    return pile


def _names_on_standard_input(parser: argparse.ArgumentParser) -> Iterator[str]:
    if sys.stdin is None:
        parser.error("expected file names on standard input, but it is closed")
    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(errors="surrogateescape")
    # Editors begin a file with a byte-order mark; in another encoding it reads as three letters.
    names = (line.rstrip("\r\n").removeprefix("\ufeff").removeprefix("\xef\xbb\xbf") for line in sys.stdin)
    return filter(None, names)


def _tell_unread(counts: Counter[str]) -> None:
    from pipeline.batch.files import HEIC_SUFFIXES

    hint = f"; for photographs of phones, {how_to_install('heic')}" if counts.keys() & HEIC_SUFFIXES else ""
    names = ", ".join(f"{count:,} {suffix}" for suffix, count in counts.items())
    print(f"tridigit: passed over what cannot be read here: {names}{hint}", file=sys.stderr)


def check_outputs(args: argparse.Namespace, parser: argparse.ArgumentParser, pile: Pile) -> None:
    """No output may overwrite an image, or be read as one the next time."""
    existing = args.output is not None and args.output.is_file()
    if existing and any(os.path.exists(s.path) and os.path.samefile(s.path, args.output) for s in pile):
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


def output_of(
    args: argparse.Namespace, parser: argparse.ArgumentParser, layout: Layout, *, batch_size: int
) -> Output | None:
    """The file of the table; None for standard output."""
    from pipeline.batch.table import PARQUET, Output

    form = _format(args, parser)
    if form == PARQUET:
        need_extra(parser, "parquet")
    if args.output is None:
        if args.resume or form == PARQUET:
            parser.error("a table that can be gone on with, or one in Parquet, needs a file: --output FILE")
        return None
    return Output(args.output, form, layout, batch_size)


def _format(args: argparse.Namespace, parser: argparse.ArgumentParser) -> str:
    """The format asked for, or that of the output's suffix."""
    if args.format or args.output is None:
        return args.format or "csv"
    suffix = args.output.suffix.lower()
    if suffix not in FORMAT_OF_SUFFIX:
        known = ", ".join(filter(None, FORMAT_OF_SUFFIX))
        parser.error(f"expected an output that ends in {known}, or --format; received {str(args.output)!r}")
    return FORMAT_OF_SUFFIX[suffix]


def run_of(args: argparse.Namespace, pile: Pile, form: str, *, names: Sequence[str] = SETTINGS) -> dict[str, Any]:
    """What has to be the same for a table to be gone on with, by words that tell what differs."""
    # As text: a pair is a list when it comes back.
    settings = {f"--{name.replace('_', '-')}": str(getattr(args, name)) for name in names}
    settings["--profile"] = args.profile and digest_of(args.profile)
    return {"version": __version__, "--format": form, **settings, "files": pile.digest}


def digest_of(path: str | os.PathLike[str]) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


@contextmanager
def opened(
    args: argparse.Namespace, parser: argparse.ArgumentParser, layout: Layout, output: Output | None,
    run: Mapping[str, Any], *, batch_size: int,
) -> Iterator[Table]:  # fmt: skip
    """The table, begun anew or where it was left; on standard output, if there is no file."""
    from pipeline.batch.journal import Progress
    from pipeline.batch.table import Table

    if output is None:
        if sys.stdout is None:
            parser.error("standard output is closed; name a file with --output")
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", newline="")
        yield (table := Table(args.format or "csv", layout, sys.stdout.write, batch_size=batch_size))
        table.write()
        sys.stdout.flush()
        return
    try:
        if not args.resume:
            output.check_replaceable()
        begun = output.begun(run) if args.resume else Progress()
    except ValueError as error:
        parser.error(str(error))
    with ExitStack() as stack:
        try:
            table = stack.enter_context(output.opened(run, begun))
        except OSError as error:
            parser.error(f"cannot write {str(output.path)!r}: {error.strerror}")
        yield table


def left(table: Table, output: Output | None, total: int, what: str) -> list[str]:
    """What an interrupted run says that there is to go on with."""
    if output is None or not output.journal.path.exists() or not table.written:
        return []
    kept = f"{table.written:,} of {total:,} {what} are in {str(output.rows)!r}"
    return [f"{kept}: the same command with --resume goes on from there"]
