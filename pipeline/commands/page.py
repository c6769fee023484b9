"""``tridigit page`` and ``tridigit review``: the page in the browser."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from pipeline.commands.options import EXIT_OK, count, need_extra


def add(commands: argparse._SubParsersAction) -> None:
    page = commands.add_parser(
        "page",
        help="read, see why, review and learn in the browser",
        description="Serve the page on this machine and print its address: read images, see why, review what is "
        "doubtful, learn from what was corrected.",
    )
    page.add_argument(
        "path", metavar="FOLDER|TABLE", nargs="?", type=Path,
        help="images to read and review, or a table of `tridigit read` to review",
    )  # fmt: skip
    _add_options(page)
    page.add_argument(
        "--labels", metavar="DIR", type=Path,
        help="networks of `tridigit train labels` or `tridigit compare`, side by side on a picture",
    )  # fmt: skip
    page.set_defaults(run=_page, start_at="")
    review = commands.add_parser(
        "review",
        help="decide by hand what `tridigit read` was not sure of",
        description="Serve the queue of a table's doubtful fields in the browser and print its address. What was "
        "decided before is kept; the review goes on where it was left.",
    )
    review.add_argument("path", metavar="TABLE", type=Path, help="of `tridigit read`: CSV, JSONL or Parquet")
    _add_options(review)
    review.set_defaults(run=_page, start_at="review", labels=None)


def share(text: str) -> float:
    """A share from 0 to 1."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 1, received {text!r}")
    return value


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--images", metavar="FOLDER", type=Path, help="where the paths of TABLE begin (default: its folder)"
    )
    parser.add_argument(
        "--store", metavar="FILE", type=Path, help="SQLite file of the decisions (default: beside FOLDER or TABLE)"
    )
    parser.add_argument(
        "--sample", metavar="P", type=share, default=0.02,
        help="share of the accepted fields to ask about, too, which checks the promise (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--port", metavar="N", type=count, default=8501, help="default: %(default)s")
    parser.add_argument(
        "--address", metavar="ADDRESS", default="127.0.0.1",
        help="listen here; others than the default let everybody in who reaches it (default: %(default)s)",
    )  # fmt: skip


def _page(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    need_extra(parser, "page")
    if args.start_at == "review" and not args.path.is_file():
        parser.error(f"expected a table of `tridigit read`, found none at {str(args.path)!r}")
    from pipeline.app.serve import serve

    try:
        serve(
            args.path, images=args.images, store=args.store, sample=args.sample, port=args.port, address=args.address,
            labels=args.labels, start_at=args.start_at,
        )  # fmt: skip
    except (ValueError, OSError) as error:
        parser.error(str(error))
    return EXIT_OK
