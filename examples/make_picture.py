"""Draw the README's picture: a sample field of every condition and how it is read.

python examples/make_picture.py
"""

from pathlib import Path

import cv2
import numpy as np

from pipeline import NumberReader
from pipeline.show.picture import draw

SHOWN = ("triple_mnist", "spaced", "touching", "on_lit_paper", "in_printed_boxes")
WIDTH = 372
here = Path(__file__).parent
reader = NumberReader.pretrained()
pictures = []
for condition in SHOWN:
    path = sorted((here / "images").glob(f"{condition}-*.png"))[3]
    ((reading, segmentation),) = reader.read_segmented([reader.segment(path)])
    pictures.append(draw(segmentation, reading))
height = max(picture.shape[0] for picture in pictures)
columns = []
for picture in pictures:
    left = (WIDTH - picture.shape[1]) // 2
    sides = left, WIDTH - picture.shape[1] - left
    columns.append(np.pad(picture, ((0, height - picture.shape[0]), sides, (0, 0)), constant_values=255))
grid = np.hstack(columns)
cv2.imwrite(str(here / "readings.png"), cv2.resize(grid, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA))
