"""The ``tridigit`` command: parse, build, load, run, save."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from pipeline import __version__
from pipeline.commands import benchmark, calibrate, compare, labels, page, read, watch
from pipeline.commands.forms import describe
from pipeline.commands.options import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_OK, tensorflow_settings
from pipeline.commands.training import data, train, tune


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    parser = build_parser()
    args = parser.parse_args(argv)
    try:
        with tensorflow_settings():
            return int(args.run(args, parser))
    except KeyboardInterrupt as stop:  # what is left of the run, if somebody said so
        print("; ".join(["tridigit: stopped", *map(str, stop.args)]), file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_OK
    except OSError as error:
        print(f"tridigit: {error}", file=sys.stderr)
        return EXIT_FAILED


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="tridigit", description="Read handwritten numbers of one to six digits from images."
    )
    parser.add_argument("--version", action="version", version=f"tridigit {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in (read, describe, watch, labels, compare, page, train, tune, calibrate, data, benchmark):
        command.add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
