"""The files of a batch, counted and packed: the names of a million of them take some megabytes."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator

from pipeline.batch.files import Source

_TOGETHER = 1000  # files that are packed, and unpacked, at a time


class Pile:
    """Sources in the order in which they were added; goes through them as often as asked.

    Attributes
    ----------
    digest : str
        SHA-256 of all of them, in hexadecimal: the same for the same files in the same order.

    Examples
    --------
    >>> pile = Pile([Source("scans/a.png", "a.png")])
    >>> len(pile), next(iter(pile)).name
    (1, 'a.png')
    """

    def __init__(self, sources: Iterable[Source] = ()):
        self._packed = list[bytes]()
        self._loose = list[bytes]()
        self._hash = hashlib.sha256()
        for source in sources:
            self.add(source)

    def __len__(self) -> int:
        return _TOGETHER * len(self._packed) + len(self._loose)

    def __iter__(self) -> Iterator[Source]:
        for packed in self._packed:
            yield from _sources(zlib.decompress(packed).splitlines())
        yield from _sources(self._loose)

    def add(self, source: Source) -> None:
        # JSON escapes line ends, and bytes of a name that are no UTF-8.
        line = json.dumps([source.path, source.name, source.error]).encode()
        self._hash.update(line + b"\n")
        self._loose.append(line)
        if len(self._loose) == _TOGETHER:
            self._packed.append(zlib.compress(b"\n".join(self._loose)))
            self._loose.clear()

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()


def _sources(lines: Iterable[bytes]) -> Iterator[Source]:
    for line in lines:
        yield Source(*json.loads(line))
