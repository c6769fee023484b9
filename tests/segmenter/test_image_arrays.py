"""Every array a user may hand in becomes the right gray, or an error that names the rule."""

import numpy as np
import pytest

from segmenter import load_gray

RAMP = np.arange(0, 250, 10, dtype=np.uint8).reshape(5, 5)


@pytest.mark.parametrize("ground", [0, 255])
def test_opaque_rgba_is_its_rgb(ground):
    rgba = np.full((9, 9, 4), 255, np.uint8)
    rgba[..., :3] = ground
    rgba[4, 4, :3] = 255 - ground
    np.testing.assert_array_equal(load_gray(rgba), rgba[..., 0])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("top", [1, 255])
def test_float_array_in_either_range(dtype, top):
    values = np.array([[0, 0.2, 1]], dtype) * top
    np.testing.assert_array_equal(load_gray(values), [[0, 51, 255]])


def test_bool_array():
    np.testing.assert_array_equal(load_gray(np.array([[False, True]])), [[0, 255]])


@pytest.mark.parametrize("dtype", [np.uint16, np.int16, np.int64])
def test_wide_integers_that_hold_bytes(dtype):
    np.testing.assert_array_equal(load_gray(RAMP.astype(dtype)), RAMP)


def test_colour_array_is_weighed_as_luma():
    rgb = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [9, 9, 9]]], np.uint8)
    np.testing.assert_array_equal(load_gray(rgb), [[76, 150, 29, 9]])


def test_single_channel_and_strided_arrays():
    np.testing.assert_array_equal(load_gray(RAMP[..., None]), RAMP)
    np.testing.assert_array_equal(load_gray(RAMP[::-1, ::2]), RAMP[::-1, ::2])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_values_that_are_no_number(bad, dtype):
    with pytest.raises(ValueError, match="should be finite. Received: NaN or infinity"):
        load_gray(np.array([[0, bad]], dtype))


@pytest.mark.parametrize("values", [[-1, 200], [0, 256], [0.0, 300.0], [-0.5, 1.0]])
def test_values_out_of_range(values):
    with pytest.raises(ValueError, match=rf"should lie in \[0, 255\]. Received: {min(values)} to {max(values)}"):
        load_gray(np.array([values]))


@pytest.mark.parametrize("shape", [(), (9,), (0, 9), (9, 9, 0), (9, 9, 2), (9, 9, 5), (1, 9, 9, 3)])
def test_wrong_shape(shape):
    with pytest.raises(ValueError, match=r"(should be \(H, W\)|should have pixels).*Received: shape \("):
        load_gray(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("dtype", ["complex64", "object", "U1", "M8[s]", "m8[s]"])
def test_wrong_dtype(dtype):
    with pytest.raises(TypeError, match="should be bool, integer or float. Received: "):
        load_gray(np.zeros((3, 3), dtype))


@pytest.mark.parametrize("source", [None, 427, [[0, 1]]])
def test_wrong_type(source):
    with pytest.raises(TypeError, match=f"a path, bytes, a PIL image or an array. Received: {type(source).__name__}"):
        load_gray(source)
