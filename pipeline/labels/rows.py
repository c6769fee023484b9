"""The table of a comparison: a row for each training and label group."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pipeline.benchmark.metrics import Share

COLUMNS = (
    "network", "size", "labels_per_class", "images", "group", "accuracy", "low", "high", "right", "n", "seconds",
)  # fmt: skip


class Network(NamedTuple):
    """A backbone, what it begins with, and the side of the images that it sees; without weights all is trained."""

    backbone: str
    weights: str | None
    size: int

    def __str__(self) -> str:
        return f"{self.backbone} with {Path(self.weights).name}" if self.weights else f"{self.backbone} from scratch"


@dataclass(frozen=True)
class Row:
    """Test accuracy of one group after one training.

    Attributes
    ----------
    network : str
        Backbone and what it began with.
    labels_per_class : str
        How many images of each label were learned from at least; 'all'.
    images : int
        That were learned from.
    seconds : float
        Of the training, with the features of images that no training before has seen.
    """

    network: str
    size: int
    labels_per_class: str
    images: int
    group: str
    share: Share
    seconds: float

    def __str__(self) -> str:
        learned = f"{self.labels_per_class} labels a class ({self.images} images)"
        return f"{self.network}, {learned}: {self.group} {self.share}, {self.seconds:.0f} s"

    @property
    def training(self) -> tuple[str, int, str]:
        """What it shares with the rows of the other groups."""
        return self.network, self.size, self.labels_per_class


def write_rows(table: Path, rows: Sequence[Row]) -> None:
    """Write the table in one step: what an interruption leaves is whole."""
    part = table.with_name(table.name + ".part")
    with part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in rows:
            low, high = row.share.interval
            measured = [f"{value:.4f}" for value in (row.share.value, low, high)]
            known = [row.network, row.size, row.labels_per_class, row.images, row.group]
            writer.writerow([*known, *measured, row.share.right, row.share.n, f"{row.seconds:.1f}"])
    part.replace(table)


def read_rows(table: Path) -> list[Row]:
    """The rows of a table that was begun; none if there is no such file."""
    if not table.exists():
        return []
    with table.open(newline="", encoding="utf-8") as file:
        return [
            Row(
                row["network"], int(row["size"]), row["labels_per_class"], int(row["images"]), row["group"],
                Share(int(row["right"]), int(row["n"])), float(row["seconds"]),
            )
            for row in csv.DictReader(file)
        ]  # fmt: skip
