"""The sample fields that come with the package, for whoever has none."""

from __future__ import annotations

from pathlib import Path

from pipeline.app.intake import unpacked

_ARCHIVE = Path(__file__).parent / "samples.zip"


def samples() -> list[tuple[str, bytes]]:
    """Name and content of each; the number in the name is what it shows."""
    return list(unpacked(_ARCHIVE.read_bytes()))
