"""Letters and other signs that are no digits, as strokes of a hand."""

from __future__ import annotations

import numpy as np

from pipeline.synth.glyphs import Stroke

# Strokes through points (x, y) of a grid 4 wide and 6 high, y downwards; letters that look like digits are left out.
_LETTERS = {
    "A": "06 20 46|13 33",
    "C": "41 20 01 05 26 45",
    "D": "00 06|00 30 42 44 36 06",
    "E": "40 00 06 46|03 33",
    "F": "40 00 06|03 33",
    "G": "41 20 01 05 26 45 43 23",
    "H": "00 06|40 46|03 43",
    "J": "10 40|30 35 16 05",
    "K": "00 06|40 03 46",
    "L": "00 06 46",
    "M": "06 00 24 40 46",
    "N": "06 00 46 40",
    "P": "06 00 30 41 42 33 03",
    "R": "06 00 30 41 42 33 03|23 46",
    "T": "00 40|20 26",
    "U": "00 05 26 45 40",
    "V": "00 26 40",
    "W": "00 16 22 36 40",
    "X": "00 46|40 06",
    "Y": "00 23|40 23 26",
    "a": "42 22 03 05 26 44 42 46",
    "d": "40 46|43 22 03 05 26 45",
    "e": "04 44 43 22 03 05 26 45",
    "h": "00 06|03 22 43 46",
    "k": "00 06|32 04 36",
    "m": "02 06|03 12 23 26|23 32 43 46",
    "n": "02 06|03 22 43 46",
    "p": "02 08|03 22 43 44 26 05",
    "r": "02 06|03 22 32",
    "t": "20 25 36|02 42",
    "u": "02 05 26 45|42 46",
    "v": "02 26 42",
    "w": "02 16 23 36 42",
    "x": "02 46|42 06",
    "y": "02 25|42 18",
    "ø": "41 20 01 05 26 45 41|50 -16",
    "€": "41 20 01 05 26 45|02 32|04 34",
    "?": "01 10 30 41 32 23 24|26 26",
    "#": "10 06|40 36|02 42|04 44",
    "&": "45 10 20 21 04 16 26 43",
    "square": "00 40 46 06 00",
    "cross": "00 46|40 06",
    "tick": "03 16 40",
    "star": "23 20|05 41|01 45|26 23",
}


def any_letter(rng: np.random.Generator) -> list[Stroke]:
    """One of the letters as a hand writes it; strokes in units of the height."""
    name = list(_LETTERS)[rng.integers(len(_LETTERS))]
    return [rounded([_point(p) for p in stroke.split()], rng) for stroke in _LETTERS[name].split("|")]


def _point(text: str) -> tuple[float, float]:
    x, y = (-1, text[1:]) if text.startswith("-") else (int(text[0]), text[1:])
    return x / 6, int(y[-1]) / 6


def rounded(points: list[tuple[float, float]], rng: np.random.Generator, *, miss: float = 0.035) -> Stroke:
    """Points that a hand misses by a little, joined by a curve that cuts their corners (Chaikin, 1974)."""
    path = np.array(points) + rng.normal(0, miss, (len(points), 2))
    for _ in range(rng.integers(0, 4)):
        if len(path) > 2:
            near, far = 0.75 * path[:-1] + 0.25 * path[1:], 0.25 * path[:-1] + 0.75 * path[1:]
            path = np.vstack([path[:1], np.stack([near, far], 1).reshape(-1, 2), path[-1:]])
    return path.astype(np.float32)


# Digits in the same grid: traced along the segments of a display, and in hands that other sources have few of.
_DIGITS = {
    0: ("00 40 46 06 00",),
    1: ("20 26", "40 46", "03 30 36", "12 20 26|06 46", "02 20 20 16"),
    2: ("00 40 43 03 06 46", "02 11 01 00 30 42 24 06 06 46"),
    3: ("00 40 46 06|03 43", "00 40 22 42 45 26 06"),
    4: ("00 03 43|40 46", "30 04 44|30 36", "10 03 43|32 26", "20 04 04 33 33 16"),
    5: ("40 00 03 43 46 06", "00 02 32 44 36 06|00 40"),
    6: ("40 00 06 46 43 03", "30 02 05 26 45 33 04"),
    7: ("00 40 46", "00 40 16|03 43", "01 00 40 16", "01 00 40 23 26|13 43"),
    8: ("00 40 46 06 00|03 43",),
    9: ("43 03 00 40 46 06", "41 20 01 12 32 41 41 36", "43 03 00 40 46"),
}


def drawn_digits(each: int, rng: np.random.Generator) -> dict[int, list[list[Stroke]]]:
    """``each`` digits of every form above, as strokes in units of the height."""
    return {
        digit: [
            [rounded([_point(p) for p in stroke.split()], rng, miss=0.03) for stroke in form.split("|")]
            for form in forms
            for _ in range(each)
        ]
        for digit, forms in _DIGITS.items()
    }
