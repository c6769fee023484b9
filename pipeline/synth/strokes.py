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

# As schools of continental Europe teach them, points (x, y) in twentieths of the height: a two that begins with a curl
# and ends in a loop, a one with a long upstroke, nines and fours on a stalk, a five whose bar is set on last.
_SCHOOL = {
    0: ("0700 0205 0115 0520 1015 1105 0700 0901", "0901 0500 0106 0214 0720 1114 1006 0802 1103"),
    1: ("0210 0703 1000 0920", "0013 0600 0520", "0308 0901 0920"),
    2: (
        "0706 0407 0205 0302 0700 1103 1007 0613 0119 0317 0718 1020 1318",
        "0305 0202 0600 1002 1006 0612 0119 0219 0517 0819 1220 1317",
        "0507 0306 0403 0700 1002 0908 0413 0019 0217 0419 0920 1218",
    ),
    3: ("0202 0600 1003 0709 0509 1012 1017 0520 0117", "0301 1000 0608 1012 0918 0420 0016"),
    4: ("0400 0210 1210|1006 0820", "0500 0111 0312 1110|0905 0620", "0300 0109 0810 1101|0906 0720"),
    5: ("0300 0208 0706 1011 0818 0420 0117|0300 1000 1201", "0209 0607 1011 0818 0220 0017|0209 0401 1100"),
    6: ("1000 0408 0216 0620 1015 0711 0313", "1101 0604 0115 0420 0916 0810 0412"),
    7: ("0103 0500 1102 0620|0211 1210", "0104 0302 0703 1200 0820|0410 1211", "0001 1100 0520"),
    8: ("1002 0500 0204 0710 1015 0620 0215 0710 1003", "1103 0600 0304 0909 1015 0619 0315 0608 1103 1201"),
    9: (
        "1003 0600 0204 0308 0708 1003 1000 0920",
        "0903 0500 0104 0308 0706 1001 0820",
        "1206 0901 0404 0509 1106 1001 0720",
        "0701 0204 0308 0907 0901 0401|0906 0720",
        "1101 0500 0206 0608 1103 0914 0320",
    ),
}


def drawn_digits(each: int, rng: np.random.Generator) -> dict[int, list[list[Stroke]]]:
    """``each`` digits of every form above, as strokes in units of the height."""
    found: dict[int, list[list[Stroke]]] = {digit: [] for digit in range(10)}
    for forms, read in ((_DIGITS, _point), (_SCHOOL, _fine_point)):
        for digit, ways in forms.items():
            for form in ways:
                strokes = [[read(p) for p in stroke.split()] for stroke in form.split("|")]
                found[digit] += [[rounded(stroke, rng, miss=0.03) for stroke in strokes] for _ in range(each)]
    return found


def _fine_point(text: str) -> tuple[float, float]:
    return int(text[:2]) / 20, int(text[2:]) / 20
