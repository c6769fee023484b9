"""What the benchmark varies: fields composed from single digits under one condition each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.number_format import FORMAT
from classifier.train.augment import other_handwriting
from pipeline.synth import layouts, paper
from pipeline.synth.layouts import spaced

Gray = NDArray[np.uint8]


@dataclass(frozen=True)
class Condition:
    """A kind of field.

    Attributes
    ----------
    make : callable
        ``(digits, rng, severity) -> image``: three digits (28, 28) uint8, ink bright on 0, and a
        generator that fixes the image; the image is (H, W) uint8.
    what : str
        In words.
    severity : float
        How hard it is; its unit stands in ``what``.
    written : callable, optional
        ``(digits, labels, rng) -> digits``: in what hand, before they are set on the field.
    """

    make: Callable[[Sequence[Gray], np.random.Generator, Any], Gray]
    what: str
    severity: float = 1
    written: Callable[[Gray, NDArray[np.integer], np.random.Generator], Gray] | None = None


def _scan(digits: Sequence[Gray], rng: np.random.Generator) -> Gray:
    """Spaced dark digits, three times as large, on white paper."""
    return paper.scanned(paper.enlarge(spaced(digits, rng)))


def _with_serifs_and_bars(digits: Gray, labels: NDArray[np.integer], rng: np.random.Generator) -> Gray:
    return np.asarray(255 * other_handwriting((digits / 255).astype(np.float32), labels, rng, share=1)).astype(np.uint8)


CONDITIONS: dict[str, Condition] = {
    "triple_mnist": Condition(lambda d, rng, _: layouts.triple_mnist(d, rng), "84x84 as the public Triple MNIST"),
    "spaced": Condition(lambda d, rng, _: spaced(d, rng), "on one line, 2 to 8 free columns between the digits"),
    "touching": Condition(lambda d, rng, _: layouts.touching(d, rng), "pushed together until the ink meets"),
    "overlapping_10": Condition(layouts.overlapping, "boxes overlapping by 10% of the narrower digit", 0.1),
    "overlapping_25": Condition(layouts.overlapping, "boxes overlapping by 25% of the narrower digit", 0.25),
    "overlapping_40": Condition(layouts.overlapping, "boxes overlapping by 40% of the narrower digit", 0.4),
    "struck_1": Condition(lambda d, rng, s: layouts.struck(spaced(d, rng), rng, s), "a stroke of 1 px across", 1),
    "struck_3": Condition(lambda d, rng, s: layouts.struck(spaced(d, rng), rng, s), "a stroke of 3 px across", 3),
    "covered_5": Condition(lambda d, rng, s: layouts.covered(spaced(d, rng), rng, s), "5x5 px of ink covered", 5),
    "covered_9": Condition(lambda d, rng, s: layouts.covered(spaced(d, rng), rng, s), "9x9 px of ink covered", 9),
    "thin_pen": Condition(lambda d, rng, s: layouts.penned(spaced(d, rng), rng, s), "strokes 1 px thinner", -2),
    "thick_pen": Condition(lambda d, rng, s: layouts.penned(spaced(d, rng), rng, s), "strokes 2 px thicker", 4),
    "broken_strokes": Condition(lambda d, rng, s: layouts.broken(spaced(d, rng), rng, s), "six gaps of 2x2 px", 2),
    "slanted": Condition(lambda d, rng, s: layouts.slanted(spaced(d, rng), rng, s), "sheared by up to 0.5", 0.5),
    "other_handwriting": Condition(
        lambda d, rng, _: spaced(d, rng),
        "ones with a flag, some with a foot, bars through the sevens",
        written=_with_serifs_and_bars,
    ),
    "half_size": Condition(lambda d, rng, s: paper.enlarge(spaced(d, rng), s), "42x42, digits 10 px high", 0.5),
    "six_times": Condition(lambda d, rng, s: paper.enlarge(spaced(d, rng), s), "504x504, digits 120 px high", 6),
    "ruled_below": Condition(paper.on_ruled_lines, "lit ruled paper, the number on the line", 1.05),
    "ruled_through": Condition(paper.on_ruled_lines, "lit ruled paper, the line through the number", 0.5),
    "in_printed_boxes": Condition(lambda d, rng, _: paper.in_printed_boxes(d, rng), "a printed box for each digit"),
    "on_lit_paper": Condition(
        lambda d, rng, s: paper.photographed(paper.enlarge(spaced(d, rng)), rng, s),
        "dark ink on unevenly lit paper: grain, blur, JPEG, slight turn",
    ),
    "on_bad_paper": Condition(
        lambda d, rng, s: paper.photographed(paper.enlarge(spaced(d, rng)), rng, s),
        "the same, all effects twice as strong",
        2,
    ),
    "on_guilloche": Condition(paper.on_guilloche, "lit paper with fine waves a third as dark as the ink", 0.33),
    "shown_through": Condition(paper.shown_through, "lit paper, the back's writing shows a quarter as dark", 0.25),
    "in_pencil": Condition(paper.in_pencil, "thin broken lines half as dark on lit paper", 0.5),
    "noisy_20": Condition(lambda d, rng, s: paper.noisy(_scan(d, rng), rng, s), "scan with noise, 20 gray levels", 20),
    "noisy_40": Condition(lambda d, rng, s: paper.noisy(_scan(d, rng), rng, s), "scan with noise, 40 gray levels", 40),
    "blurred_2": Condition(lambda d, rng, s: paper.blurred(_scan(d, rng), s), "scan blurred, sigma 2 px of 252", 2),
    "blurred_4": Condition(lambda d, rng, s: paper.blurred(_scan(d, rng), s), "scan blurred, sigma 4 px of 252", 4),
    "jpeg_10": Condition(lambda d, rng, s: paper.compressed(_scan(d, rng), int(s)), "scan as JPEG of quality 10", 10),
    "turned_5": Condition(lambda d, rng, s: paper.turned(_scan(d, rng), rng, s), "scan turned by up to 5°", 5),
    "turned_15": Condition(lambda d, rng, s: paper.turned(_scan(d, rng), rng, s), "scan turned by up to 15°", 15),
}


def compose(
    x: Gray, y: NDArray[np.integer], n: int, *, condition: str, seed: int
) -> tuple[list[Gray], list[str], NDArray[np.int_]]:
    """Compose ``n`` labelled fields from single digits.

    Parameters
    ----------
    x : (m, 28, 28) uint8
        Digits to draw from, each with the same chance, ink bright on 0.
    y : (m,) int
        Their labels.
    condition : str
        A key of :data:`CONDITIONS`.
    seed : int
        Fixes every image.

    Returns
    -------
    images : list of (H, W) uint8
    numbers : list of str
        Three digits each.
    indices : (n, 3) int
        Which digits were used.
    """
    if condition not in CONDITIONS:
        raise ValueError(f"`condition` should be one of {sorted(CONDITIONS)}. Received: {condition!r}.")
    rng = np.random.default_rng(seed)
    indices = rng.integers(len(x), size=(n, FORMAT.positions))
    chosen = CONDITIONS[condition]
    written = chosen.written or (lambda digits, labels, rng: digits)
    images = [chosen.make(list(written(x[row], y[row], rng)), rng, chosen.severity) for row in indices]
    return images, ["".join(str(int(d)) for d in y[row]) for row in indices], indices
