"""How a field comes to be an image: photographs, scans, black-and-white copies."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from pipeline.synth.glyphs import Gray

Rng = np.random.Generator


def photograph(image: Gray, rng: Rng) -> Gray:
    """Uneven light, blur, noise, JPEG."""
    height, width = image.shape
    y, x = np.linspace(-1, 1, height, dtype=np.float32)[:, None], np.linspace(-1, 1, width, dtype=np.float32)
    turn, fall = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.35)
    light = 1 + fall * (np.cos(turn) * x + np.sin(turn) * y) - fall
    seen = image * light
    if rng.random() < 0.2:  # the shadow of a hand or a phone
        edge = 1 / (
            1
            + np.exp(
                np.clip(-(np.cos(turn) * x + np.sin(turn) * y - rng.uniform(-0.6, 0.6)) * rng.uniform(4, 30), -30, 30)
            )
        )
        seen = seen * (1 - rng.uniform(0.15, 0.5) * edge)
    seen = soft(seen.astype(np.float32), rng, 1.3)
    seen = seen + rng.standard_normal(image.shape, np.float32) * np.float32(rng.uniform(0, 8))
    return packed(np.clip(seen, 0, 255).astype(np.uint8), rng)


def scan(image: Gray, rng: Rng) -> Gray:
    """Even light, a little noise."""
    seen = soft(image, rng, 0.8)
    if rng.random() < 0.5:
        return seen
    noise = rng.standard_normal(image.shape, np.float32) * np.float32(rng.uniform(0, 5))
    return np.clip(seen + noise, 0, 255).astype(np.uint8)


def black_and_white(image: Gray, rng: Rng) -> Gray:
    """A scan of two levels, often with specks and ragged edges, thickened or thinned by its threshold."""
    low, high = np.percentile(image, [2, 80])
    level = low + rng.uniform(0.3, 0.75) * (high - low)
    rough = soft(rng.standard_normal(image.shape, np.float32), rng, 2.0)
    rough *= np.float32(rng.uniform(0, 0.22) * (high - low)) / max(1e-6, rough.std())
    seen = ((image + rough) > level).astype(np.uint8) * 255
    if rng.random() < 0.3:
        part = rng.random((image.shape[0] // 2 + 1, image.shape[1] // 2 + 1)) < rng.uniform(0.001, 0.02)
        specks = cv2.resize(part.astype(np.uint8), image.shape[::-1], interpolation=cv2.INTER_NEAREST)
        seen[specks > 0] = rng.choice([0, 0, 255])
    return seen


def coarse(image: Gray, rng: Rng) -> Gray:
    """Few pixels: taken at a fraction of the size and enlarged."""
    shrink = rng.uniform(0.4, 0.8)
    small = cv2.resize(image, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    how = cv2.INTER_CUBIC if rng.random() < 0.6 else cv2.INTER_NEAREST
    return packed(np.asarray(cv2.resize(small, image.shape[::-1], interpolation=how)), rng)


def fax(image: Gray, rng: Rng) -> Gray:
    """Two levels at half of the lines."""
    small = cv2.resize(image, (image.shape[1], max(8, image.shape[0] // 2)), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(black_and_white(small, rng), image.shape[::-1], interpolation=cv2.INTER_NEAREST))


def moved(image: Gray, rng: Rng) -> Gray:
    """Blurred by a moving camera."""
    side = 2 * int(rng.integers(1, 3)) + 1
    kernel = np.zeros((side, side), np.float32)
    turn = rng.uniform(0, np.pi)
    reach = side / 2 * np.array([np.cos(turn), np.sin(turn)])
    start, end = (np.round(side // 2 + way * reach).astype(int).clip(0, side - 1).tolist() for way in (-1, 1))
    cv2.line(kernel, start, end, 1.0)
    return photograph(np.asarray(cv2.filter2D(image, -1, kernel / kernel.sum())), rng)


def dithered(image: Gray, rng: Rng) -> Gray:
    """Two levels in an ordered pattern (Bayer, 1973)."""
    order = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.float32)
    level = np.tile(16 * order + 8, (image.shape[0] // 4 + 1, image.shape[1] // 4 + 1))
    stretched = cv2.normalize(image, None, 0, 255, cv2.NORM_MINMAX)
    return np.asarray((stretched > level[: image.shape[0], : image.shape[1]]) * np.uint8(255))


def screen(image: Gray, rng: Rng) -> Gray:
    """A screen photographed: a fine grid of pixels, and the waves that it makes with the camera's."""
    y, x = np.indices(image.shape, np.float32)
    apart, turn = rng.uniform(2.1, 3.5), rng.uniform(-0.1, 0.1)
    grid = np.cos(6.28 * (x + turn * y) / apart) + np.cos(6.28 * (y - turn * x) / apart)
    seen = image * (1 - np.float32(rng.uniform(0.03, 0.12)) * (1 + grid))
    return packed(np.clip(seen, 0, 255).astype(np.uint8), rng)


def soft(image: np.ndarray, rng: Rng, most: float) -> np.ndarray:
    """Gaussian blur of up to ``most`` pixels."""
    sigma = rng.uniform(0, most)
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma)) if sigma > 0.3 else image


def packed(image: Gray, rng: Rng) -> Gray:
    """Through JPEG, three times of ten."""
    if rng.random() > 0.3:
        return image
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 95))])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE))


Take = Callable[[Gray, Rng], Gray]

CAMERAS: dict[str, Take] = {
    "photograph": photograph, "scan": scan, "black_and_white": black_and_white, "coarse": coarse, "fax": fax,
    "moved": moved, "dithered": dithered, "screen": screen,
}  # fmt: skip
