"""The table of readers: whose evidence each one weighs, and which weights it reads with. A new reader is a row here.

Names only, so that commands and decisions can ask for them without loading anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# Source of evidence -> the parameter of NumberReader that holds its network.
SOURCES = {"segmented": "classifier", "field": "field_classifier", "whole": "number_classifier"}
# Parameter of NumberReader -> names of the weights of its networks.
Weights = Mapping[str, tuple[str, ...]]

# A second one is asked where the first doubts.
DIGIT: Weights = {"classifier": ("cnn_digit_classifier", "second/cnn_digit_classifier")}
NUMBER: Weights = {"number_classifier": ("best_model",)}
FIELD: Weights = {"field_classifier": ("field_reader",)}
# What tells ink from print in front of every reader that cuts or gathers ink.
PIXELS = "pixels"
POOLED_DIGIT: Weights = {"classifier": ("comparison/pooled-digit",)}
POOLED_NUMBER: Weights = {"number_classifier": ("comparison/pooled-columns",)}


@dataclass(frozen=True)
class NamedReader:
    """One row of the table.

    Attributes
    ----------
    what : str
        How it reads, for the report.
    sources : tuple of str
        Keys of :data:`SOURCES`, in their order.
    weights : mapping
        Protocol of the training -> weights. Those of the package are the ``leak-free`` ones.
    colour, marker : str
        In the report's figures (Okabe & Ito, "Color universal design", 2008; the marker tells the same).
    compared : bool
        Only the benchmark knows it, for comparison; :class:`pipeline.NumberReader` has the others.
    extra : str
        The extra that it comes with, for a reader of others' making; '' for those of this project.
    """

    what: str
    sources: tuple[str, ...]
    weights: Mapping[str, Weights]
    colour: str
    marker: str
    compared: bool = False
    extra: str = ""


READERS: dict[str, NamedReader] = {
    "fused": NamedReader(
        "the segmented reader, the field reader and the whole-image reader, weighed",
        tuple(SOURCES),
        {"leak-free": {**DIGIT, **FIELD, **NUMBER}},
        "#000000",
        "P",
    ),
    "segmented": NamedReader(
        "classical segmentation, one CNN for each crop",
        ("segmented",),
        {"leak-free": DIGIT, "pooled": POOLED_DIGIT},
        "#0072B2",
        "o",
    ),
    "field": NamedReader(
        "one CNN for the gray field itself, column by column (field_cnn)",
        ("field",),
        {"leak-free": FIELD},
        "#56B4E9",
        "X",
    ),
    "whole": NamedReader(
        "one CNN for the whole image (column_cnn)",
        ("whole",),
        {"leak-free": NUMBER, "pooled": POOLED_NUMBER},
        "#D55E00",
        "s",
    ),
    "specified": NamedReader(
        "the whole-image CNN as specified: three convolutions with pooling, 30 sigmoids",
        ("whole",),
        {
            "leak-free": {"number_classifier": ("comparison/leak-free-specified",)},
            "pooled": {"number_classifier": ("comparison/pooled-specified",)},
        },
        "#009E73",
        "^",
        compared=True,
    ),
    "softmax": NamedReader(
        "the same with one softmax for each position",
        ("whole",),
        {"leak-free": {"number_classifier": ("comparison/leak-free-softmax",)}},
        "#CC79A7",
        "D",
        compared=True,
    ),
    "flips": NamedReader(
        "the same, trained with random flips",
        ("whole",),
        {"leak-free": {"number_classifier": ("comparison/leak-free-softmax-flips",)}},
        "#E69F00",
        "v",
        compared=True,
    ),
    "rapidocr": NamedReader(
        "a ready-made recogniser of lines of text, PP-OCR through RapidOCR; its digits alone count",
        (),
        {"leak-free": {}},
        "#882255",
        "*",
        compared=True,
        extra="peers",
    ),
}
# What a NumberReader can be: name -> sources of its evidence.
WAYS = {name: reader.sources for name, reader in READERS.items() if not reader.compared}
# The way that weighs all sources.
FUSED = "fused"
# Which sources are asked about an image: one, the two that need no third where they are sure and agree, or all.
ASKED: tuple[tuple[str, ...], ...] = (*((source,) for source in SOURCES), ("segmented", "field"), tuple(SOURCES))
# Weights of the package.
SHIPPED = READERS[FUSED].weights["leak-free"]


def key_of(sources: Iterable[str]) -> str:
    """The name of one of :data:`ASKED` in a profile: 'segmented+field'."""
    return "+".join(sources)
