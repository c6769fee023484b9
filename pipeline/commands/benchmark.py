"""``tridigit benchmark``: readers x kinds of images -> figures and a report."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.commands.options import EXIT_OK, add_mnist, count, need_extra, need_mnist
from pipeline.readers import READERS

if TYPE_CHECKING:
    from classifier.data.mnist import Mnist
    from pipeline.benchmark.run import Ablation, Answers, Images


def add(commands: argparse._SubParsersAction) -> None:
    benchmark = commands.add_parser(
        "benchmark",
        help="compare the readers on the same images",
        description="Compare the readers on the same images: a table here, results.json and report.html in DIR.",
    )
    benchmark.add_argument(
        "--readers",
        nargs="+",
        choices=list(READERS),
        default=[name for name, reader in READERS.items() if not reader.extra],
        metavar="NAME",
        help=f"of {', '.join(READERS)}; the last needs the extra `peers` (default: the others)",
    )
    benchmark.add_argument(
        "--protocol",
        nargs="*",
        choices=["leak-free", "pooled"],
        default=["leak-free", "pooled"],
        help="Triple MNIST without a leak, and the public one; none without a name (default: both)",
    )
    benchmark.add_argument(
        "--conditions",
        nargs="*",
        metavar="NAME",
        help="conditions, or kinds of composed fields by their names in pipeline.synth.compose; none without a name "
        "(default: all conditions)",
    )
    benchmark.add_argument("--data", metavar="PATH", type=Path, help="labelled images instead: a folder or a table")
    benchmark.add_argument("--group-by", metavar="COLUMN", help="column of the table: each of its values apart, too")
    benchmark.add_argument(
        "--ablation",
        action="store_true",
        help="also read composed fields with one part of the segmented reader left out at a time (slow)",
    )
    benchmark.add_argument("--images", type=count, default=600, metavar="N", help="of each condition (%(default)s)")
    benchmark.add_argument("--seed", type=int, default=0, metavar="N", help="of the composed fields (%(default)s)")
    benchmark.add_argument(
        "-o", "--output", metavar="DIR", type=Path, default=Path("benchmark"), help="(default: %(default)s)"
    )
    add_mnist(benchmark)
    benchmark.set_defaults(run=_benchmark)


def _benchmark(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    need_extra(parser, "report")
    for extra in {READERS[name].extra for name in args.readers} - {""}:
        need_extra(parser, extra)
    from tqdm import tqdm

    from pipeline.benchmark import run as benchmark
    from pipeline.benchmark.report import write_report

    if args.data and args.conditions:
        parser.error("--conditions are composed fields; --data brings its own images")
    if args.group_by and not args.data:
        parser.error("--group-by needs a table of --data")
    if args.data and args.ablation:
        parser.error("--ablation reads composed fields; --data brings its own images")
    mnist = None if args.data else _mnist(args, parser)
    plan = _composed(args, parser, mnist) if mnist else _own_images(args, parser)
    answers: list[Answers] = []
    used: dict[tuple[str, str], None] = {}
    try:
        args.output.mkdir(parents=True, exist_ok=True)
        for protocol, images in tqdm(plan, unit="kind", disable=None):
            names = [n for n in dict.fromkeys(args.readers) if n in benchmark.readers_of(protocol)]
            used |= dict.fromkeys((protocol, name) for name in names)
            read = [benchmark.answer(name, benchmark.load_reader(name, protocol), images) for name in names]
            answers += read + benchmark.by_group(read)
        if not answers:
            parser.error("nothing was read: no images, or no reader for them")
        networks = {f"{p}/{name}": benchmark.network_facts(name, p) for p, name in used}
        print(benchmark.table(answers))
        ablation = _ablation(args, mnist) if mnist and args.ablation else None
        benchmark.write_results(answers, networks, args.output / "results.json", ablation=ablation)
        report = write_report(answers, networks, args.output / "report.html", ablation=ablation)
    except ValueError as error:
        parser.error(str(error))
    print(f"wrote {args.output / 'results.json'} and {report}")
    return EXIT_OK


def _own_images(args: argparse.Namespace, parser: argparse.ArgumentParser) -> Iterator[tuple[str, Images]]:
    from pipeline.batch.labelled import load_labelled
    from pipeline.benchmark.run import own_images

    try:
        found = load_labelled(args.data, group_by=args.group_by)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    for name, files in found.items():
        images, skipped = own_images(name, files)
        for path, why in skipped:
            print(f"skipped {path}: {why}", file=sys.stderr)
        if len(images.numbers):
            yield "leak-free", images


def _mnist(args: argparse.Namespace, parser: argparse.ArgumentParser) -> Mnist:
    from classifier.data.mnist import load_mnist

    need_mnist(args, parser)
    try:
        return load_mnist(args.mnist)
    except (OSError, ValueError) as error:
        parser.error(str(error))


def _composed(args: argparse.Namespace, parser: argparse.ArgumentParser, mnist: Mnist) -> Iterator[tuple[str, Images]]:
    from pipeline.benchmark.run import known_conditions, plan
    from pipeline.synth.conditions import CONDITIONS

    conditions = list(CONDITIONS if args.conditions is None else dict.fromkeys(args.conditions))
    if unknown := [name for name in conditions if name not in (known := known_conditions())]:
        parser.error(f"expected conditions of {', '.join(known)}; received {', '.join(unknown)}")
    return plan(mnist, args.protocol, conditions, n=args.images, seed=args.seed)


def _ablation(args: argparse.Namespace, mnist: Mnist) -> Ablation:
    from tqdm import tqdm

    from pipeline.benchmark.ablation import ABLATED_ON, ablate, readers
    from pipeline.benchmark.run import condition_images

    kinds = [condition_images(mnist, name, args.images, args.seed) for name in ABLATED_ON]
    return ablate(tqdm(readers().items(), unit="part", disable=None), kinds)
