"""Files of scanned pages -> gray pages: PDF, TIFF of many pages, photographs and other images."""

from __future__ import annotations

import io
import os
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from pipeline.extras import how_to_install
from segmenter.image import FORMATS, MAX_BYTES, MAX_PIXELS, Gray, load_gray

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

# Dots an inch of a page that is drawn here, and at which fields are cut.
DPI = 200
MM_PER_INCH = 25.4
# A PDF has its mark within so many bytes (ISO 32000-1, implementation note 13 of the PDF reference 1.7).
_PDF_MARK, _PDF_WITHIN = b"%PDF-", 1024
_TIFF_MARKS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_REDUCED, _SUBFILE_TYPE = 1, 0x00FE

Source = str | os.PathLike[str] | bytes


def count_pages(source: Source) -> int:
    """How many pages a file has: an image has one.

    Raises
    ------
    ValueError
        If it is a damaged PDF or TIFF; other images are looked at by :func:`load_page`.
    OSError
        If it cannot be read.
    ImportError
        If it is a PDF, and pypdfium2 is not installed.
    """
    head = _head(source)
    if _PDF_MARK in head:
        with _pdf(source) as document:
            return len(document)
    if head.startswith(_TIFF_MARKS):
        with _tiff(source) as (_, frames):
            return len(frames)
    return 1


def load_page(source: Source, page: int = 1, *, dpi: float = DPI, max_pixels: int = MAX_PIXELS) -> Gray:
    """One page of a file, gray.

    Parameters
    ----------
    source : path or bytes
        PDF, TIFF, or an image of one page that :func:`segmenter.load_gray` takes.
    page : int
        From 1.
    dpi : float
        Of a PDF's page, which is drawn; images come as they are.
    max_pixels : int
        Larger pages are refused.

    Returns
    -------
    (H, W) uint8

    Raises
    ------
    ValueError
        If there is no such page, or it is damaged or too large.
    OSError, ImportError
        As of :func:`count_pages`.
    """
    head = _head(source)
    if _PDF_MARK in head:
        with _pdf(source) as document:
            return _drawn(document, page, dpi, max_pixels)
    if head.startswith(_TIFF_MARKS):
        with _tiff(source) as (image, frames):
            _check_page(page, len(frames))
            return _frame(image, frames[page - 1], max_pixels)
    _check_page(page, 1)
    return load_gray(source, max_pixels=max_pixels)


def page_size(source: Source, page: int = 1, *, dpi: float | None = None) -> tuple[float, float]:
    """Width and height of a page in millimetres.

    Parameters
    ----------
    dpi : float, optional
        Of an image that does not say it itself.

    Raises
    ------
    ValueError
        If an image says no resolution and none is given; else as :func:`load_page`.
    """
    if _PDF_MARK in _head(source):
        with _pdf(source) as document:
            _check_page(page, len(document))
            width, height = document[page - 1].get_size()
            return width * MM_PER_INCH / 72, height * MM_PER_INCH / 72
    height, width = load_page(source, page).shape
    if dpi is None and not (dpi := _said_dpi(source)):
        raise ValueError("The image says no resolution; give it as dots an inch (dpi / --dpi).")
    return width * MM_PER_INCH / dpi, height * MM_PER_INCH / dpi


def _said_dpi(source: Source) -> float:
    """What an image says of its resolution; 0 if nothing that can be meant."""
    try:
        with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=FORMATS) as image:
            said = float(image.info.get("dpi", (0, 0))[0])
    except OSError:  # HEIC
        return 0.0
    return said if 50 <= said <= 2400 else 0.0


def _head(source: Source) -> bytes:
    """The first bytes of a file."""
    if isinstance(source, bytes):
        return source[:_PDF_WITHIN]
    status = os.stat(source)
    if not stat.S_ISREG(status.st_mode):  # a pipe or a device would never end
        raise ValueError("This is no regular file; expected pages.")
    if status.st_size > MAX_BYTES:
        raise ValueError(f"A file should have at most {MAX_BYTES} bytes. Received: {status.st_size}.")
    with open(source, "rb") as file:
        return file.read(_PDF_WITHIN)


def _check_page(page: int, count: int) -> None:
    if not 1 <= page <= count:
        raise ValueError(f"The file has {count} pages. Received: page {page}.")


@contextmanager
def _pdf(source: Source) -> Iterator[PdfDocument]:
    try:
        import pypdfium2
    except ImportError as error:
        raise ImportError(f"A PDF needs pypdfium2: {how_to_install('forms')}.") from error
    try:
        document = pypdfium2.PdfDocument(source)
    except pypdfium2.PdfiumError as error:
        raise ValueError(f"The PDF cannot be opened: {error}") from None
    try:
        yield document
    except pypdfium2.PdfiumError as error:
        raise ValueError(f"The PDF is damaged: {error}") from None
    finally:
        document.close()


def _drawn(document: PdfDocument, page: int, dpi: float, max_pixels: int) -> Gray:
    _check_page(page, len(document))
    drawn = document[page - 1]
    scale = dpi / 72
    width, height = (side * scale for side in drawn.get_size())
    if width * height > max_pixels or min(width, height) < 1:
        raise ValueError(
            f"A page should have 1 to {max_pixels} pixels (raise with max_pixels / --max-pixels). "
            f"Received: {width:.0f}x{height:.0f} at {dpi:g} dots an inch."
        )
    return np.array(drawn.render(scale=scale, grayscale=True).to_numpy())


@contextmanager
def _tiff(source: Source) -> Iterator[tuple[Image.Image, list[int]]]:
    """An opened TIFF and which of its frames are pages: smaller copies of one are not."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about metadata
            with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=("TIFF",)) as image:
                yield image, _pages_of(image)
    except (ValueError, MemoryError):
        raise
    # Pillow's decoders raise whatever a damaged file leads them to.
    except Exception as error:
        raise ValueError(f"The TIFF is damaged: {error}.") from None


def _pages_of(image: Image.Image) -> list[int]:
    frames = []
    for k in range(getattr(image, "n_frames", 1)):
        image.seek(k)
        if not _subfile_type(image) & _REDUCED:
            frames.append(k)
    return frames


def _subfile_type(image: Image.Image) -> int:
    tags: Any = getattr(image, "tag_v2", {})
    return int(tags.get(_SUBFILE_TYPE, 0))


def _frame(image: Image.Image, frame: int, max_pixels: int) -> Gray:
    image.seek(frame)
    return load_gray(image, max_pixels=max_pixels)
