"""``tridigit read --form``: pages of forms -> a table."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, TextIO

from pipeline.commands.options import EXIT_NOT_ALL_IMAGES, EXIT_OK, need_extra
from pipeline.commands.pile import pile_of
from pipeline.grammar import how_many

if TYPE_CHECKING:
    from pipeline.forms.form import Form
    from pipeline.forms.table import PageRow
    from pipeline.reader import NumberReader

FORMATS = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", "": "csv"}
# Below this many pages a second process costs more than it saves.
PAGES_PER_WORKER = 20


def read_forms(
    args: argparse.Namespace,
    parser: argparse.ArgumentParser,
    make_reader: Callable[[argparse.Namespace, argparse.ArgumentParser], NumberReader],
) -> int:
    """Read every page of the files; returns the exit status."""
    from pipeline.batch.progress import follow
    from pipeline.forms.read import find_pages, read_pages
    from pipeline.forms.reader import FormReader

    _refuse(args, parser)
    forms = [load_form(path, parser) for path in args.form]
    pile = pile_of(args, parser)
    if any(source.path.lower().endswith(".pdf") for source in pile):
        need_extra(parser, "forms")
    try:
        reader = FormReader(forms, make_reader(args, parser))
    except (ValueError, OSError, ImportError) as error:
        parser.error(str(error))
    began, came = time.perf_counter(), Counter[str]()
    pages = list(find_pages(pile))
    workers = args.workers or max(1, min(os.cpu_count() or 1, len(pages) // PAGES_PER_WORKER))
    with _writer(args, parser, forms) as write:
        for row in follow(read_pages(pages, reader, workers=workers), len(pages)):
            write(row)
            came[row.reading.status if row.reading else "error"] += 1
    print(
        f"tridigit: {how_many(came.total(), 'page')}: {came['accept']:,} accepted, {came['review']:,} for review, "
        f"{came['unreadable']:,} of no form, {how_many(came['error'], 'error')}; {time.perf_counter() - began:.1f} s",
        file=sys.stderr,
    )
    return EXIT_NOT_ALL_IMAGES if came["error"] else EXIT_OK


def load_form(path: str | os.PathLike[str], parser: argparse.ArgumentParser) -> Form:
    """A form, or the end of the command in one line."""
    from pipeline.forms.form import Form

    try:
        return Form.load(path)
    except (ValueError, OSError) as error:
        parser.error(str(error))


def _refuse(args: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    for name in ("resume", "scheduler", "debug"):
        if getattr(args, name):
            parser.error(f"--{name} does not go with --form")


@contextmanager
def _writer(
    args: argparse.Namespace, parser: argparse.ArgumentParser, forms: list[Form]
) -> Iterator[Callable[[PageRow], None]]:
    """What writes a row, to the output or to standard output."""
    from pipeline.batch.table import check_replaceable
    from pipeline.forms.table import WRITERS, columns, field_records, is_table, page_record

    suffix = "" if args.output is None else args.output.suffix.lower()
    form = args.format or FORMATS.get(suffix)
    if form not in WRITERS:
        parser.error(f"expected an output that ends in .csv, .jsonl, .ndjson; received {str(args.output)!r}")
    records = field_records if args.long else page_record
    start = partial(WRITERS[form], names=columns(forms, long=args.long), records=records)
    if args.output is None:
        yield start(sys.stdout)
        return
    try:
        check_replaceable(args.output, form, is_table)
    except ValueError as error:
        parser.error(str(error))
    try:
        file: TextIO = args.output.open("w", encoding="utf-8", errors="backslashreplace", newline="")
    except OSError as error:
        parser.error(f"cannot write {str(args.output)!r}: {error.strerror}")
    with file:
        yield start(file)
