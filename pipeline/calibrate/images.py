"""The images that the package's own profile is made from: composed numbers of many kinds, and no numbers."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from classifier.number_format import FORMAT
from pipeline.synth.compose import Field, any_kind, one_kind
from pipeline.synth.compose import compose as compose_field
from pipeline.synth.conditions import compose
from pipeline.synth.hands import hands_of
from pipeline.synth.no_number import no_numbers

Gray = NDArray[np.uint8]
CALIBRATED_ON = (
    "triple_mnist", "spaced", "touching", "overlapping_10", "overlapping_25", "overlapping_40", "thin_pen", "thick_pen",
    "in_printed_boxes", "on_lit_paper", "on_bad_paper", "ruled_through",
)  # fmt: skip
# CRC-32 of a digit -> what it shows. MNIST's training digit 59,915 is labelled 4 and is a plain seven; composed into
# hundreds of images, it would decide which precision can be promised.
MISLABELLED = {2583511555: 7}
# Images without a number, for each condition's worth of images.
NO_NUMBERS = 2
# Fields of one kind of print, mark, paper or camera, for each condition's: there are many, and each shares its digits.
ONE_KIND = 1 / 6
# Share of those that have another count of digits.
OTHER_COUNT = 0.25
# Fields of many kinds at once, for each condition's: what people have, with any count of digits or none.
MANY, MANY_TIMES = "many kinds at once", 20


def calibration_images(
    x: NDArray[np.uint8], y: NDArray[np.integer], n: int, *, seed: int
) -> Iterator[tuple[str, list[Gray], NDArray[np.str_]]]:
    """Kind, images and their numbers, '' for none or for more than a number of three digits.

    ``n`` of every condition, a sixth as many, but at least one, of every kind of
    :data:`pipeline.synth.compose.KINDS` that may be calibrated on, :data:`MANY_TIMES` as many of many kinds at once,
    and some that show no number.

    Parameters
    ----------
    x : (m, 28, 28) uint8
        Digits that no network was trained on.
    y : (m,) int
        Their labels.
    """
    y = np.array([MISLABELLED.get(zlib.crc32(digit.tobytes()), label) for digit, label in zip(x, y, strict=True)])
    for k, condition in enumerate(CALIBRATED_ON):
        images, numbers, _ = compose(x, y, n, condition=condition, seed=seed + k)
        yield condition, images, np.array(numbers)
    hands, recipes = hands_of(x, y, seed=seed), {name: one_kind(name) for name in trained_kinds()}
    for k, (kind, recipe) in enumerate(recipes.items()):
        rng = np.random.default_rng([seed, k])
        numbers = [_number(rng) for _ in range(max(1, round(ONE_KIND * n)))]
        yield kind, *_labelled(compose_field(hands, rng, recipe, number=number) for number in numbers)
    many = any_kind(detail=(1.0, 3.0))
    for k in range(MANY_TIMES):
        rng = np.random.default_rng([seed, len(recipes) + k])
        yield MANY, *_labelled(compose_field(hands, rng, many) for _ in range(n))
    yield "no number", no_numbers(x, NO_NUMBERS * n, seed=seed), np.full(NO_NUMBERS * n, "", dtype=FORMAT.dtype)


def _labelled(fields: Iterable[Field]) -> tuple[list[Gray], NDArray[np.str_]]:
    """Their images, and the number of each, '' where no number of three digits stands alone."""
    images, numbers = [], []
    for field in fields:
        images.append(field.image)
        numbers.append(field.sequence if FORMAT.matches(field.sequence) else "")
    return images, np.array(numbers, dtype=FORMAT.dtype)


def trained_kinds() -> list[str]:
    """Names of the kinds that may be trained and calibrated on."""
    return [name for names in any_kind().kinds.values() for name in names]


def _number(rng: np.random.Generator) -> str:
    """Of three digits, or a quarter of the times of one to six others."""
    count = int(rng.choice([1, 2, 4, 5, 6])) if rng.random() < OTHER_COUNT else FORMAT.positions
    return "".join(map(str, rng.integers(0, 10, count)))
