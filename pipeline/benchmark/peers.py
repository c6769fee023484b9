"""Recognisers of others' making as readers: on the same images, by the same figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import cv2
import numpy as np

from classifier.number_format import FORMAT
from pipeline.reading import Reading
from segmenter import load_gray
from segmenter.ink.binarize import ink_is_bright

# Paper around the field, in pixels: lines of text are not cut close.
AROUND = 10


class Reads(Protocol):
    """What the benchmark asks of a reader."""

    def read(self, image: Any) -> Reading: ...

    def read_many(self, images: Iterable[Any]) -> Iterator[Reading]: ...


class RapidOcr:
    """PP-OCR's recogniser of text lines through RapidOCR, on ONNX Runtime (Du et al., "PP-OCR", 2020).

    The field is given as one line of dark text on light paper, without detection. Of its answer the digits count. It
    accepts nothing: what its score promises is not known.

    Parameters
    ----------
    threads : int
        Of the inference runtime.
    """

    def __init__(self, *, threads: int = 1):
        from rapidocr import RapidOCR

        self._engine = RapidOCR(
            params={"Global.log_level": "error", "EngineConfig.onnxruntime.intra_op_num_threads": threads}
        )

    def read(self, image: Any) -> Reading:
        """The number of one image, for review; unreadable where it gives another count of digits."""
        gray = load_gray(image)
        dark = 255 - gray if ink_is_bright(gray) else gray
        framed = cv2.copyMakeBorder(dark, *(AROUND,) * 4, cv2.BORDER_REPLICATE)
        found = self._engine(cv2.cvtColor(framed, cv2.COLOR_GRAY2BGR), use_det=False, use_cls=False, use_rec=True)
        text = found.txts[0] if found.txts else ""
        number = "".join(symbol for symbol in text if symbol in "0123456789")
        if not FORMAT.matches(number):
            return Reading("", "unreadable", f"read {text!r}", 0.0)
        return Reading(number, "review", "nothing is promised", float(np.clip(found.scores[0], 0, 1)))

    def read_many(self, images: Iterable[Any]) -> Iterator[Reading]:
        """Read a stream of images, one after the other."""
        return map(self.read, images)
