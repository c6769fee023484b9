"""Every file a user may hand in becomes the right gray, or an error that names the rule."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from segmenter import load_gray

RAMP = np.arange(0, 250, 10, dtype=np.uint8).reshape(5, 5)


def encode(image, kind="PNG", **options):
    if isinstance(image, np.ndarray):
        image = Image.fromarray(image)
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def png_header(width, height):
    """A PNG that claims a size and holds no pixels to speak of."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    size = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", zlib.compress(bytes(9))) + chunk(b"IEND", b"")


def noise(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize("wrap", [bytes, bytearray, memoryview])
def test_bytes_of_a_png_come_back_unchanged(wrap):
    np.testing.assert_array_equal(load_gray(wrap(encode(RAMP))), RAMP)


@pytest.mark.parametrize("as_path", [str, lambda path: path], ids=["str", "Path"])
def test_a_path_is_read(tmp_path, as_path):
    (tmp_path / "ramp.png").write_bytes(encode(RAMP))
    np.testing.assert_array_equal(load_gray(as_path(tmp_path / "ramp.png")), RAMP)


@pytest.mark.parametrize("kind", ["BMP", "GIF", "TIFF", "PPM"])
def test_other_lossless_formats(kind):
    np.testing.assert_array_equal(load_gray(encode(RAMP, kind)), RAMP)


def test_missing_path_is_an_oserror_that_names_it(tmp_path):
    with pytest.raises(OSError, match=r"No such file.*absent\.png"):
        load_gray(tmp_path / "absent.png")


def test_folder_is_an_oserror(tmp_path):
    with pytest.raises(OSError, match=tmp_path.name):
        load_gray(tmp_path)


def test_empty_file(tmp_path):
    (tmp_path / "empty.png").touch()
    with pytest.raises(ValueError, match="file is empty; expected an image"):
        load_gray(tmp_path / "empty.png")


def test_a_second_page_is_not_lost_without_a_word(tmp_path):
    page, other = Image.new("L", (30, 20), 255), Image.new("L", (30, 20))
    page.save(tmp_path / "scan.tif", save_all=True, append_images=[other])
    with pytest.raises(ValueError, match="several pages or frames; expected a file for each"):
        load_gray(tmp_path / "scan.tif")
    other.encoderinfo = {"tiffinfo": {0x00FE: 1}}  # a reduced copy is no page
    page.save(tmp_path / "one.tif", save_all=True, append_images=[other])
    with Image.open(tmp_path / "one.tif") as stored:
        assert stored.n_frames == 2
    assert (load_gray(tmp_path / "one.tif") == 255).all()


def test_text_named_png(tmp_path):
    (tmp_path / "notes.png").write_text("427 marks")
    with pytest.raises(ValueError, match="no image that can be decoded.*427 mar"):
        load_gray(tmp_path / "notes.png")


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_file_cut_short_is_damaged(kind, share):
    whole = encode(noise(100, 100), kind)
    with pytest.raises(ValueError, match="image is damaged: .*truncated"):
        load_gray(whole[: int(share * len(whole))])


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("length", [1, 8, 20])
def test_file_cut_within_its_header(kind, length):
    with pytest.raises(ValueError, match="no image that can be decoded|image is damaged"):
        load_gray(encode(RAMP, kind)[:length])


def test_formats_that_start_other_programs_are_not_tried():
    with pytest.raises(ValueError, match="no image that can be decoded"):
        load_gray(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n")


@pytest.mark.parametrize("side", [8_001, 12_000, 60_000])
def test_bomb_is_refused_by_its_header(side):
    with pytest.raises(ValueError, match=r"at most 64000000 pixels"):
        load_gray(png_header(side, side))


@pytest.mark.parametrize("side", [12_000, 60_000])
def test_bomb_message_names_the_parameter_and_the_size(side):
    with pytest.raises(ValueError, match=rf"max_pixels.*Received: {side}x{side}"):
        load_gray(png_header(side, side))


def test_max_pixels_moves_the_limit():
    whole = encode(noise(20, 30))
    assert load_gray(whole, max_pixels=600).shape == (20, 30)
    with pytest.raises(ValueError, match="at most 599 pixels.*max_pixels.*Received: 30x20"):
        load_gray(whole, max_pixels=599)


def test_max_pixels_may_exceed_pillows_own_limit():
    # Past the limit comes the decoder, which finds the pixels missing.
    with pytest.raises(ValueError, match="damaged"):
        load_gray(png_header(20_000, 10_000), max_pixels=10**9)


def test_max_pixels_holds_for_a_pil_image_not_yet_decoded():
    with (
        Image.open(io.BytesIO(encode(noise(20, 30)))) as image,
        pytest.raises(ValueError, match="at most 599 pixels"),
    ):
        load_gray(image, max_pixels=599)


@pytest.mark.parametrize("shape", [(1, 1), (1, 10_000), (10_000, 1)])
def test_thin_images_keep_their_shape(shape):
    gray = noise(*shape)
    np.testing.assert_array_equal(load_gray(gray), gray)
    np.testing.assert_array_equal(load_gray(encode(gray)), gray)


def test_sixteen_bit_png_is_reduced_to_eight():
    deep = np.array([[0, 257, 30_069, 65_535]], np.uint16)
    np.testing.assert_array_equal(load_gray(encode(deep)), [[0, 1, 117, 255]])
    np.testing.assert_array_equal(load_gray(deep), [[0, 1, 117, 255]])


def test_one_bit_png():
    bits = Image.fromarray(RAMP > 100)
    np.testing.assert_array_equal(load_gray(encode(bits)), (RAMP > 100) * 255)


def test_palette_png():
    colours = Image.new("P", (3, 1))
    colours.putpalette([0, 0, 0, 255, 255, 255, 255, 0, 0])
    for x in range(3):
        colours.putpixel((x, 0), x)
    np.testing.assert_array_equal(load_gray(encode(colours)), [[0, 255, 76]])


@pytest.mark.parametrize(("ink", "paper"), [(0, 255), (255, 0)], ids=["dark ink", "white ink"])
@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_ink_on_a_transparent_ground_stays_visible(ink, paper, mode):
    rgba = np.zeros((9, 9, 4), np.uint8)
    rgba[3:6, 3:6] = ink, ink, ink, 255
    gray = load_gray(encode(Image.fromarray(rgba).convert(mode)))
    assert gray[4, 4] == ink
    assert gray[0, 0] == paper


def test_cmyk_jpeg():
    page = Image.new("CMYK", (16, 16), (0, 0, 0, 0))
    page.paste((0, 0, 0, 255), (0, 0, 8, 16))
    gray = load_gray(encode(page, "JPEG", quality=95))
    assert gray[:, :6].max() < 10
    assert gray[:, 10:].min() > 245


@pytest.mark.parametrize(("orientation", "corner"), [(1, (0, 0)), (3, (-1, -1)), (6, (0, -1)), (8, (-1, 0))])
def test_exif_rotation_is_undone(orientation, corner):
    upright = Image.new("L", (40, 24), 255)
    upright.paste(0, (0, 0, 16, 8))
    exif = Image.Exif()
    exif[0x0112] = orientation
    gray = load_gray(encode(upright, "JPEG", quality=95, exif=exif))
    assert gray.shape == ((40, 24) if orientation in (6, 8) else (24, 40))
    assert gray[corner] < 20
    assert (gray < 128).sum() == 16 * 8


MASK = np.pad(np.ones((10, 10), np.uint8), 5)


@pytest.mark.parametrize(
    "mask",
    [MASK, MASK.astype(np.int64), MASK.astype(np.uint16), MASK[..., None], np.dstack([MASK] * 3),
     np.dstack([MASK, MASK, MASK, MASK * 0 + 255])],
    ids=["uint8", "int64", "uint16", "one channel", "RGB", "RGBA"],
)  # fmt: skip
def test_a_mask_of_zeros_and_ones_in_an_array_is_stretched(mask):
    np.testing.assert_array_equal(load_gray(mask), MASK * 255)


@pytest.mark.parametrize("mode", ["L", "P", "LA", "RGB", "RGBA", "I;16"])
def test_a_mask_of_zeros_and_ones_in_a_file_is_stretched(mode):
    image = Image.fromarray(MASK.astype(np.uint16)) if mode == "I;16" else Image.fromarray(MASK).convert(mode)
    np.testing.assert_array_equal(load_gray(encode(image)), MASK * 255)
    np.testing.assert_array_equal(load_gray(image), MASK * 255)


def test_what_is_even_or_brighter_is_no_mask():
    for values in (MASK * 0, MASK * 0 + 1, MASK * 2, MASK + 1):
        np.testing.assert_array_equal(load_gray(values), values)
        np.testing.assert_array_equal(load_gray(encode(values)), values)
