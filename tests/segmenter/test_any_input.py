"""What must hold for any bytes and any array: an answer, or ValueError or TypeError."""

import io

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from segmenter import Segmenter, load_gray

MAGIC = [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"BM", b"II*\0"]
FORMATS = ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"]
DTYPES = st.one_of(hnp.scalar_dtypes(), st.just(np.dtype(object)), st.just(np.dtype(np.uint8)))
SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=6)
SIDES = st.integers(1, 64)


def draw_strokes(height, width, seed, n):
    """A page with n random bars on random paper."""
    rng = np.random.default_rng(seed)
    page = np.full((height, width), rng.integers(256), np.uint8)
    for _ in range(n):
        y, x = rng.integers(height), rng.integers(width)
        page[y : y + rng.integers(1, height + 1), x : x + rng.integers(1, width + 1)] = rng.integers(256)
    return page


def check(found, shape):
    """What every segmentation keeps, whatever was segmented."""
    assert found.gray.shape == found.ink.shape == found.mask.shape == found.pieces.labels.shape
    assert found.crops.shape == (len(found.candidates), 28, 28)
    assert found.crops.dtype == np.uint8
    assert found.pieces.labels.max(initial=0) == len(found.pieces)
    for candidate, (left, top, right, bottom) in zip(found.candidates, found.boxes, strict=True):
        assert 0 <= candidate.start < candidate.stop <= len(found.pieces)
        assert 0 <= left < right <= shape[1]
        assert 0 <= top < bottom <= shape[0]


@given(st.sampled_from(MAGIC), st.binary(max_size=200))
@settings(deadline=None, max_examples=150)
def test_bytes_raise_nothing_but_valueerror(magic, data):
    try:
        gray = load_gray(magic + data)
    except ValueError:
        return
    assert gray.dtype == np.uint8
    assert gray.ndim == 2


@given(st.sampled_from(FORMATS), st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=5))
@settings(deadline=None, max_examples=150)
def test_a_file_with_wrong_bytes_raises_nothing_but_valueerror(kind, damage):
    file = io.BytesIO()
    Image.fromarray(draw_strokes(12, 12, 0, 3)).save(file, kind)
    data = bytearray(file.getvalue())
    for place, value in damage:
        data[int(place * len(data))] = value
    try:
        gray = load_gray(bytes(data), max_pixels=10**6)
    except ValueError:
        return
    assert gray.dtype == np.uint8
    assert gray.ndim == 2


@given(DTYPES.flatmap(lambda dtype: hnp.arrays(dtype, SHAPES)))
@settings(deadline=None, max_examples=150)
def test_arrays_raise_nothing_but_valueerror_or_typeerror(array):
    try:
        gray = load_gray(array)
    except (ValueError, TypeError):
        return
    assert gray.shape == array.shape[:2]
    assert gray.dtype == np.uint8


@given(DTYPES.flatmap(lambda dtype: hnp.arrays(dtype, SHAPES)))
@settings(deadline=None, max_examples=60)
def test_segment_of_any_array_raises_nothing_but_valueerror_or_typeerror(array):
    try:
        found = Segmenter().segment(array)
    except (ValueError, TypeError):
        return
    check(found, array.shape)


@given(SIDES, SIDES, st.integers(0, 10_000))
@settings(deadline=None, max_examples=60)
@example(1, 1, 0)
@example(1, 64, 0)
@example(44, 44, 44)  # cuts that cross, with nothing between them
def test_segment_of_noise(height, width, seed):
    page = np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)
    check(Segmenter().segment(page), page.shape)


@given(
    SIDES, SIDES, st.integers(0, 10_000), st.integers(1, 8), st.sampled_from(["auto", "adaptive_gaussian", "sauvola"])
)
@settings(deadline=None, max_examples=100)
def test_segment_of_strokes(height, width, seed, n, threshold):
    page = draw_strokes(height, width, seed, n)
    segmenter = Segmenter(threshold=threshold)
    found = segmenter.segment(page)
    check(found, page.shape)
    check(segmenter.oversegment(found), page.shape)
