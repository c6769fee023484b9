"""Frames of one field before a moving camera -> the same field at the same place, and one picture of all."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]

# Width in pixels at which frames are compared; finer detail is noise.
COMPARED_AT = 128
# Least share of the usual correlation with the first frame: below it a frame shows something else, or a blur.
ALIKE = 0.5
# What is added all round, share of the height; and the share of the frames that have to show a place there.
MARGIN, LEAST_SEEN = 0.12, 0.4
# Weight of the paper of the whole field where no frame is near.
FAINT = 1e-2
# Steps of the search, and the gain in correlation below which it ends.
STEPS, GAIN = 40, 1e-4


def sharpness(gray: Gray) -> float:
    """Variance of the Laplacian of what is larger than the noise (Pech-Pacheco et al., "Diatom autofocusing in
    brightfield microscopy", 2000)."""
    scale = 2 * COMPARED_AT / max(gray.shape)
    small = gray if scale >= 1 else cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return float(cv2.Laplacian(cv2.GaussianBlur(small, (0, 0), 1.5), cv2.CV_32F).var())


def overlay(frames: Sequence[Gray], sharpest: int) -> tuple[Gray, NDArray[np.bool_]]:
    """The mean of the frames, each laid over the sharpest one: its noise is that of one by the root of their number.

    What one frame cuts off others show: the picture is a little wider than the sharpest one.

    Parameters
    ----------
    frames : sequence of (H, W) uint8
        Of one size.
    sharpest : int
        Which one the others are laid over.

    Returns
    -------
    picture : (H + 2 m, W + 2 m) uint8
        m is :data:`MARGIN` of H.
    used : (n,) bool
        Frames that are like the sharpest one; the others are not in the picture.
    """
    onto = frames[sharpest]
    found = [find_map(frame, onto) for frame in frames]
    alike = np.array([likeness for _, likeness in found])
    used = alike > ALIKE * np.median(alike)
    used[sharpest] = True
    margin = round(MARGIN * onto.shape[0])
    total, seen = (np.zeros((onto.shape[0] + 2 * margin, onto.shape[1] + 2 * margin), np.float32) for _ in range(2))
    for k in np.flatnonzero(used).tolist():
        cv2.accumulate(_laid(frames[k], found[k][0], margin, total.shape), total)
        cv2.accumulate(_laid(np.ones_like(onto), found[k][0], margin, total.shape), seen)
    # Beyond what enough of them show, the paper goes on smoothly: noise alone would look like ink.
    paper = float(np.median(onto))
    near = [cv2.GaussianBlur(part, (0, 0), max(1.0, margin)) for part in (total, seen)]
    smooth = (near[0] + FAINT * paper) / (near[1] + FAINT)
    picture = np.where(seen >= LEAST_SEEN * used.sum(), total / np.maximum(seen, 1), smooth)
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8), used


def find_map(frame: Gray, onto: Gray) -> tuple[NDArray[np.float32], float]:
    """Where in a frame the places of another one are, (2, 3) in pixels, and the correlation of the two after that.

    Shift, turn, scale and shear that maximise it (Evangelidis & Psarakis, "Parametric image alignment using
    enhanced correlation coefficient maximization", 2008); 0 where the search fails.
    """
    scale = min(1.0, COMPARED_AT / onto.shape[1])
    to_frame = np.eye(2, 3, dtype=np.float32)
    if frame is onto:
        return to_frame, 1.0
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, STEPS, GAIN)
    try:
        likeness, to_frame = cv2.findTransformECC(
            _smooth(onto, scale), _smooth(frame, scale), to_frame, cv2.MOTION_AFFINE, criteria, None, 5
        )
    except cv2.error:  # nothing in common, or nothing to be seen
        return to_frame, 0.0
    to_frame[:, 2] /= scale
    return to_frame, float(likeness)


def _laid(frame: Gray, to_frame: NDArray[np.float32], margin: int, shape: tuple[int, ...]) -> Gray:
    """A frame on a canvas that is wider by a margin all round; 0 where it shows nothing."""
    moved = to_frame.copy()
    moved[:, 2] -= to_frame[:, :2] @ np.array([margin, margin], np.float32)
    return np.asarray(cv2.warpAffine(frame, moved, shape[::-1], flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP))


def _smooth(gray: Gray, scale: float) -> NDArray[np.float32]:
    size = max(8, round(gray.shape[1] * scale)), max(8, round(gray.shape[0] * scale))
    small = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small, (0, 0), 1.0).astype(np.float32))
