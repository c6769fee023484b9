"""Image -> crops: classical computer vision that cuts candidate digits out of a field."""

from segmenter.canvas import fit_canvas, fit_field
from segmenter.crops import mnist_crop
from segmenter.image import load_gray
from segmenter.segmenter import Segmenter
from segmenter.writing import Candidate, Look, Segmentation

__all__ = ["Candidate", "Look", "Segmentation", "Segmenter", "fit_canvas", "fit_field", "load_gray", "mnist_crop"]
