"""``tridigit read``: images -> a table."""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from classifier.number_format import NumberFormat
from pipeline.commands.forms.pages import read_forms
from pipeline.commands.options import (
    EXIT_NOT_ALL_IMAGES,
    EXIT_OK,
    count,
    digits,
    existing_file,
    need_extra,
    share_below_one,
)
from pipeline.commands.pile import check_outputs, left, opened, output_of, pile_of, run_of
from pipeline.grammar import how_many
from pipeline.readers import FUSED, WAYS

if TYPE_CHECKING:
    from pipeline.batch.pile import Pile
    from pipeline.batch.table import Table
    from pipeline.reader import NumberReader

# How a reading says that it sees another count.
_COUNT = re.compile(r"found ([1-6]) digit")
# Below this many files a second process costs more than it saves.
FILES_PER_WORKER = 400


def add(commands: argparse._SubParsersAction) -> None:
    read = commands.add_parser(
        "read",
        help="read images into a table",
        description="Read images into a table: one row a file. Exit status: 0 if every file was an image, "
        "3 if some were not, 2 for bad usage or an output that cannot be opened, 1 if writing failed.",
    )
    read.add_argument(
        "paths", metavar="PATH", nargs="+", help="file, folder, pattern or URL; - for names on standard input"
    )
    read.add_argument(
        "-o", "--output", metavar="FILE", type=Path, help="write the table here (default: standard output)"
    )
    read.add_argument(
        "--resume", action="store_true", help="go on with FILE, left behind by a run that was interrupted"
    )
    read.add_argument("--format", choices=["csv", "jsonl", "parquet"], help="default: by the suffix of FILE, else csv")
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
    read.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster that reads instead: tcp://HOST:PORT")
    read.add_argument("--debug", metavar="DIR", type=Path, help="write one picture per image that shows why")
    read.add_argument("--max-pixels", type=count, metavar="N", help="refuse larger images (default: 64,000,000)")
    read.add_argument(
        "--form",
        metavar="FILE",
        type=existing_file,
        action="append",
        help="read pages of this form, or of several",
    )
    read.add_argument("--long", action="store_true", help="with --form: one row a field, not one a page")
    read.set_defaults(run=_read)


def _read(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    if args.form:
        return read_forms(args, parser, _reader)
    if args.scheduler:
        need_extra(parser, "cluster")
    from pipeline.batch.sinks import Numbers

    layout = Numbers(NumberFormat.of(args.digits).positions)
    output, reader = output_of(args, parser, layout, batch_size=args.batch_size), _reader(args, parser)
    pile = pile_of(args, parser)
    if args.scheduler:
        _check_scheduler(args.scheduler, parser)
    check_outputs(args, parser, pile)
    began = time.perf_counter()
    if args.resume and output is not None and (came := output.finished(pile)) is not None:
        return _tell(came, f"{str(args.output)!r} was finished before")
    run = {} if output is None else run_of(args, pile, output.form)
    with opened(args, parser, layout, output, run, batch_size=args.batch_size) as table:
        try:
            _fill(table, args, reader, pile)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(*left(table, output, len(pile), "rows")) from None
    return _tell(table.came, f"{time.perf_counter() - began:.1f} s")


def _check_scheduler(address: str, parser: argparse.ArgumentParser) -> None:
    """Before a table is begun."""
    from classifier.search.cluster import connect

    try:
        connect(address).close()
    except OSError as error:
        parser.error(str(error))


def _reader(args: argparse.Namespace, parser: argparse.ArgumentParser) -> NumberReader:
    from pipeline.decision.profile import Profile
    from pipeline.reader import NumberReader

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
    return reader


def _fill(table: Table, args: argparse.Namespace, reader: NumberReader, pile: Pile) -> None:
    """Read the files that have no row yet."""
    from pipeline.batch.progress import follow
    from pipeline.batch.read import read_files

    begun = table.begun.rows
    workers = args.workers or max(1, min(os.cpu_count() or 1, (len(pile) - begun) // FILES_PER_WORKER))
    rows = read_files(
        islice(pile, begun, None), reader, batch_size=args.batch_size, workers=workers, scheduler=args.scheduler,
        debug=args.debug,
    )  # fmt: skip
    others = Counter[int]()
    for row in follow(rows, len(pile), begun=begun):
        table.add(row)
        if row.reading and row.reading.status == "unreadable" and (found := _COUNT.match(row.reading.reason)):
            others[int(found[1])] += 1
    if others:
        _tell_others(others, NumberFormat.of(args.digits).lengths)


def _tell_others(others: Counter[int], asked: Sequence[int]) -> None:
    """How to read numbers of other lengths: whoever has some may not know that three digits are expected."""
    ((most, n),), every = others.most_common(1), [*others, *asked]
    print(
        f"tridigit: {others.total():,} of the unreadable {'show' if others.total() > 1 else 'shows'} another count of "
        f"digits, {n:,} of them {most}; "
        f"--digits {min(every)}-{max(every)} reads these, too",
        file=sys.stderr,
    )


def _tell(came: Counter[str], end: str) -> int:
    """The last line on standard error; returns the exit status."""
    status = f"{came['accept']:,} accepted, {came['review']:,} for review, {came['unreadable']:,} unreadable"
    files, errors = how_many(came.total(), "file"), how_many(came["error"], "error")
    print(f"tridigit: {files}: {status}, {errors}; {end}", file=sys.stderr)
    return EXIT_NOT_ALL_IMAGES if came["error"] else EXIT_OK
