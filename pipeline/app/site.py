"""What one server shows: what the command was given, and what all its sessions share."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.app.review.store import Store

_PREFIX = "tridigit-page-"


@dataclass(frozen=True)
class Site:
    """What the command was given.

    Attributes
    ----------
    scratch : Path
        Folder with a folder for each session's uploads.
    folder : Path, optional
        Of images to read, or of results to show.
    store : Store, optional
        The queue that all sessions share; without one, each session has its own, which goes with it.
    title : str
        What the shared queue is of.
    sample : float
        Share of the accepted fields that a person is asked about, too.
    keeps_uploads : bool
        Whether uploads that are reviewed go into the shared queue, and stay there.
    networks : mapping
        Name -> folder of a network of label groups, to be compared on a picture.
    """

    scratch: Path
    folder: Path | None = None
    store: Store | None = None
    title: str = ""
    sample: float = 0.0
    keeps_uploads: bool = False
    networks: Mapping[str, Path] = field(default_factory=dict)


_sites: list[Site] = []


def set_site(site: Site) -> None:
    """Say what this server shows, before it starts."""
    _sites[:] = [site]


def the_site() -> Site:
    """What this server shows."""
    return _sites[0]


def scratch_folder() -> Path:
    """A new folder for this server, readable by its user alone; those of servers that were killed are removed."""
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        found = re.fullmatch(rf"{_PREFIX}(\d+)-\w+", left.name)
        if found and not _runs(int(found[1])) and left.stat().st_uid == os.getuid():
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # of somebody else
        return True
    return True
