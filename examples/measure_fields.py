"""Print the figures of docs/results.md about fields as people have them, one line each.

    python examples/measure_fields.py MNIST_NPZ NAME...

NAME is kinds, none, counts or fresh, composed of MNIST's test digits; with files that environment variables name, real
(FIELDS: one or more of encoded images end to end in `data`, with `offsets`, and `numbers` and `sources` where there are
any) or cases (CASES: folders of a kind each, images named by what they show).
"""

import os
import re
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np

from classifier.data.mnist import load_mnist
from classifier.train.card import share
from pipeline import NumberReader
from pipeline.readers import WAYS
from pipeline.synth.compose import KEPT_OUT, KINDS, any_kind, compose, one_kind
from pipeline.synth.glyphs import Style
from pipeline.synth.hands import hands_of

MNIST = load_mnist(sys.argv[1])
EACH = 100
# Kinds after which no number of three digits stands there alone.
NOT_PLAIN = set(KINDS["beside"])


def read(images, **params):
    reader = NumberReader.pretrained(reader=params.pop("reader", "fused"), threads=2).set_params(**params)
    return list(reader.read_many(images))


def told(what, readings, numbers):
    """One line: exact match where there is a number, accepted, wrong among them."""
    right = np.array([reading.number == number for reading, number in zip(readings, numbers, strict=True)])
    accepted = np.array([reading.status == "accept" for reading in readings])
    shown = np.array([bool(number) for number in numbers])
    match = f"exact match {share(right[shown])}, " if shown.any() else ""
    print(
        f"{what}: {match}accepted {accepted.mean():.1%} of {len(right):,}, wrong among them {(accepted & ~right).sum()}"
    )
    return right


def files(path):
    """Encoded images, their numbers ('' where none is named) and their sources."""
    with np.load(path, allow_pickle=False) as arrays:
        data, ends = arrays["data"], arrays["offsets"]
        none = np.full(len(ends) - 1, "")
        numbers, sources = (arrays.get(name, none) for name in ("numbers", "sources"))
    return [data[a:b].tobytes() for a, b in pairwise(ends)], numbers.astype(str), sources.astype(str)


def real():
    for path in os.environ["FIELDS"].split(os.pathsep):
        images, numbers, sources = files(path)
        name, three = Path(path).stem, {len(number) for number in numbers.tolist()} == {3}
        for reader in WAYS if three else ["fused"]:
            as_three = [number if len(number) == 3 else "" for number in numbers.tolist()]
            right = told(f"{name}, {reader}", read(images, reader=reader), as_three)
            if three and len(set(sources.tolist())) > 1:
                of_each = {source: right[sources == source] for source in sorted(set(sources.tolist()))}
                print(
                    f"  mean over {len(of_each)} sources {np.mean([r.mean() for r in of_each.values()]):.2%};", end=" "
                )
                print(", ".join(f"{source} {r.sum()}/{len(r)}" for source, r in of_each.items()))
        if not three and numbers[0]:
            told(f"{name}, digits=(1, 6)", read(images, digits=(1, 6)), numbers.tolist())


def cases():
    """Right: the number of three digits, or where there is none, not accepted."""
    total = Counter()
    for folder in sorted(path for path in Path(os.environ["CASES"]).iterdir() if path.is_dir()):
        paths = [path for path in sorted(folder.iterdir()) if re.match(r"\d+-", path.name)]
        numbers = [path.name.split("-")[0] for path in paths]
        readings = list(map(_read_or_refuse, paths))
        good = [
            reading is None or (reading.number == number if len(number) == 3 else reading.status != "accept")
            for reading, number in zip(readings, numbers, strict=True)
        ]
        wrong = [
            r is not None and r.status == "accept" and r.number != n for r, n in zip(readings, numbers, strict=True)
        ]
        total.update(files=len(good), right=sum(good), wrong=sum(wrong))
        print(f"{folder.name}: right {sum(good)} of {len(good)}, accepted wrongly {sum(wrong)}")
    print(f"all cases: right {total['right']} of {total['files']}, accepted wrongly {total['wrong']}")


READER = NumberReader.pretrained(threads=2)


def _read_or_refuse(path):
    try:
        return READER.read(path)
    except ValueError as error:
        print(f"  {path.name}: refused, {error}")
        return None


def kinds():
    """Fields with one symptom each, of kinds that were trained on and of kinds that were kept out."""
    hands = hands_of(MNIST.x_test, MNIST.y_test, seed=77)
    totals = {}
    for what, names in KINDS.items():
        for name in names:
            rng = np.random.default_rng([77, *name.encode()])
            fields = [compose(hands, rng, one_kind(name), number=f"{rng.integers(1000):03d}") for _ in range(EACH)]
            plain = what != "beside"
            numbers = [field.sequence if plain else "" for field in fields]
            readings = read([field.image for field in fields])
            group = ("kept-out" if name in KEPT_OUT else "trained") + ("" if plain else ", more than a number")
            told(f"{group}: {name}", readings, numbers)
            totals.setdefault(group, []).append((readings, numbers))
    for group, parts in totals.items():
        told(f"all {group}", [r for readings, _ in parts for r in readings], [n for _, ns in parts for n in ns])


def none():
    """10,000 fields of all kinds that show no number of three digits."""
    hands, rng = hands_of(MNIST.x_test, MNIST.y_test, seed=78), np.random.default_rng(78)
    recipes, images = [any_kind(detail=(1.0, 3.0)), any_kind(kept_out=True, detail=(1.0, 3.0))], []
    while len(images) < 10_000:
        field = compose(hands, rng, recipes[len(images) % 2])
        if not re.fullmatch(r"\d{3}", field.sequence):
            images.append(field.image)
    told("no number of three digits, all kinds", read(images), [""] * len(images))


def fresh():
    """20,000 fields of many kinds at once."""
    hands = hands_of(MNIST.x_test, MNIST.y_test, seed=79)
    for kept_out in (False, True):
        rng, recipe = np.random.default_rng([79, kept_out]), any_kind(kept_out=kept_out, detail=(1.0, 3.0))
        fields = [compose(hands, rng, recipe) for _ in range(20_000)]
        numbers = [field.sequence if re.fullmatch(r"\d{3}", field.sequence) else "" for field in fields]
        told(f"fresh fields, {'kept-out' if kept_out else 'trained'} kinds", read([f.image for f in fields]), numbers)


def counts():
    """Spaced digits, their count unknown."""
    hands = hands_of(MNIST.x_test, MNIST.y_test, seed=80)
    for count in range(1, 7):
        rng, images, numbers = np.random.default_rng([80, count]), [], []
        for _ in range(1000):
            number = "".join(map(str, rng.integers(0, 10, count)))
            style = Style(pen=0.11, slant=0.0, aspect=1.0, traced=0.0)
            inks = [
                np.pad(hands.write(int(d), 30, style, rng), ((0, 0), (0, int(rng.integers(3, 12))))) for d in number
            ]
            height = max(ink.shape[0] for ink in inks)
            line = np.hstack([np.pad(ink, ((height - ink.shape[0], 0), (0, 0))) for ink in inks])
            images.append(255 - np.pad(line, 12))
            numbers.append(number)
        told(f"{count} spaced digits, digits=(1, 6)", read(images, digits=(1, 6)), numbers)


if __name__ == "__main__":
    measures = {f.__name__: f for f in (real, cases, kinds, none, fresh, counts)}
    for name in sys.argv[2:]:
        measures[name]()
