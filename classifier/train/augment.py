"""Training images made harder on the fly: what other pens, other handwriting and a real segmentation do to a digit.

Everything works on a batch ``(n, 28, 28) float32`` in [0, 1], ink bright, and draws from the
generator it is given, so that a seed fixes every image. :func:`distort`, :func:`repen` and :func:`flip` take
images of any side. :func:`vary` and :func:`relight` are for pictures in colour, which are no digits:
``(n, h, w, 3) uint8``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Batch = NDArray[np.float32]
SIZE = 28
Pictures = NDArray[np.uint8]
# Of an image's side, at strength 1.
SHIFT = 1 / 8
HOLE = 1 / 4
# Of the exposure, the balance of colours and the contrast, the standard deviation of the logarithm at strength 1.
LIGHT = 0.1


@dataclass(frozen=True)
class Pose:
    """What the digits of one hand share; one value an image.

    ``angle`` in degrees, ``slant`` as the shift of a row over its height, ``scale`` as a factor.
    """

    angle: NDArray[np.float64]
    slant: NDArray[np.float64]
    scale: NDArray[np.float64]


def distort(images: Batch, rng: np.random.Generator, *, strength: float, pose: Pose | None = None) -> Batch:
    """Random affine map and elastic warp in one resampling.

    At ``strength=1``: rotation within 14 degrees, slant within 0.35, scale 0.82-1.15, height over
    width 0.67-1.5, shift within 2 px, elastic displacement of about 0.9 px from a 5x5 grid of
    normal deviates (after Simard, Steinkraus & Platt, "Best practices for convolutional neural
    networks", 2003). ``pose`` is added to every image's own.
    """
    n = len(images)

    def uniform(limit: float) -> NDArray[np.float64]:
        return rng.uniform(-limit, limit, n) * strength

    angle, slant = np.deg2rad(uniform(14)), uniform(0.35)
    stretch = uniform(0.2)
    # A flat zero is wide because it is low: the longer side stays near MNIST's 20 pixels.
    scale, aspect = np.exp(uniform(0.16) - 0.02 * strength - 0.7 * np.abs(stretch)), np.exp(stretch)
    if pose is not None:
        angle, slant, scale = angle + np.deg2rad(pose.angle), slant + pose.slant, scale * pose.scale
    cos, sin = np.cos(angle), np.sin(angle)
    # Output pixel -> input pixel: rotate, then slant, then undo scale and aspect.
    to_y = np.stack([cos / (scale * aspect), sin / (scale * aspect)], -1)
    to_x = np.stack([(-sin + slant * cos) * aspect / scale, (cos + slant * sin) * aspect / scale], -1)
    side = images.shape[1]
    centre = (side - 1) / 2
    grid = np.indices((side, side), np.float32).reshape(2, -1) - centre
    # Linear interpolation from the grid of 5 to all pixels, as a matrix.
    spread = np.stack([np.interp(np.linspace(0, 4, side), np.arange(5), row) for row in np.eye(5)], -1)
    elastic = spread @ rng.normal(0, 0.9 * strength, (2, n, 5, 5)) @ spread.T
    offset = elastic.reshape(2, n, -1) + centre + np.stack([uniform(2), uniform(2)])[..., None]
    return _sample(images, to_y @ grid + offset[0], to_x @ grid + offset[1])


def _sample(images: Batch, y: NDArray[np.float64], x: NDArray[np.float64]) -> Batch:
    """Bilinear samples at (n, pixels) positions, 0 outside. SciPy's map_coordinates would hold up the training."""
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    side = padded.shape[1]
    top, left = (np.clip(v + 1, 0, side - 1.001).astype(np.float32) for v in (y, x))
    row, column = top.astype(np.intp), left.astype(np.intp)
    down, right = top - row.astype(np.float32), left - column.astype(np.float32)
    corner = np.arange(len(images))[:, None] * side**2 + row * side + column
    flat = padded.ravel()
    upper = flat[corner] * (1 - right) + flat[corner + 1] * right
    lower = flat[corner + side] * (1 - right) + flat[corner + side + 1] * right
    return (upper * (1 - down) + lower * down).reshape(images.shape)


def repen(images: Batch, rng: np.random.Generator, *, strength: float) -> Batch:
    """Thinner or thicker strokes, softer or harder edges, fainter ink.

    Grey erosion or dilation is blended in by a random share for 30% each; contrast is raised or a
    blur laid on for 25% each.
    """
    n = len(images)
    choice = rng.random(n)
    share = (rng.uniform(0, 0.9, n) * min(strength, 1.0))[:, None, None]
    cross = ndimage.generate_binary_structure(2, 1)[None]
    thick = ndimage.grey_dilation(images, footprint=cross)
    thin = ndimage.grey_erosion(images, size=(1, 2, 2))
    target = np.where((choice < 0.3)[:, None, None], thin, np.where((choice < 0.6)[:, None, None], thick, images))
    out = (1 - share) * images + share * target
    edge = rng.random(n)[:, None, None]
    hard = np.clip((out - 0.5) * 2.5 + 0.5, 0, 1)
    soft = ndimage.gaussian_filter(out, (0, 0.7, 0.7))
    out = np.where(edge < 0.25, hard, np.where(edge < 0.5, soft, out))
    peak = np.maximum(out.max(axis=(1, 2), keepdims=True), 0.25)
    return (out / peak * rng.uniform(0.75, 1.0, (n, 1, 1))).astype(np.float32)


def other_handwriting(images: Batch, digits: NDArray[np.integer], rng: np.random.Generator, *, share: float) -> Batch:
    """Strokes that MNIST's writers rarely make: a flag and a foot on the one, a bar through the seven."""
    out = images.copy()
    chosen = rng.random(len(images)) < share
    for i in np.flatnonzero(chosen & (digits == 1)):
        _flag_one(out[i], rng)
    for i in np.flatnonzero(chosen & (digits == 7)):
        _bar_seven(out[i], rng)
    return out


def _flag_one(image: Batch, rng: np.random.Generator) -> None:
    ys, xs = np.nonzero(image > 0.5)
    if not len(ys):
        return
    top, height = ys.min(), np.ptp(ys) + 1
    tip = xs[ys == top].mean()
    length, angle = height * rng.uniform(0.2, 0.5), np.deg2rad(rng.uniform(30, 65))
    width = rng.uniform(1.4, 3)
    _draw(image, (top + 1, tip), (top + 1 + length * np.sin(angle), tip - length * np.cos(angle)), width)
    if rng.random() < 0.35:
        bottom = ys.max()
        foot, reach = xs[ys == bottom].mean(), height * rng.uniform(0.12, 0.3)
        tilt = rng.uniform(-1, 1)
        _draw(image, (bottom - tilt, foot - reach), (bottom + tilt, foot + reach), width)


def _bar_seven(image: Batch, rng: np.random.Generator) -> None:
    ys, xs = np.nonzero(image > 0.5)
    if not len(ys):
        return
    row = int(ys.min() + (np.ptp(ys) + 1) * rng.uniform(0.4, 0.65))
    stem = xs[ys == row]
    if not len(stem):
        return
    reach, tilt = rng.uniform(2.5, 6), rng.uniform(-1.5, 1.0)
    _draw(image, (row - tilt, stem.mean() - reach), (row + tilt, stem.mean() + reach), rng.uniform(1.4, 2.8))


def _draw(image: Batch, start: tuple[float, float], end: tuple[float, float], width: float) -> None:
    """Draw an anti-aliased segment from ``start`` to ``end`` (row, column) into ``image``, in place."""
    a, b = np.array(start), np.array(end)
    grid = np.moveaxis(np.indices(image.shape), 0, -1)
    along = np.clip(((grid - a) @ (b - a)) / max(float((b - a) @ (b - a)), 1e-6), 0, 1)
    distance = np.linalg.norm(grid - a - along[..., None] * (b - a), axis=-1)
    np.maximum(image, np.clip(width / 2 + 0.5 - distance, 0, 1), out=image)


def crowd(images: Batch, rng: np.random.Generator, *, share: float) -> Batch:
    """What a segmentation leaves: a neighbour's stroke at the border, a lost sliver, the rest of a ruled line."""
    n, out = len(images), images.copy()
    for i in np.flatnonzero(rng.random(n) < share):
        side = rng.choice([-1, 1])
        if rng.random() < 0.6:
            step = int(rng.integers(15, 21))
            neighbour = images[rng.integers(n)]
            if side > 0:
                out[i, :, step:] = np.maximum(out[i, :, step:], neighbour[:, : SIZE - step])
            else:
                out[i, :, : SIZE - step] = np.maximum(out[i, :, : SIZE - step], neighbour[:, step:])
        else:
            columns = np.flatnonzero(out[i].max(axis=0) > 0.5)
            if len(columns) > 10:  # a one has no sliver to spare
                lost = int(rng.integers(1, 3))
                if side > 0:
                    out[i, :, columns[-1] - lost + 1 :] = 0
                else:
                    out[i, :, : columns[0] + lost] = 0
    for i in np.flatnonzero(rng.random(n) < share / 3):
        row = rng.choice([rng.uniform(1, 4), rng.uniform(24, 27)])
        _draw(out[i], (row, rng.uniform(0, 12)), (row + rng.uniform(-1, 1), rng.uniform(16, 27)), rng.uniform(0.8, 2))
    return out


def flip(images: Batch, rng: np.random.Generator) -> None:
    """Mirror a third of the images left-right and a third upside down, in place."""
    kind = rng.integers(3, size=len(images))
    images[kind == 1] = images[kind == 1, :, ::-1]
    images[kind == 2] = images[kind == 2, ::-1]


def vary(images: Pictures, rng: np.random.Generator, *, strength: float, flips: bool) -> Pictures:
    """Mirrored, shifted, a square covered: a new batch.

    Parameters
    ----------
    strength : float
        At 1, images are shifted within an eighth of their side, and a square of a quarter of their side is covered.
    flips : bool
        Mirror half of them left-right.
    """
    images = shift(images, rng, most=round(SHIFT * strength * images.shape[1]))
    if flips:
        chosen = rng.random(len(images)) < 0.5
        images[chosen] = images[chosen, :, ::-1]
    cover(images, rng, side=round(HOLE * strength * images.shape[1]))
    return images


def shift(images: Pictures, rng: np.random.Generator, *, most: int) -> Pictures:
    """Each image moved by up to ``most`` pixels either way; what comes in is the mirror image of the border."""
    height, width = images.shape[1:3]
    padded = np.pad(images, ((0, 0), (most, most), (most, most), *((0, 0),) * (images.ndim - 3)), mode="reflect")
    corners = rng.integers(0, 2 * most + 1, (len(images), 2)).tolist()
    return np.stack([image[y : y + height, x : x + width] for image, (y, x) in zip(padded, corners, strict=True)])


def cover(images: Pictures, rng: np.random.Generator, *, side: int) -> None:
    """A gray square laid on each image, in place (DeVries & Taylor, "Improved regularization with cutout", 2017)."""
    centres = rng.integers(0, images.shape[1:3], (len(images), 2)).tolist()
    for image, (y, x) in zip(images, centres, strict=True):
        image[max(0, y - side // 2) : y + (side + 1) // 2, max(0, x - side // 2) : x + (side + 1) // 2] = 127


def relight(images: Pictures, rng: np.random.Generator, *, strength: float) -> Pictures:
    """In the light of another place: exposure, balance of colours and contrast; a new batch.

    Parameters
    ----------
    strength : float
        At 1, factors of the channels and the exponent of the values have a standard deviation of about a tenth, and
        the factor of all channels together one of a seventh.
    """
    n = len(images)
    exposure = np.exp(rng.normal(0, 1.5 * LIGHT * strength, (n, 1, 1, 1)))
    balance = np.exp(rng.normal(0, LIGHT * strength, (n, 1, 1, 3)))
    contrast = np.exp(rng.normal(0, LIGHT * strength, (n, 1, 1, 1)))
    return np.clip(255 * exposure * balance * (images / 255) ** contrast, 0, 255).round().astype(np.uint8)
