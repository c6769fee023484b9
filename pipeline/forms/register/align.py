"""Where a form's blank page lies in a picture of a page: features and a homography, refined by what is printed."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.forms.register.template import ANCHOR_REACH, HALF, SCALE, Features, Template
from segmenter.image import Gray

Map = NDArray[np.float64]

# A feature's best match has to be that much closer than its second best (Lowe, 2004).
RATIO = 0.8
# How far apart two matches that agree may be, in pixels of the picture per 1,000 of its longer side.
AGREE = 3.0
LEAST_MATCHES = 12
# From pixels of a template to those of its half: pixels are areas, so their middles move.
TO_HALF = np.array([[HALF, 0, (HALF - 1) / 2], [0, HALF, (HALF - 1) / 2], [0, 0, 1]])
# How far each place is looked for in turn, in millimetres.
REACHES = (2.5, 0.8)
# A place is found again if its correlation is at least this, and it is that near to where it should be; mm.
FOUND, NEAR = 0.5, 0.6


@dataclass(frozen=True, eq=False)
class Alignment:
    """A page laid over the blank.

    Attributes
    ----------
    to_image : (3, 3) float64
        Map from pixels of the template to pixels of the picture.
    page : (H, W) uint8
        The page as the template's blank lies.
    fit : float
        Share of the places of the blank that are found again where they should be.
    """

    to_image: Map
    page: Gray
    fit: float


def match(template: Template, seen: Features) -> tuple[Map | None, int]:
    """A first map from the template to a picture with these features, and how many of them agree on it.

    The scheme is that of every image registration: nearest descriptors, and the homography that most matches agree on
    (Barath et al., "MAGSAC++", 2020).
    """
    own = template.features
    if min(len(own.points), len(seen.points)) < LEAST_MATCHES:
        return None, 0
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(own.descriptors, seen.descriptors, k=2)
    good = [pair[0] for pair in pairs if len(pair) == 2 and pair[0].distance < RATIO * pair[1].distance]
    if len(good) < LEAST_MATCHES:
        return None, 0
    source = own.points[[m.queryIdx for m in good]]
    target = seen.points[[m.trainIdx for m in good]]
    agree = AGREE / 1000 * float(np.ptp(seen.points, axis=0).max())
    found, inliers = cv2.findHomography(source, target, cv2.USAC_MAGSAC, agree, maxIters=5000, confidence=0.999)
    if found is None or not _is_page(found, template.gray.shape):
        return None, 0
    count = int(np.count_nonzero(inliers))
    return (found, count) if count >= LEAST_MATCHES else (None, count)


def _is_page(to_image: Map, shape: tuple[int, ...]) -> bool:
    """Whether a map takes the page to a plausible quadrangle: convex, not mirrored, not a sliver."""
    height, width = shape[:2]
    corners = np.array([[[0, 0], [width, 0], [width, height], [0, height]]], float)
    depth = corners[0] @ to_image[2, :2] + to_image[2, 2]
    if depth.min() * depth.max() <= 0 or depth.max() / depth.min() > 3 or depth.min() / depth.max() > 3:
        return False
    seen = cv2.perspectiveTransform(corners, to_image)[0].astype(np.float32)
    area = cv2.contourArea(seen, oriented=True)
    sides = np.linalg.norm(np.roll(seen, -1, axis=0) - seen, axis=1)
    return bool(cv2.isContourConvex(seen) and area > 0.3 * float(sides[:2].mean() ** 2) and area > 10_000)


def refine(template: Template, image: Gray, to_image: Map) -> Alignment:
    """Look for every place of the blank near where a first map says that it is, and fit the map to what is found."""
    for reach in REACHES:
        from_half = to_image @ np.linalg.inv(TO_HALF)
        seen = _warp(image, from_half, template.half.shape)
        moved, scores = _look_for(template, seen, round(reach * SCALE * HALF))
        found = scores >= FOUND
        if np.count_nonzero(found) < LEAST_MATCHES // 2:
            return Alignment(to_image, _warp(image, to_image, template.gray.shape), 0.0)
        onto = cv2.perspectiveTransform(moved[None, found], from_half)[0]
        agree = 0.5 * NEAR * _pixels_a_mm(to_image, template)
        better, _ = cv2.findHomography(template.anchors[found].astype(float), onto, cv2.USAC_MAGSAC, agree)
        if better is None:
            break
        to_image = better @ TO_HALF
    # Where the last map would have every place, against where it was found.
    expected = cv2.perspectiveTransform(template.anchors[None].astype(float), to_image @ np.linalg.inv(TO_HALF))[0]
    lies = cv2.perspectiveTransform(moved[None], from_half)[0]
    away = np.linalg.norm(expected - lies, axis=1) / _pixels_a_mm(to_image, template)
    fit = float(np.mean((scores >= FOUND) & (away <= NEAR)))
    return Alignment(to_image, _warp(image, to_image, template.gray.shape), fit)


def _warp(image: Gray, to_image: Map, shape: tuple[int, ...]) -> Gray:
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpPerspective(image, to_image, shape[1::-1], flags=flags, borderMode=cv2.BORDER_REPLICATE))


def _pixels_a_mm(to_image: Map, template: Template) -> float:
    """Of the picture, in the middle of the page."""
    height, width = template.gray.shape
    around = np.array([[[width / 2, height / 2], [width / 2 + SCALE, height / 2], [width / 2, height / 2 + SCALE]]])
    middle, across, down = cv2.perspectiveTransform(around, to_image)[0]
    return float(np.sqrt(np.linalg.norm(across - middle) * np.linalg.norm(down - middle)))


def _look_for(template: Template, seen: Gray, reach: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where each place of the blank is on a half-size page, (m, 2), and how well it correlates there, (m,)."""
    side = round(ANCHOR_REACH * SCALE * HALF)
    framed = cv2.copyMakeBorder(seen, reach, reach, reach, reach, cv2.BORDER_REPLICATE)
    moved, scores = template.anchors.astype(float), np.zeros(len(template.anchors))
    for k, (x, y) in enumerate(template.anchors.tolist()):
        patch = template.half[y - side : y + side + 1, x - side : x + side + 1]
        window = framed[y - side : y + side + 1 + 2 * reach, x - side : x + side + 1 + 2 * reach]
        scores[k], shift = _best(cv2.matchTemplate(window, patch, cv2.TM_CCOEFF_NORMED))
        moved[k] += shift - reach
    return moved, scores


def _best(correlation: NDArray[np.float32]) -> tuple[float, NDArray[np.float64]]:
    """The highest value and where it is, (x, y), to fractions of a pixel by the parabola through its neighbours."""
    _, best, _, (x, y) = cv2.minMaxLoc(correlation)
    return float(best), np.array([x + _peak(correlation[y], x), y + _peak(correlation[:, x], y)])


def _peak(values: NDArray[np.float32], at: int) -> float:
    if not 0 < at < len(values) - 1:
        return 0.0
    before, here, after = values[at - 1 : at + 2].tolist()
    bend = before - 2 * here + after
    return 0.5 * (before - after) / bend if bend < -1e-6 else 0.0
