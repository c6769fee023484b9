"""Draw the README's picture: two sample fields of every condition and how they are read.

python examples/make_picture.py
"""

from pathlib import Path

import cv2
import numpy as np

from pipeline import NumberReader
from pipeline.show.picture import draw

SHOWN = ("triple_mnist", "spaced", "touching", "on_lit_paper", "in_printed_boxes")
WIDTH, HEIGHT = 372, 524
here = Path(__file__).parent
reader = NumberReader.pretrained()
rows = []
for pick in (0, 3):
    row = []
    for condition in SHOWN:
        path = sorted((here / "images").glob(f"{condition}-*.png"))[pick]
        ((reading, segmentation),) = reader.read_segmented([reader.segment(path)])
        picture = draw(segmentation, reading)
        tile = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
        top, left = (HEIGHT - picture.shape[0]) // 2, (WIDTH - picture.shape[1]) // 2
        tile[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
        row.append(tile)
    rows.append(np.hstack(row))
grid = np.vstack(rows)
cv2.imwrite(str(here / "readings.png"), cv2.resize(grid, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA))
