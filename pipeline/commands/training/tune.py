"""``tridigit tune``: search space -> scores of all candidates, the best one's parameters, a page."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.commands.options import EXIT_OK, add_mnist, count, need_extra
from pipeline.readers import WAYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classifier.search.fits import Trial
    from classifier.search.search import Search
    from classifier.search.space import Params, Space
    from pipeline.batch.labelled import LabelledFiles

SPACES = Path(__file__).parent.parent / "tune" / "spaces"
TOLD = {
    "digit": "the digit classifier, on MNIST's training digits",
    "number": "the whole-image classifier, on canvases of MNIST's training digits or your own images",
    "reader": "segmentation, alone or together with the classifier, on your own images",
}
WRITES = (
    "Writes cv_results.csv, best.toml and report.html. Finished fits are kept in DIR; "
    "the same command goes on from there."
)


def add(commands: argparse._SubParsersAction) -> None:
    tune = commands.add_parser("tune", help="search parameters", description="Search parameters by cross-validation.")
    whats = tune.add_subparsers(required=True, metavar="WHAT")
    for what, told in TOLD.items():
        parser = whats.add_parser(what, help=told, description=f"Tune {told}. {WRITES}")
        _add_common(parser, what)
        parser.set_defaults(run=_tune, what=what)


def _add_common(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("out", metavar="DIR", type=Path, help="folder for the results")
    parser.add_argument(
        "--space", metavar="FILE", type=Path, default=SPACES / f"{what}.toml", help="TOML with [search] and [fixed]"
    )
    parser.add_argument(
        "--search",
        choices=["grid", "random", "halving"],
        default="grid",
        help="every combination; some at random; those, the best third for three times the epochs (default: grid)",
    )
    parser.add_argument(
        "--candidates", type=count, default=20, metavar="N", help="of a random or halving search (%(default)s)"
    )
    parser.add_argument("--folds", type=count, default=3, metavar="N", help="default: %(default)s")
    if what != "digit":
        parser.add_argument(
            "--data", metavar="PATH", type=Path, required=what == "reader", help="labelled images: a folder or a table"
        )
        parser.add_argument("--group-by", metavar="COLUMN", help="of the table; no value of it is in two folds")
    if what == "reader":
        parser.add_argument(
            "--reader",
            choices=[way for way, sources in WAYS.items() if len(sources) == 1],
            default="segmented",
            help="(%(default)s)",
        )
    else:
        parser.add_argument(
            "--samples", type=count, default=10_000, metavar="N", help="images of MNIST's digits (%(default)s)"
        )
        add_mnist(parser)
    parser.add_argument(
        "--jobs", type=count, default=os.cpu_count(), metavar="N", help="fits at a time, one thread each (all cores)"
    )
    parser.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster that fits instead: tcp://HOST:PORT")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="default: %(default)s")


def _tune(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    need_extra(parser, "train")
    if args.scheduler:
        need_extra(parser, "cluster")
    from classifier.search.fits import write_table
    from classifier.search.space import load_space, save_params
    from pipeline.tune.report import write_tuning_page

    try:
        space = load_space(args.space)
        search, measured = _search(args, space)
        found = _candidates(args, space, search)
    except (ImportError, OSError, ValueError) as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        print(f"\nfinished fits are kept in {args.out}; the same command goes on from there", file=sys.stderr)
        raise
    best = found[0]
    write_table(found, args.out / "cv_results.csv")
    # What was held fixed, such as few epochs, served the search; what it found is what was searched.
    found_params = {name: value for name, value in best.params.items() if name in space.search}
    save_params(found_params, args.out / "best.toml", comment=f"mean {best.mean:.6f} of {len(best.fits)} folds")
    write_tuning_page(found, args.out / "report.html", command=_command(args), measured=measured)
    _tell(found, space.default(search.estimator))
    print(f"wrote {args.out / 'cv_results.csv'}, {args.out / 'best.toml'} and {args.out / 'report.html'}")
    return EXIT_OK


def _search(args: argparse.Namespace, space: Space) -> tuple[Search, str]:
    """The search over these images, and what its score measures."""
    from classifier.data.mnist import load_mnist
    from pipeline.tune import searches

    options = {"folder": args.out, "folds": args.folds, "jobs": args.jobs, "scheduler": args.scheduler}
    options |= {"seed": args.seed, "verbose": True}
    if args.what == "digit":
        search = searches.digit_search(load_mnist(args.mnist), args.samples, **options)
        return search, f"Digit accuracy on {len(search.y):,} of MNIST's training digits."
    if args.data is None:
        search = searches.number_search(load_mnist(args.mnist), args.samples, **options)
        return search, f"Exact match on {len(search.y):,} composed canvases; no digit image is in two folds."
    files = _labelled(args.data, args.group_by)
    if args.what == "number":
        search = searches.canvas_search(files, **options)
    else:
        search = searches.field_search(files, reader=args.reader, names=[*space.search, *space.fixed], **options)
    return search, f"Exact match on {len(search.y):,} images of {args.data}."


def _labelled(path: Path, group_by: str | None) -> LabelledFiles:
    from pipeline.batch.labelled import load_labelled

    found = load_labelled(path, group_by=group_by)
    if not (files := found.get("all") or found.get("train")):
        raise ValueError(f"Expected labelled images to train on in {str(path)!r}. Received: only {', '.join(found)}.")
    for file, why in files.skipped:
        print(f"skipped {file}: {why}", file=sys.stderr)
    return files


def _candidates(args: argparse.Namespace, space: Space, search: Search) -> list[Trial]:
    """All candidates, best first. What changes nothing is always one of them, and wins where it is as good."""
    from classifier.search.fits import fit_key, ranked
    from classifier.search.search import halving

    default = space.default(search.estimator)
    drawn = space.grid() if args.search == "grid" else space.sample(args.candidates, seed=args.seed)
    candidates = list({fit_key(candidate, 0): candidate for candidate in (default, *drawn)}.values())
    if args.search != "halving":
        return ranked(search.scores(candidates))
    if not (name := _epochs_name(space)):
        raise ValueError("A halving search needs `epochs`, a whole number, in [fixed]: those of its last round.")
    return halving(search, candidates, epochs=space.fixed[name], name=name)


def _epochs_name(space: Space) -> str | None:
    """The parameter that holds the epochs of a training: of the classifier, or of the one in a reader."""
    names = [name for name, value in space.fixed.items() if name.split("__")[-1] == "epochs" and type(value) is int]
    return names[0] if names else None


def _tell(found: Sequence[Trial], default: Params) -> None:
    """The best candidates and what the defaults reach, on the terminal."""
    for rank, candidate in enumerate(found[:5], 1):
        words = ", ".join(f"{name}={value}" for name, value in candidate.params.items())
        print(f"{rank}. {candidate.mean:.4f} ± {candidate.std:.4f}  {candidate.seconds:.1f} s a fit  {words}")
    for rank, candidate in enumerate(found, 1):
        if candidate.params == default:
            print(f"the defaults: {candidate.mean:.4f} ± {candidate.std:.4f}, rank {rank} of {len(found)}")
    if failed := sum(bool(fit.error) for candidate in found for fit in candidate.fits):
        print(f"{failed} fits failed; the table of report.html says why", file=sys.stderr)


def _command(args: argparse.Namespace) -> str:
    """The command that makes this search."""
    words = ["tridigit", "tune", args.what, str(args.out)]
    for name in ("space", "search", "candidates", "folds", "samples", "data", "group_by", "reader", "seed"):
        value = getattr(args, name, None)
        told = value is not None and value != SPACES / f"{args.what}.toml"
        if told and not (name == "candidates" and args.search == "grid"):
            words += [f"--{name.replace('_', '-')}", str(value)]
    return " ".join(words)
