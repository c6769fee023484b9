"""Reading in the background: the page stays usable, and shows how far it has come."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from pipeline.batch.files import Source
from pipeline.batch.read import Row, read_files
from pipeline.reader import NumberReader


class Job:
    """Reads sources in a thread of its own, in the batches in which the command reads them.

    Parameters
    ----------
    sources : sequence of Source
    reader : NumberReader

    Attributes
    ----------
    rows : list of Row
        What is read already, in order.
    failure : str
        Why reading stopped before the last; '' otherwise.
    """

    def __init__(self, sources: Sequence[Source], reader: NumberReader):
        self.sources = list(sources)
        self.rows: list[Row] = []
        self.failure = ""
        self.reader = reader
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        try:
            for row in read_files(self.sources, self.reader):
                self.rows.append(row)
                if self._stop.is_set():
                    return
        except Exception as error:  # a thread has nobody else to tell
            self.failure = f"{type(error).__name__}: {error}"

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def wait(self, seconds: float) -> None:
        """Return when all is read, or after so many seconds."""
        self._thread.join(seconds)

    def stop(self) -> None:
        """Read no further batch."""
        self._stop.set()
