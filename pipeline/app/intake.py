"""Uploads -> images in the session's own folder: from files, ZIPs and the pages of PDFs.

What an upload calls itself is only ever shown. The files lie under numbers.
"""

from __future__ import annotations

import io
import os
import threading
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from pipeline.app.limits import MOST_BYTES, MOST_ENTRIES, MOST_PAGES, MOST_PIXELS, MOST_UNPACKED
from pipeline.batch.files import SUFFIXES, Source

# Dots per inch at which a page is drawn: a digit of 4 mm is 32 pixels high.
DPI = 200
_CHUNK = 1 << 20
# PDFium may be called by one thread at a time.
_PDFIUM = threading.Lock()


class Intake:
    """Takes uploads into a folder.

    Parameters
    ----------
    folder : Path
        Of the session; nothing is written elsewhere.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self._taken = 0

    def take(self, name: str, data: bytes) -> list[Source]:
        """The images of an upload; what cannot be opened as a ZIP or a PDF is one source with its error.

        Parameters
        ----------
        name : str
            As the upload calls itself.
        data : bytes
        """
        try:
            if len(data) > MOST_BYTES:
                raise ValueError(f"A file should have at most {MOST_BYTES} bytes. Received: {len(data)}.")
            if data.startswith(b"PK\x03\x04"):
                return [self._keep(f"{name}/{inner}", content) for inner, content in unpacked(data)]
            if data.startswith(b"%PDF-"):
                return [self._keep(f"{name}, page {k}", page) for k, page in enumerate(pages(data), 1)]
        except ValueError as error:
            return [Source("", name, str(error))]
        return [self._keep(name, data)]

    def _keep(self, name: str, data: bytes) -> Source:
        self._taken += 1
        path = self.folder / f"{self._taken:06d}"
        path.write_bytes(data)
        return Source(str(path), name)


def unpacked(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and content of each image in a ZIP, by name.

    Raises
    ------
    ValueError
        If it is damaged, encrypted, or too large; what a file really unpacks to counts, not what it says.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if (n := len(archive.infolist())) > MOST_ENTRIES:
                raise ValueError(f"A ZIP should have at most {MOST_ENTRIES} files. Received: {n}.")
            left = MOST_UNPACKED
            for entry in sorted(filter(_is_image, archive.infolist()), key=lambda entry: entry.filename):
                content = _read(archive, entry, min(left, MOST_BYTES))
                left -= len(content)
                yield entry.filename, content
    # Encrypted files raise RuntimeError, unknown methods NotImplementedError.
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError) as error:
        raise ValueError(f"The ZIP cannot be unpacked: {error}.") from error


def _is_image(entry: zipfile.ZipInfo) -> bool:
    hidden = any(part.startswith((".", "__MACOSX")) for part in entry.filename.split("/"))
    return not entry.is_dir() and not hidden and os.path.splitext(entry.filename)[1].lower() in SUFFIXES


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    found = bytearray()
    with archive.open(entry) as file:
        while chunk := file.read(_CHUNK):
            found += chunk
            if len(found) > most:
                raise ValueError(
                    f"A ZIP should unpack to at most {MOST_UNPACKED} bytes, and a file in it to {MOST_BYTES}. "
                    f"{entry.filename!r} goes beyond."
                )
    return bytes(found)


def pages(data: bytes) -> Iterator[bytes]:
    """The pages of a PDF, each drawn as a PNG.

    Raises
    ------
    ValueError
        If it is damaged or encrypted, or has too many or too large pages.
    """
    import pypdfium2

    with _PDFIUM:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            raise ValueError(f"The PDF cannot be opened: {error}.") from error
        try:
            if len(document) > MOST_PAGES:
                raise ValueError(f"A PDF should have at most {MOST_PAGES} pages. Received: {len(document)}.")
            drawn = [_drawn(document[k]) for k in range(len(document))]
        except pypdfium2.PdfiumError as error:
            raise ValueError(f"The PDF is damaged: {error}.") from error
        finally:
            document.close()
    yield from drawn


def _drawn(page: object) -> bytes:
    scale = DPI / 72
    width, height = page.get_size()  # type: ignore[attr-defined]
    if width * height * scale * scale > MOST_PIXELS:
        raise ValueError(
            f"A page at {DPI} dots per inch should have at most {MOST_PIXELS} pixels. "
            f"Received: {width * scale:.0f}x{height * scale:.0f}."
        )
    png = io.BytesIO()
    page.render(scale=scale, grayscale=True).to_pil().save(png, "PNG")  # type: ignore[attr-defined]
    return png.getvalue()
