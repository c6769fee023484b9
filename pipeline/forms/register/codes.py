"""What a page says of itself: QR codes and barcodes that name its form, ArUco markers that show where it lies."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from segmenter.image import Gray

# Longer side in pixels of the image in which codes are looked for.
CODE_SIDE = 1800


def texts_of(image: Gray) -> set[str]:
    """Texts of the QR codes and barcodes that can be read on a picture."""
    shrink = min(1.0, CODE_SIDE / max(image.shape))
    small = cv2.resize(image, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA) if shrink < 1 else image
    _, codes, _, _ = cv2.QRCodeDetector().detectAndDecodeMulti(small)
    _, bars, _, _ = cv2.barcode.BarcodeDetector().detectAndDecodeWithType(small)
    return {text for text in (*codes, *bars) if text}


def markers_of(image: Gray, dictionary: str) -> dict[int, NDArray[np.float64]]:
    """The ArUco markers on a picture that stand there once: number -> corners (4, 2), (x, y) in pixels.

    See Garrido-Jurado et al., "Automatic generation and detection of highly reliable fiducial markers", 2014.
    """
    known = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, f"DICT_{dictionary.upper()}"))
    detector = cv2.aruco.ArucoDetector(known)
    corners, found, _ = detector.detectMarkers(image)
    if found is None:
        return {}
    numbers = found.ravel().tolist()
    return {
        n: np.asarray(c, float).reshape(4, 2) for n, c in zip(numbers, corners, strict=True) if numbers.count(n) == 1
    }


def by_markers(
    own: Mapping[int, NDArray[np.float64]], seen: Mapping[int, NDArray[np.float64]]
) -> NDArray[np.float64] | None:
    """The map from a blank's markers to a picture's, (3, 3); None if they share less than three."""
    both = sorted(own.keys() & seen.keys())
    if len(both) < 3:
        return None
    source, target = (np.concatenate([of[n] for n in both]) for of in (own, seen))
    found, _ = cv2.findHomography(source, target, cv2.RANSAC, 3.0)
    return None if found is None else np.asarray(found)
