"""How what is optional is installed."""

from __future__ import annotations


def how_to_install(extra: str) -> str:
    """The command that brings an extra, and where to run it: no registry has the package.

    >>> how_to_install("train")
    "pip install '.[train]' in tridigit's source folder"
    """
    return f"pip install '.[{extra}]' in tridigit's source folder"
