"""Images that show no three-digit number: other counts of digits, letters, scribbles, noise, nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.synth import paper
from pipeline.synth.layouts import SIDE, spaced, touching

Gray = NDArray[np.uint8]


def other_count(digits: Sequence[Gray], rng: np.random.Generator) -> Gray:
    """One, two, four or five digits on one line, every third time touching."""
    chosen = list(digits)[: int(rng.choice([1, 2, 4, 5]))]
    return (touching if rng.random() < 1 / 3 else spaced)(chosen, rng)


def letters(digits: Sequence[Gray], rng: np.random.Generator) -> Gray:
    """Two to five letters in one of OpenCV's fonts."""
    fonts = (cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, cv2.FONT_HERSHEY_SCRIPT_COMPLEX, cv2.FONT_HERSHEY_SIMPLEX)
    word = "".join(rng.choice(list("ABCDEFGHKLMNPRTUWXYabdefghkmnpqrtwy"), int(rng.integers(2, 6))))
    field = np.zeros((SIDE, 3 * SIDE), np.uint8)
    at = int(rng.integers(5, 40)), int(rng.integers(45, 65))
    cv2.putText(
        field, word, at, fonts[rng.integers(3)], rng.uniform(0.9, 1.4), 255, int(rng.integers(1, 4)), cv2.LINE_AA
    )
    return field


def scribble(digits: Sequence[Gray], rng: np.random.Generator) -> Gray:
    """One to four smooth strokes that go anywhere."""
    field = np.zeros((SIDE, SIDE), np.uint8)
    for _ in range(int(rng.integers(1, 5))):
        knots = rng.uniform(8, SIDE - 8, (int(rng.integers(3, 8)), 2))
        t = np.linspace(0, len(knots) - 1, 60)
        line = np.column_stack([np.interp(t, range(len(knots)), knots[:, k]) for k in (0, 1)])
        line = cv2.GaussianBlur(line, (1, 9), 0)
        cv2.polylines(
            field, [np.round(line * 16).astype(np.int32)], False, 255, int(rng.integers(1, 4)), cv2.LINE_AA, 4
        )
    return field


def noise(digits: Sequence[Gray], rng: np.random.Generator) -> Gray:
    """Blurred Gaussian noise, stretched."""
    grain = cv2.GaussianBlur(rng.normal(0, 1, (SIDE, SIDE)), (0, 0), rng.uniform(0.4, 4))
    return np.asarray(cv2.normalize(grain, None, 0, 255, cv2.NORM_MINMAX)).astype(np.uint8)


def blank(digits: Sequence[Gray], rng: np.random.Generator) -> Gray:
    """Paper, lit or even."""
    return np.zeros((SIDE, SIDE), np.uint8)


KINDS: dict[str, Callable[[Sequence[Gray], np.random.Generator], Gray]] = {
    "other_count": other_count, "letters": letters, "scribble": scribble, "noise": noise, "blank": blank,
}  # fmt: skip


def no_numbers(x: NDArray[np.uint8], n: int, *, seed: int) -> list[Gray]:
    """``n`` images without a three-digit number, half of them other counts, half of all on lit paper."""
    rng = np.random.default_rng(seed)
    kinds = rng.choice(list(KINDS), n, p=(0.5, 0.2, 0.15, 0.1, 0.05))
    images = []
    for kind in kinds:
        image = KINDS[kind](list(x[rng.integers(len(x), size=5)]), rng)
        images.append(paper.photographed(paper.enlarge(image), rng) if rng.random() < 0.5 else image)
    return images
