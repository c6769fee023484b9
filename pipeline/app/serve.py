"""Start the page's server."""

from __future__ import annotations

import shutil
import signal
import socket
import sys
import threading
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.app.limits import MOST_BYTES
from pipeline.app.review.pile import load_table
from pipeline.app.review.routes import DESKS
from pipeline.app.review.store import ORDERS, Store
from pipeline.app.site import Site, scratch_folder, set_site
from pipeline.grammar import how_many
from pipeline.labels.answers import find_networks

if TYPE_CHECKING:
    from starlette.middleware import Middleware

LOOPBACK = "127.0.0.1"
PORT = 8501
SAMPLE = 0.02
TABLES = frozenset({".csv", ".jsonl", ".ndjson", ".parquet"})
_SCRIPT = Path(__file__).parent / "page.py"
# Names of this machine. A page of somebody else whose name leads here is turned away.
_HOSTS = (LOOPBACK, "localhost")
# Blue that is legible on either ground: 4.5:1 and more.
_THEME = {"theme.light.primaryColor": "#0b57d0", "theme.dark.primaryColor": "#8ab4f8"}


def serve(
    path: str | PathLike[str] | None = None,
    *,
    images: str | PathLike[str] | None = None,
    store: str | PathLike[str] | None = None,
    sample: float = SAMPLE,
    port: int = PORT,
    address: str = LOOPBACK,
    labels: str | PathLike[str] | None = None,
    start_at: str = "",
) -> None:
    """Serve the page until the process is stopped.

    Parameters
    ----------
    path : path, optional
        A folder of images to read and review, or a table that ``tridigit read`` wrote, to be reviewed.
    images : path, optional
        Folder that the table's paths are in. Default: the table's.
    store : path, optional
        SQLite file of the queue and the decisions, which all sessions share and which stays, with the uploads that
        are reviewed. Default: beside ``path``, named after it; uploads are then reviewed in a queue of the session's
        own, which goes with it.
    sample : float
        Share of the accepted fields that a person is asked about, too, in [0, 1].
    port : int
        From 1 to 65535; one that is taken is an error.
    address : str
        On which to listen; others than the loopback let everybody in who reaches it.
    labels : path, optional
        Folder of ``tridigit train labels`` or of ``tridigit compare``, whose networks answer for a picture.
    start_at : str
        The tab whose address is printed.

    Raises
    ------
    ValueError, OSError
        If there is no such file or folder, the table is none, or the port is taken.
    """
    check_port(address, port)
    site = replace(_site(path, images, store, sample), networks={} if labels is None else find_networks(labels))
    set_site(site)
    print(f"tridigit: the page is at http://{address}:{port}/{start_at} (stop it with Ctrl+C)", flush=True)
    if site.store is not None:
        print(f"tridigit: what is decided is kept in {str(site.store.path)!r}", flush=True)
        if errors := len(site.store.errors()):
            print(f"tridigit: left out, because no image could be opened: {how_many(errors, 'file')}", flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        _run(address, port)
    finally:
        shutil.rmtree(site.scratch, ignore_errors=True)


def check_port(address: str, port: int) -> None:
    """Raise ValueError or OSError, in words, if nothing can listen there."""
    if not 1 <= port <= 65535:
        raise ValueError(f"`port` should lie in [1, 65535]. Received: {port}.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise OSError(f"cannot listen on {address}:{port}: {error.strerror or error}; try --port") from error


def default_store(path: Path) -> Path:
    """The store beside a folder or a table: ``scans.review.sqlite``."""
    path = path.resolve()
    return path.with_name(f"{path.name if path.is_dir() else path.stem}.review.sqlite")


def _site(
    path: str | PathLike[str] | None,
    images: str | PathLike[str] | None,
    store: str | PathLike[str] | None,
    sample: float,
) -> Site:
    given = None if path is None else Path(path)
    if given is not None and not given.exists():
        raise ValueError(f"Expected a folder of images or a table, found nothing at {str(given)!r}.")
    is_table = given is not None and given.is_file()
    if images is not None and not is_table:
        raise ValueError(f"`images` is the folder of a table's paths. Received: {str(images)!r} without a table.")
    fields = load_table(given, images or given.parent, sample=sample) if given is not None and is_table else []
    kept = Path(store) if store is not None else default_store(given) if given is not None else None
    shared = None if kept is None else Store(kept)
    if shared is not None:
        shared.release()  # what a server that was killed had on its screens
        shared.add(fields)
        for order in ORDERS:  # screens that are open since before go on at once
            DESKS.open(shared, order)
    folder = given if given is not None and given.is_dir() else None
    return Site(scratch_folder(), folder, shared, (given or kept or Path()).name, sample, store is not None)


def _run(address: str, port: int) -> None:
    import streamlit as st

    from pipeline.app.review.routes import routes
    from pipeline.app.session import sweep, warm_up

    for task in (warm_up, sweep):
        threading.Thread(target=task, daemon=True).start()
    app = st.App(_SCRIPT, routes=routes(), middleware=_middleware(address))
    app.run(config=_settings(address, port))


def _settings(address: str, port: int) -> dict[str, Any]:
    return {
        "server.address": address,
        "server.port": port,
        "server.headless": True,
        "server.fileWatcherType": "none",
        "server.maxUploadSize": MOST_BYTES >> 20,
        "browser.gatherUsageStats": False,
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
        "logger.level": "warning",
        "logger.hideWelcomeMessage": True,
        **_THEME,
    }


def _middleware(address: str) -> list[Middleware]:
    """On the loopback, only names of this machine are answered."""
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    if address not in _HOSTS:
        return []
    return [Middleware(TrustedHostMiddleware, allowed_hosts=list(_HOSTS))]
