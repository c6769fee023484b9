"""``tridigit calibrate``: labelled images -> a profile that `tridigit read --profile` takes."""

from __future__ import annotations

import argparse
import os
import sys
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.commands.options import EXIT_OK, add_mnist, count, need_mnist
from pipeline.readers import FUSED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from pipeline.decision.decide import Opinions
    from pipeline.decision.profile import Profile
    from pipeline.reader import NumberReader
    from segmenter import Writing


# Of every kind that the package's own profile is made from.
IMAGES = 900


def add(commands: argparse._SubParsersAction) -> None:
    calibrate = commands.add_parser(
        "calibrate",
        help="fit fusion, confidence and the threshold of accept to your own images",
        description="Fit fusion, confidence and the threshold of accept to labelled images of numbers of three "
        "digits, and say what can be promised with so many. Other numbers are read, with --digits, but not "
        "calibrated on.",
    )
    calibrate.add_argument(
        "data", metavar="PATH", nargs="?", type=Path,
        help="labelled images, a folder or a table; without it, those that the package's own profile was made from",
    )  # fmt: skip
    calibrate.add_argument(
        "-o", "--output", metavar="FILE", type=Path, default=Path("profile.json"), help="default: %(default)s"
    )
    calibrate.add_argument("--images", type=count, metavar="N", help=f"of every kind, without PATH (default: {IMAGES})")
    calibrate.add_argument("--seed", type=int, metavar="N", help="of those (default: 0)")
    calibrate.add_argument(
        "--workers", type=count, metavar="N", help="processes (default: 1 with PATH, else one for each core)"
    )
    add_mnist(calibrate)
    calibrate.set_defaults(run=_calibrate)


def _calibrate(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    from pipeline.calibrate.calibration import calibrate
    from pipeline.calibrate.card import profile_card
    from pipeline.decision.profile import Profile
    from pipeline.reader import NumberReader

    _check(args, parser)
    reader = NumberReader.pretrained()
    try:
        if args.data is None:
            opinions, numbers, made_from, kinds = _of_composed(args, reader)
            start = None
        else:
            opinions, numbers, made_from = _of_files(args.data, reader, args.workers or 1)
            start, kinds = Profile.shipped(), None
        profile = calibrate(
            opinions, numbers, made_from=made_from, networks=reader.network_names, start=start, kinds=kinds
        )
        profile.save(args.output)
        card = args.output.with_suffix(".md")
        card.write_text(profile_card(profile, args.output.stem), encoding="utf-8")
    except (ImportError, OSError, ValueError) as error:
        parser.error(str(error))
    _tell(profile)
    print(f"wrote {args.output} and {card}")
    return EXIT_OK


def _check(args: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """What would show only after all images are read."""
    if args.data is not None and (args.images, args.seed, args.mnist) != (None, None, None):
        parser.error("--images, --seed and --mnist are of composed images; PATH brings its own")
    if args.data is None:
        need_mnist(args, parser)
    if args.output.suffix == ".md":
        parser.error(f"the profile {str(args.output)!r} would have the name of its card")
    if not args.output.parent.is_dir():
        parser.error(f"expected a folder to write to, found none at {str(args.output.parent)!r}")


def _of_composed(
    args: argparse.Namespace, reader: NumberReader
) -> tuple[Opinions, NDArray[np.str_], str, NDArray[np.str_]]:
    """Fields composed from MNIST's validation digits, and the kind of each."""
    import numpy as np

    from classifier.data.mnist import load_mnist
    from pipeline.calibrate.calibration import opinions_on
    from pipeline.calibrate.images import CALIBRATED_ON, MANY, MANY_TIMES, calibration_images, trained_kinds

    mnist, each, seed = load_mnist(args.mnist), args.images or IMAGES, args.seed or 0
    numbers, kinds = [], []

    def composed() -> Iterator[NDArray[np.uint8]]:
        for kind, images, theirs in calibration_images(mnist.x_val, mnist.y_val, each, seed=seed):
            numbers.append(theirs)
            kinds.append(np.full(len(theirs), kind))
            yield from images

    opinions = opinions_on(_shown(composed()), reader, workers=args.workers or os.cpu_count() or 1)
    n = sum(map(len, numbers))
    made_from = (
        f"{n:,} images composed from the last {len(mnist.y_val):,} of MNIST's training digits: {each:,} each of "
        f"{', '.join(CALIBRATED_ON)}, {len(numbers[len(CALIBRATED_ON)]):,} each of {', '.join(trained_kinds())}, "
        f"{MANY_TIMES * each:,} of {MANY} with any count of digits, {len(numbers[-1]):,} without a number; seed {seed}"
    )
    return opinions, np.concatenate(numbers), made_from, np.concatenate(kinds)


def _of_files(path: Path, reader: NumberReader, workers: int) -> tuple[Opinions, NDArray[np.str_], str]:
    """Labelled files; what is no image, or shows the same as another, is named and skipped."""
    import numpy as np

    from pipeline.batch.labelled import load_labelled
    from pipeline.calibrate.calibration import opinions_on

    files = [part for part in load_labelled(path).values() if len(part)]
    for file, why in (skipped for part in files for skipped in part.skipped):
        _skipped(file, why)
    paths = [path for part in files for path in part.paths]
    kept: list[int] = []
    # Every second image is fitted on: in an order of their own, so that both halves are of all kinds.
    order = np.random.default_rng(0).permutation(len(paths)).tolist()
    opinions = opinions_on(_readable(paths, _shown(order), reader, kept), reader, workers=workers)
    numbers = np.concatenate([part.numbers for part in files])[kept]
    return opinions, numbers, f"{len(kept):,} images of {path.resolve().name}"


def _readable(paths: list[Path], order: Iterable[int], reader: NumberReader, kept: list[int]) -> Iterable[Writing]:
    """What the reader finds in the files, in this order; the indices of those that it can read go to ``kept``."""
    seen: dict[bytes, Path] = {}
    for k in order:
        try:
            data = paths[k].read_bytes()
            # A copy in each half would be measured by what was fitted on it.
            if (first := seen.setdefault(sha256(data).digest(), paths[k])) is not paths[k]:
                raise ValueError(f"the same image as {first}")
            writing = reader.segment(data)
        except (OSError, ValueError) as error:
            _skipped(paths[k], str(error))
        else:
            kept.append(k)
            yield writing


def _skipped(file: Path, why: str) -> None:
    print(f"skipped {file}: {why}", file=sys.stderr)


def _shown(images: Iterable[Any]) -> Iterable[Any]:
    """The images, with a progress bar on a terminal."""
    from tqdm import tqdm

    return tqdm(images, unit="image", disable=not sys.stderr.isatty())


def _tell(profile: Profile) -> None:
    """What the profile can promise, and what it cannot."""
    from pipeline.calibrate.card import PRECISIONS

    accepted = profile.acceptance[FUSED]
    print(f"made from {profile.made_from}; measured on {accepted.measured_on:,} of them that nothing was fitted on")
    print(f"the highest precision that so many images can promise with 95% confidence is {accepted.ceiling:.4f}")
    for precision in PRECISIONS:
        if (share := accepted.share(precision)) is None:
            print(f"--accept-precision {precision:<6} cannot be promised: everything would be for review")
        else:
            print(f"--accept-precision {precision:<6} accepts up to {share:.1%} of such images")
