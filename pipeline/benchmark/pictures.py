"""Sections of the report that show images: mistakes, samples, what the network sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from importlib.util import find_spec

import numpy as np

from classifier.runtime import WEIGHTS
from pipeline.benchmark import figures
from pipeline.benchmark.run import Answers, Images
from pipeline.extras import how_to_install
from pipeline.readers import WAYS
from pipeline.show.html import picture, png
from segmenter import Segmenter, fit_canvas

N_WORST, N_SAMPLES = 40, 6


def worst(answers: Sequence[Answers]) -> str:
    """The mistakes that were surest of themselves, with what the main readers said."""
    by_images: dict[str, dict[str, Answers]] = {}
    for a in answers:
        if a.reader in WAYS:
            by_images.setdefault(a.images.name, {})[a.reader] = a
    wrong = [
        (reading.confidence, name, i)
        for name, readers in by_images.items()
        for a in readers.values()
        for i, reading in enumerate(a.readings)
        if reading.number and reading.number != a.images.numbers[i]
    ]
    chosen = list(dict.fromkeys((name, i) for _, name, i in sorted(wrong, reverse=True)))[:N_WORST]
    if not chosen:
        return "<h2>Worst mistakes</h2><p>None.</p>"
    pictures = [_mistake(by_images[name], i) for name, i in chosen]
    return (
        "<h2>Worst mistakes</h2><p>The wrong numbers with the highest confidence of any reader, the truth in bold. "
        "Images that were not read are not among them: a person sees those.</p>"
        f"<div class='pictures'>{''.join(pictures)}</div>"
    )


def _mistake(readers: Mapping[str, Answers], i: int) -> str:
    images = next(iter(readers.values())).images
    said = "<br>".join(
        f"{name}: {a.readings[i].number or '–'} ({a.readings[i].confidence:.3f}, {a.readings[i].status})"
        for name, a in readers.items()
    )
    return picture(images.images[i], f"<b>{images.numbers[i]}</b>, {escape(images.name)}<br>{said}")


def samples(answers: Sequence[Answers]) -> str:
    """A few images of every kind."""
    kinds: dict[str, Images] = {a.images.name: a.images for a in answers}
    rows = [
        f"<h3>{escape(name)}</h3><p>{escape(images.what)}</p><div class='pictures'>"
        + "".join(picture(images.images[i], str(images.numbers[i])) for i in _spread(len(images.numbers)))
        + "</div>"
        for name, images in kinds.items()
    ]
    return f"<h2>Samples</h2>{''.join(rows)}"


def _spread(n: int) -> list[int]:
    """Indices over the whole length."""
    return sorted(set(np.linspace(0, n - 1, min(n, N_SAMPLES)).astype(int).tolist()))


def feature_map_section(answers: Sequence[Answers]) -> str:
    """Feature maps of the shipped whole-image network on the first field."""
    if not any(a.reader in ("fused", "whole") for a in answers):
        return ""
    if find_spec("keras") is None:
        return f"<h2>Feature maps</h2><p>They need Keras: {how_to_install('train')}</p>"
    import keras

    from classifier.explain import feature_maps

    images = answers[0].images
    canvas = fit_canvas(Segmenter().find_writing(images.images[0]))
    maps = feature_maps(keras.models.load_model(WEIGHTS / "best_model.keras"), canvas)
    caption = (
        f"The whole-image network on the first field ({images.numbers[0]}): the canvas, then the eight most active "
        "maps after each stage. The last row is the maximum over the rows: one value a column and map."
    )
    return f"<h2>Feature maps</h2>{png(figures.plot_feature_maps(canvas, maps), caption)}"
