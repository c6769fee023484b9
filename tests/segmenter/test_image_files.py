"""Files of other kinds than one whole PNG: several pictures in one, data that end early, formats of phones."""

import io
import struct
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from segmenter import load_gray


def encode(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def png(rows, width, height, *, depth=8, colour=0, interlaced=0):
    """A PNG of gray rows whose data hold only the first ``rows``."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    data = zlib.compress(b"".join(b"\0" + bytes([255] * width) for _ in range(rows)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def test_a_png_whose_data_end_early_is_damaged_and_no_blank_page():
    with pytest.raises(ValueError, match="damaged: its data end after 630 of 1260 bytes"):
        load_gray(png(10, 62, 20))
    assert load_gray(png(20, 62, 20)).min() == 255


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize("size", [(1, 1), (3, 5), (33, 17)])
def test_a_whole_png_with_a_black_last_row_is_read(mode, size):
    file = io.BytesIO()
    Image.new(mode, size).save(file, "PNG")
    assert load_gray(file.getvalue()).shape == size[::-1]


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_several_frames_are_refused_as_several_pages_are(kind):
    frames = [Image.fromarray(np.full((20, 30), level, np.uint8)) for level in (0, 128, 255)]
    file = io.BytesIO()
    frames[0].save(file, kind, save_all=True, append_images=frames[1:])
    with pytest.raises(ValueError, match="several pages or frames"):
        load_gray(file.getvalue())


@pytest.mark.parametrize("raw", [True, False], ids=["j2k", "jp2"])
def test_a_jpeg_2000_cut_anywhere_is_damaged(raw):
    page = np.repeat(np.array([0, 255, 0], np.uint8), 8)[:, None] * np.ones((1, 16), np.uint8)
    whole = encode(Image.fromarray(page), "JPEG2000", tile_size=(16, 8), no_jp2=raw)
    np.testing.assert_array_equal(load_gray(whole), page)
    for length in range(1, len(whole) - 1):
        with pytest.raises(ValueError, match="no image that can be decoded|image is damaged"):
            load_gray(whole[:length])


def test_what_a_camera_puts_behind_the_picture_of_a_jpeg_is_no_page():
    picture, depth = (Image.new("L", (30, 20), level) for level in (255, 0))
    whole = encode(picture, "MPO", save_all=True, append_images=[depth])
    with Image.open(io.BytesIO(whole)) as stored:
        assert stored.n_frames == 2
    assert (load_gray(whole) == 255).all()


HEIC = b"\0\0\0\x1cftypheic\0\0\0\0mif1heicmiaf"


def test_heic_without_its_extra_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(ValueError, match=r"pip install '\.\[heic\]'"):
        load_gray(HEIC)


def test_heic_is_read_upright_or_damaged_and_leaves_pillow_as_it_was(monkeypatch):
    heif = pytest.importorskip("pillow_heif")
    monkeypatch.delitem(Image.OPEN, "HEIF", raising=False)  # imageio puts it there
    upright, exif = Image.new("L", (64, 48), 255), Image.Exif()
    upright.paste(0, (0, 0, 32, 24))
    exif[0x0112] = 6
    file = io.BytesIO()
    heif.from_pillow(upright).save(file, exif=exif.tobytes())
    gray = load_gray(file.getvalue())
    assert gray.shape == (64, 48)
    assert gray[2, -2] < 20
    assert gray[2, 2] > 235
    with pytest.raises(ValueError, match="image is damaged"):
        load_gray(file.getvalue()[:-50])
    assert "HEIF" not in Image.OPEN


@pytest.mark.parametrize("brand", [b"avif", b"mif1"])
def test_avif(brand):
    page = Image.new("L", (40, 24), 255)
    page.paste(0, (0, 0, 20, 24))
    whole = encode(page.convert("RGB"), "AVIF", quality=100)
    gray = load_gray(whole[:8] + brand + whole[12:])
    assert gray[:, :16].max() < 12
    assert gray[:, 24:].min() > 243
