"""Image -> crops: classical computer vision that cuts candidate digits out of a field.

The words of the whole project:

field       image of one number, written by hand: a box of a form, a cell of a table
ink         what the pen left, by its strength or as a mask; everything else is paper
region      connected ink, broken strokes joined: a digit, a part of one, or digits that touch
piece       ink between two neighbouring cuts of a region; a region that is not cut is one piece
cut         path through a region along which touching digits may be divided
candidate   run of neighbouring pieces that may be one digit
crop        a candidate normalised as MNIST's digits are, 28x28
canvas      all the writing of a field, set on 84x84
evidence    what one reader says of one field: probabilities of each digit, and how certain its cuts are
confidence  calibrated probability that the whole number is right
profile     what was fitted on labelled fields: how evidence is weighed, what confidence means, when to accept
"""

from segmenter.canvas import fit_canvas, fit_field
from segmenter.crops import mnist_crop
from segmenter.image import load_gray, load_rgb
from segmenter.segmenter import Segmenter
from segmenter.writing import Candidate, Segmentation, Writing

__all__ = [
    "Candidate",
    "Segmentation",
    "Segmenter",
    "Writing",
    "fit_canvas",
    "fit_field",
    "load_gray",
    "load_rgb",
    "mnist_crop",
]
