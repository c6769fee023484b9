"""Image -> crops: classical computer vision that cuts candidate digits out of a field."""

from segmenter.crops import mnist_crop
from segmenter.images import load_gray
from segmenter.segment import Segmenter
from segmenter.segmentation import Candidate, Segmentation

__all__ = ["Candidate", "Segmentation", "Segmenter", "load_gray", "mnist_crop"]
