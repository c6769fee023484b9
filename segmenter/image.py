"""Any image a user may have -> gray (H, W) uint8."""

from __future__ import annotations

import io
import os
import stat
import struct
import threading
import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

Gray: TypeAlias = NDArray[np.uint8]
MAX_PIXELS = 64_000_000
MAX_BYTES = 1 << 30
# Pillow knows more; some of them start other programs.
FORMATS = ("AVIF", "BMP", "GIF", "JPEG", "JPEG2000", "PNG", "PPM", "TIFF", "WEBP")
# How HEIC begins, the photographs of phones. AVIF, which Pillow reads, may share the last two brands.
HEIC = tuple(b"ftyp" + brand for brand in (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"))


def load_gray(source: Any, *, max_pixels: int = MAX_PIXELS) -> Gray:
    """Decode an image and reduce it to gray.

    Parameters
    ----------
    source : path, bytes, PIL image or array
        Arrays: (H, W), (H, W, 1), (H, W, 3) RGB or (H, W, 4) RGBA; bool, integers up to 255,
        uint16 up to 65,535, or float in [0, 1] or [0, 255]. Integers that come to a gray of 0 and 1 alone, in
        files too, are a mask and count as 0 and 255.
    max_pixels : int
        Larger images are refused before they are decoded.

    Returns
    -------
    (H, W) uint8

    Raises
    ------
    ValueError
        If the bytes are no image or several pages, the image is cut short or too large, or an array
        has another shape or range.
    TypeError
        If the source is of none of these types.
    OSError
        If the path cannot be read.
    """
    if isinstance(source, np.ndarray):
        _check_size(source, max_pixels)
        return array_to_gray(source)
    if isinstance(source, Image.Image):
        _check_size(source, max_pixels)
        return _pil_to_gray(source)
    return _decode(_bytes_of(source), max_pixels, _pil_to_gray)


def load_rgb(source: Any, *, max_pixels: int = MAX_PIXELS) -> NDArray[np.uint8]:
    """Decode a colour image, (H, W, 3) uint8, from a path or bytes; errors as of :func:`load_gray`.

    Gray images get three equal channels, 16 bits become 8, what is transparent is laid on one colour.
    """
    return _decode(_bytes_of(source), max_pixels, _pil_to_rgb)


def _bytes_of(source: Any) -> bytes:
    if isinstance(source, (str, os.PathLike)):
        return _read(source)
    if not isinstance(source, (bytes, bytearray, memoryview)):
        raise TypeError(
            f"An image should be a path, bytes, a PIL image or an array. Received: {type(source).__name__}."
        )
    return bytes(source)


def _read(path: str | os.PathLike[str]) -> bytes:
    name = os.fspath(path)
    if not name or "\0" in name:
        raise ValueError(f"A path should be the name of a file. Received: {name!r}.")
    status = os.stat(name)
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):  # a pipe or a device would never end
        raise ValueError("This is no regular file; expected an image file.")
    if status.st_size > MAX_BYTES:
        raise ValueError(f"A file should have at most {MAX_BYTES} bytes. Received: {status.st_size}.")
    with open(name, "rb") as file:
        return file.read()


def _decode(data: bytes, max_pixels: int, convert: Callable[[Image.Image], NDArray[np.uint8]]) -> NDArray[np.uint8]:
    if not data:
        raise ValueError("The file is empty; expected an image.")
    try:
        with warnings.catch_warnings(), _no_limit_of_pillow():
            warnings.simplefilter("ignore")  # about metadata
            image = _open_heic(data) if _is_heic(data) else Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        pages = " Pages of a PDF are read with a form." if data.startswith(b"%PDF") else ""
        raise ValueError(f"The file is no image that can be decoded. It begins with {data[:8]!r}.{pages}") from None
    except ImportError:
        raise ValueError("A HEIC image needs pillow-heif: pip install '.[heic]' in tridigit's source folder.") from None
    # Pillow's decoders raise whatever a damaged file leads them to.
    except Exception as error:
        raise ValueError(f"The image is damaged: {error}.") from None
    with image:
        _check_size(image, max_pixels)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                single = _is_single(image)
                image.load()
                _check_end(data, image)
        except Exception as error:
            raise ValueError(f"The image is damaged: {error}.") from None
        if not single:  # the number on the second one would be lost without a word
            raise ValueError("The file has several pages or frames; expected a file for each.")
        return convert(image)


def _is_heic(data: bytes) -> bool:
    return data[4:12] in HEIC and b"avif" not in data[:64]


def _open_heic(data: bytes) -> Image.Image:
    """Through the extra `heic`, without adding its format to all that this process opens with Pillow."""
    from pillow_heif import HeifImageFile

    return HeifImageFile(io.BytesIO(data))


def _is_single(image: Image.Image) -> bool:
    """Whether there is one page or frame, not counting smaller copies of a TIFF's; the image is left on its first.

    What a camera puts behind the picture of a JPEG is no other page: a preview, a map of depth or brightness (MPO).
    """
    if image.format == "MPO":
        return True
    if image.format != "TIFF":
        return getattr(image, "n_frames", 1) == 1
    pages = 0
    for _ in ImageSequence.Iterator(image):
        pages += not image.getexif().get(0x00FE, 0) & 1  # NewSubfileType: a reduced image
        if pages > 1:
            break
    image.seek(0)
    return pages <= 1


def _check_end(data: bytes, image: Image.Image) -> None:
    """Refuse an image whose data end early where Pillow's decoder says nothing of it."""
    if image.format == "PNG":
        _check_rows(data, image)
    # The marker that ends the image cannot occur within its data. Without it, tiles may be missing.
    elif image.format == "JPEG2000" and b"\xff\xd9" not in data:
        raise ValueError("its data end before the end marker")


def _check_rows(data: bytes, image: Image.Image) -> None:
    """Refuse a PNG whose data end early: Pillow leaves the rows that are missing black, without a word."""
    if image.crop((0, image.height - 1, image.width, image.height)).getbbox(alpha_only=False):
        return
    depth, colour, interlaced = data[24], data[25], data[28]
    bits = depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    # Left, top and steps of the passes of an interlaced image (Adam7).
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    expected = 0
    for left, top, across, down in passes if interlaced else [(0, 0, 1, 1)]:
        width, height = -(-(image.width - left) // across), -(-(image.height - top) // down)
        if width > 0 and height > 0:
            expected += height * (1 + (width * bits + 7) // 8)
    found = len(zlib.decompressobj().decompress(b"".join(_png_data(data)), expected))
    if found < expected:
        raise ValueError(f"its data end after {found} of {expected} bytes")


def _png_data(png: bytes) -> Iterator[bytes]:
    """The image data of a PNG, chunk by chunk."""
    at = 8
    while at + 8 <= len(png):
        (length,) = struct.unpack_from(">I", png, at)
        if png[at + 4 : at + 8] == b"IDAT":
            yield png[at + 8 : at + 8 + length]
        at += 12 + length


@contextmanager
def _no_limit_of_pillow() -> Iterator[None]:
    """Lift Pillow's own limit while a header is read: the caller's counts, and it may be higher."""
    with _PILLOW:
        before, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = before


_PILLOW = threading.Lock()


def _check_size(image: Image.Image | NDArray, max_pixels: int) -> None:
    width, height = image.size if isinstance(image, Image.Image) else (*image.shape, 1, 1)[1::-1]
    if width * height > max_pixels:
        raise ValueError(
            f"An image should have at most {max_pixels} pixels (raise with max_pixels / --max-pixels). "
            f"Received: {width}x{height}."
        )


def _pil_to_gray(image: Image.Image) -> Gray:
    image = _upright(image)
    if image.mode.startswith(("I", "F")):
        return array_to_gray(_sixteen_bit(np.array(image)))
    return _unmasked(np.array(_opaque(image).convert("RGB" if image.mode == "LAB" else "L").convert("L")))


def _pil_to_rgb(image: Image.Image) -> NDArray[np.uint8]:
    image = _upright(image)
    if image.mode.startswith(("I", "F")):
        return np.repeat(array_to_gray(_sixteen_bit(np.array(image)))[..., None], 3, axis=2)
    return np.array(_opaque(image).convert("RGB"))


def _upright(image: Image.Image) -> Image.Image:
    """The image as its camera was held."""
    if not image.width or not image.height:
        raise ValueError(f"An image should have pixels. Received: {image.width}x{image.height}.")
    return image if image.getexif().get(0x0112, 1) == 1 else ImageOps.exif_transpose(image)


def _opaque(image: Image.Image) -> Image.Image:
    """Without transparency."""
    seen_through = image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info
    return _flatten(image.convert("RGBA")) if seen_through else image


def _unmasked(gray: Gray) -> Gray:
    """A mask of 0 and 1 as 0 and 255; any other image as it is."""
    return gray * np.uint8(255) if gray.size and gray.max() == 1 and gray.min() == 0 else gray


def _sixteen_bit(values: NDArray) -> NDArray:
    """Pillow opens 16-bit files as 32-bit integers."""
    if values.dtype.kind == "i" and values.size and values.min() >= 0 and 255 < values.max() <= 65_535:
        return values.astype(np.uint16)
    return values


def array_to_gray(array: NDArray) -> Gray:
    """Gray (H, W) uint8 of an array; see :func:`load_gray`."""
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if array.size == 0:
        raise ValueError(f"An image array should have pixels. Received: shape {array.shape}.")
    if not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))):
        raise ValueError(f"An image array should be (H, W), (H, W, 3) or (H, W, 4). Received: shape {array.shape}.")
    values = np.ascontiguousarray(_to_bytes(array))
    if values.ndim == 2:
        return _unmasked(values)
    return _pil_to_gray(Image.fromarray(values))


def _to_bytes(array: NDArray) -> Gray:
    """Values as uint8: bool and float to 1 stretched to 255, uint16 above 255 divided by 257."""
    if array.dtype == np.uint8:
        return array
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * 255
    if array.dtype.kind not in "iuf":
        raise TypeError(f"An image array should be bool, integer or float. Received: {array.dtype}.")
    low, high = array.min(), array.max()
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ValueError("An image array should be finite. Received: NaN or infinity.")
    if array.dtype.kind == "u" and array.dtype.itemsize == 2 and high > 255:
        return (array // 257).astype(np.uint8)
    if array.dtype.kind == "f" and 1.001 < high < 2:
        raise ValueError(f"Values of a float image should lie in [0, 1] or in [0, 255]. Received: {low} to {high}.")
    if low < 0 or high > 255:
        raise ValueError(f"Values of a {array.dtype} image should lie in [0, 255]. Received: {low} to {high}.")
    if array.dtype.kind == "f":
        scaled = array * np.float32(255) if high < 2 else array
        return np.clip(np.round(scaled), 0, 255).astype(np.uint8)
    return array.astype(np.uint8)


def _flatten(image: Image.Image) -> Image.Image:
    """Lay a transparent image on white, or on black where its ink is bright: ink must not vanish."""
    small = np.array(image.reduce(max(1, max(image.size) // 256))).astype(float)
    alpha = small[..., 3]
    brightness = (small[..., :3].mean(axis=2) * alpha).sum() / max(alpha.sum(), 1.0)
    ground = "black" if (alpha < 128).any() and brightness > 170 else "white"
    return Image.alpha_composite(Image.new("RGBA", image.size, ground), image)
