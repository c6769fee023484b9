"""A field -> what a camera in an unsteady hand sees of it, frame by frame."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.synth.compose import Recipe, any_kind, compose
from pipeline.synth.glyphs import Gray, Hands

Rng = np.random.Generator

STEPS = 16
# Least and most noise of a clip, standard deviation in gray levels.
NOISE = (14.0, 48.0)
# Most pixels that the camera moves while a frame is taken, share of the field's height.
SMEAR = 0.07
# Standard deviation of where the camera looks, share of the field's height, of its turn in radians, of its distance
# as a share, and of its tilt.
SHIFT, TURN, DISTANCE, TILT = 0.05, 0.03, 0.05, 0.02
# Share of the frames that are out of focus, and by how much at most, share of the field's height.
UNSHARP, BLUR = 0.3, 0.045


@dataclass(frozen=True, eq=False)
class FilmedField:
    """``frames`` (n, H, W) uint8 of one field, and its ``number``."""

    frames: NDArray[np.uint8]
    number: str
    kinds: tuple[str, ...]


def film_field(hands: Hands, rng: Rng, *, number: str, steps: int = STEPS, recipe: Recipe | None = None) -> FilmedField:
    """A composed field before a moving, noisy camera.

    Parameters
    ----------
    hands : Hands
        Whose digits.
    rng : Generator
        Fixes every pixel.
    number : str
        What is written on it.
    recipe : Recipe, optional
        What the field is made of. Default: every kind of print, mark and paper that may be trained on.
    """
    field = compose(hands, rng, recipe or before_camera(), number=number)
    return FilmedField(film(field.image, rng, steps=steps), field.number, field.kinds)


def before_camera() -> Recipe:
    """What lies before the camera: print and paper of every kind, no other writing; the picture is taken after that."""
    every = any_kind(detail=(1.0, 2.0))
    kinds = {**every.kinds, "cameras": ("scan",)}
    return Recipe(kinds, {**every.shares, "around": 0.0, "beside": 0.0}, every.detail)


def film(image: Gray, rng: Rng, *, steps: int = STEPS) -> NDArray[np.uint8]:
    """``steps`` frames (n, H, W) of an image that holds still before a camera that does not.

    The camera drifts as a hand does, smears what it moves over, loses focus, and its sensor is noisy.
    """
    height, width = image.shape
    noise, light = rng.uniform(*NOISE), rng.uniform(0.55, 1.0)
    path = _drift(rng, steps)
    frames = []
    for k in range(steps):
        moved = cv2.warpPerspective(
            image,
            _view(path[k], height, width),
            (width, height),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        seen = _smeared(moved, rng, SMEAR * height).astype(np.float32)
        if rng.random() < UNSHARP:
            seen = cv2.GaussianBlur(seen, (0, 0), 0.3 + rng.uniform(0, BLUR) * height)
        seen = seen * light * rng.uniform(0.9, 1.1) + noise * rng.standard_normal(image.shape, np.float32)
        frames.append(np.clip(seen, 0, 255).astype(np.uint8))
    return np.stack(frames)


def _drift(rng: Rng, steps: int) -> NDArray[np.float64]:
    """A smooth path (n, 6): right, down, turn, distance and two tilts, in standard deviations."""
    walk = np.cumsum(rng.normal(0, 1, (steps + 8, 6)), axis=0)
    smooth = cv2.blur(walk, (1, 3))[4:-4]
    smooth -= smooth.mean(axis=0)
    return np.asarray(smooth / max(1e-6, float(smooth.std())) + rng.normal(0, 0.5, (steps, 6)))


def _view(at: NDArray[np.float64], height: int, width: int) -> NDArray[np.float64]:
    """The map (3, 3) of the field's pixels to those of a frame."""
    right, down, turn, distance, tilt_x, tilt_y = at * (SHIFT, SHIFT, TURN, DISTANCE, TILT, TILT)
    scale = 0.92 * np.exp(distance)  # a little room, so that the field seldom leaves the frame
    cos, sin = scale * np.cos(turn), scale * np.sin(turn)
    to_middle = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1]])
    seen = np.array([[cos, -sin, 0], [sin, cos, 0], [tilt_x / width, tilt_y / width, 1]])
    back = np.array([[1, 0, width / 2 + right * height], [0, 1, height / 2 + down * height], [0, 0, 1]])
    return np.asarray(back @ seen @ to_middle)


def _smeared(image: Gray, rng: Rng, most: float) -> Gray:
    """Moved over along a line of up to ``most`` pixels while the frame was taken."""
    length = rng.uniform(0, most) * rng.random()
    if length < 1:
        return image
    side = 2 * int(np.ceil(length / 2)) + 1
    turn, middle = rng.uniform(0, np.pi), side / 2
    reach = length / 2 * np.array([np.cos(turn), np.sin(turn)])
    kernel = np.zeros((side, side), np.float32)
    ends = [np.round((middle + way * reach - 0.5) * 16).astype(int).tolist() for way in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 1.0, 1, cv2.LINE_AA, shift=4)
    return np.asarray(cv2.filter2D(image, -1, kernel / max(kernel.sum(), 1e-6), borderType=cv2.BORDER_REPLICATE))
