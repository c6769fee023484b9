"""Bright ink -> dark ink on paper, as a camera or a scanner sees it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.synth.layouts import penned, spaced, tight

Gray = NDArray[np.uint8]


def enlarge(field: Gray, times: float = 3) -> Gray:
    """Cubic above the own size, area-weighted below."""
    method = cv2.INTER_CUBIC if times > 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(field, None, fx=times, fy=times, interpolation=method))


def in_printed_boxes(digits: Sequence[Gray], rng: np.random.Generator) -> Gray:
    """Dark ink on lit paper, one digit in each of three printed boxes."""
    side = int(rng.integers(100, 116))
    cells = np.zeros((side + 20, 3 * side + 24), np.uint8)
    pen = int(rng.integers(1, 4))
    for k, digit in enumerate(digits):
        big = enlarge(tight(digit))
        top = 10 + int(rng.integers(8, side - big.shape[0] - 7))
        left = 12 + k * side + int(rng.integers(8, side - big.shape[1] - 7))
        cells[top : top + big.shape[0], left : left + big.shape[1]] = big
        corners = (12 + k * side, 10), (12 + (k + 1) * side, 10 + side)
        printed = cv2.rectangle(np.zeros_like(cells), *corners, int(rng.integers(150, 256)), pen)
        cells = np.maximum(cells, printed)
    return photographed(cells, rng)


def on_ruled_lines(digits: Sequence[Gray], rng: np.random.Generator, share: float) -> Gray:
    """Dark ink on lit ruled paper; a line runs through the number at ``share`` of its height."""
    ink = enlarge(spaced(digits, rng))
    _, top, _, height = cv2.boundingRect(ink)
    first = top + round(share * height)
    apart = max(1, round(1.4 * height))
    strength, pen = int(rng.integers(110, 200)), int(rng.integers(1, 4))
    for row in range(first % apart, ink.shape[0], apart):
        printed = cv2.line(np.zeros_like(ink), (0, row), (ink.shape[1], row), strength, pen)
        ink = np.maximum(ink, printed)
    return photographed(ink, rng)


def on_guilloche(digits: Sequence[Gray], rng: np.random.Generator, strength: float) -> Gray:
    """Dark ink on lit paper with two families of fine waves, ``strength`` times as dark as the ink."""
    ink = enlarge(spaced(digits, rng)).astype(float)
    y, x = np.indices(ink.shape)
    for across in (y + 0.3 * x, y - 0.3 * x):
        apart, bend, length = rng.uniform(5, 9), rng.uniform(2, 8), rng.uniform(25, 60)
        wave = (across + bend * np.sin(2 * np.pi * x / length + rng.uniform(0, 6))) / apart
        printed = np.abs(wave % 1 - 0.5) * apart < 0.6  # lines about a pixel wide
        ink = np.maximum(ink, 255 * strength * printed)
    return photographed(ink.astype(np.uint8), rng)


def shown_through(digits: Sequence[Gray], rng: np.random.Generator, strength: float) -> Gray:
    """Dark ink on lit paper; the writing on the back shines through, mirrored, soft, ``strength`` times as dark."""
    front, back = enlarge(spaced(digits, rng)), enlarge(spaced(digits, rng))[:, ::-1]
    soft = strength * cv2.GaussianBlur(back, (0, 0), rng.uniform(1, 2))
    return photographed(np.maximum(front, soft.astype(np.uint8)), rng)


def in_pencil(digits: Sequence[Gray], rng: np.random.Generator, strength: float) -> Gray:
    """Thin lines of ``strength`` times the ink's darkness that the paper's tooth breaks up, on lit paper."""
    thin = enlarge(penned(spaced(digits, rng), rng, -1))
    tooth = cv2.GaussianBlur(rng.normal(0, 1, thin.shape), (0, 0), 1.0)
    return photographed((thin * np.clip(strength * (1 + 0.4 * tooth / tooth.std()), 0, 1)).astype(np.uint8), rng)


def photographed(ink: Gray, rng: np.random.Generator, severity: float = 1) -> Gray:
    """Dark ink on a lit sheet, seen by a camera: turn, gradient, grain, blur, JPEG, all grow with ``severity``."""
    height, width = ink.shape
    ink = turned(ink, rng, 2.5 * severity)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    angle = rng.uniform(0, 2 * np.pi)
    paper = rng.uniform(170, 230) + severity * rng.uniform(10, 45) * (np.cos(angle) * x + np.sin(angle) * y)
    photo = paper * (1 - rng.uniform(0.55, 0.85) * ink / 255.0)
    photo = photo + rng.normal(0, severity * rng.uniform(2, 7), ink.shape)
    photo = cv2.GaussianBlur(photo, (0, 0), severity * rng.uniform(0.5, 1.1))
    return compressed(np.clip(photo, 0, 255).astype(np.uint8), int(rng.integers(60, 95) / severity))


def scanned(ink: Gray) -> Gray:
    """Dark ink on white paper, nothing else."""
    return np.asarray(235 - 0.8 * ink).astype(np.uint8)


def turned(image: Gray, rng: np.random.Generator, degrees: float) -> Gray:
    """Rotated by up to ``degrees`` either way about the centre."""
    height, width = image.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-degrees, degrees), 1.0)
    return np.asarray(cv2.warpAffine(image, turn, (width, height), borderMode=cv2.BORDER_REPLICATE))


def noisy(image: Gray, rng: np.random.Generator, sigma: float) -> Gray:
    """Gaussian noise with a standard deviation of ``sigma`` gray levels, cut off at white and black."""
    return np.clip(image + rng.normal(0, sigma, image.shape), 0, 255).astype(np.uint8)


def blurred(image: Gray, sigma: float) -> Gray:
    """Gaussian blur with a standard deviation of ``sigma`` pixels."""
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma))


def compressed(image: Gray, quality: int) -> Gray:
    """Through JPEG of ``quality`` 0-100."""
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE))
