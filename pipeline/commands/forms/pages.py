"""``tridigit read --form``: pages of forms -> a table."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pipeline.commands.options import EXIT_NOT_ALL_IMAGES, EXIT_OK, need_extra
from pipeline.commands.pile import check_outputs, digest_of, left, opened, output_of, pile_of, run_of
from pipeline.grammar import how_many

if TYPE_CHECKING:
    from pipeline.batch.pile import Pile
    from pipeline.forms.form import Form
    from pipeline.forms.read import Page
    from pipeline.reader import NumberReader

# Of the settings of fields, those that pages have.
SETTINGS = ("reader", "accept_precision", "max_pixels")
# Below this many pages a second process costs more than it saves.
PAGES_PER_WORKER = 20


def read_forms(
    args: argparse.Namespace,
    parser: argparse.ArgumentParser,
    make_reader: Callable[[argparse.Namespace, argparse.ArgumentParser], NumberReader],
) -> int:
    """Read every page of the files; returns the exit status."""
    from pipeline.batch.progress import follow
    from pipeline.forms.read import TOGETHER, find_pages, read_pages
    from pipeline.forms.reader import FormReader
    from pipeline.forms.table import PageFields, Pages

    _refuse(args, parser)
    forms = [load_form(path, parser) for path in args.form]
    layout = (PageFields if args.long else Pages)(tuple(dict.fromkeys(one.name for f in forms for one in f.places)))
    output, pile = output_of(args, parser, layout, batch_size=TOGETHER), pile_of(args, parser)
    check_outputs(args, parser, pile)
    if any(source.path.lower().endswith(".pdf") for source in pile):
        need_extra(parser, "forms")
    began, pages = time.perf_counter(), list(find_pages(pile))
    if args.resume and output is not None and (came := output.finished(pages)) is not None:
        return _tell(came, f"{str(args.output)!r} was finished before")
    try:
        reader = FormReader(forms, make_reader(args, parser))
    except (ValueError, OSError, ImportError) as error:
        parser.error(str(error))
    run = {} if output is None else _run_of(args, pile, pages, forms, output.form)
    with opened(args, parser, layout, output, run, batch_size=TOGETHER) as table:
        todo = pages[table.begun.rows :]
        workers = args.workers or max(1, min(os.cpu_count() or 1, len(todo) // PAGES_PER_WORKER))
        try:
            for row in follow(read_pages(todo, reader, workers=workers), len(pages), begun=table.begun.rows):
                table.add(row)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(*left(table, output, len(pages), "pages")) from None
    return _tell(table.came, f"{time.perf_counter() - began:.1f} s")


def _run_of(
    args: argparse.Namespace, pile: Pile, pages: list[Page], forms: list[Form], form: str
) -> dict[str, Any]:  # fmt: skip
    """As of fields; and how many pages each file has, and the forms with their blank pages."""
    files = [path for one, path in zip(forms, args.form, strict=True) for path in (path, one.blank)]
    each = json.dumps([(page.source.name, page.number) for page in pages])
    return run_of(args, pile, form, names=SETTINGS) | {
        "pages": hashlib.sha256(each.encode()).hexdigest(),
        "--long": args.long,
        "--form": [digest_of(path) for path in files],
    }


def _tell(came: Counter[str], end: str) -> int:
    """The last line on standard error; returns the exit status."""
    status = f"{came['accept']:,} accepted, {came['review']:,} for review, {came['unreadable']:,} of no form"
    pages, errors = how_many(came.total(), "page"), how_many(came["error"], "error")
    print(f"tridigit: {pages}: {status}, {errors}; {end}", file=sys.stderr)
    return EXIT_NOT_ALL_IMAGES if came["error"] else EXIT_OK


def load_form(path: str | os.PathLike[str], parser: argparse.ArgumentParser) -> Form:
    """A form, or the end of the command in one line."""
    from pipeline.forms.form import Form

    try:
        return Form.load(path)
    except (ValueError, OSError) as error:
        parser.error(str(error))


def _refuse(args: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    for name in ("scheduler", "debug"):
        if getattr(args, name):
            parser.error(f"--{name} does not go with --form")
