"""Make examples/forms and the pictures of docs/forms.md: a blank form, and scans of it filled in with MNIST's digits.

python examples/make_forms.py MNIST_NPZ
"""

import sys
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from classifier.data.mnist import load_mnist
from pipeline.forms.cut import cut_fields, window_of, with_room
from pipeline.forms.form import Form
from pipeline.forms.picture import draw
from pipeline.forms.register.choose import choose
from pipeline.forms.register.template import Template
from pipeline.synth.glyphs import Hands, scans_of
from pipeline.synth.pages.blanks import survey
from pipeline.synth.pages.fill import fill
from pipeline.synth.pages.take import photographed, scanned

ROOT = Path(__file__).parent
FOLDER = ROOT / "forms"
# A scan of two levels is a tenth as large, and as good to read.
DPI = 200
# What is written on each page; the third one has a year that cannot be.
WRITTEN = (
    ("04", "02", "1987", "086", "1240", "095", "017", "035", "128", "730216", "03", "0450"),
    ("02", "00", "1954", "063", "0870", "142", "004", "012", "007", "730219", "11", "1380"),
    ("05", "03", "2091", "118", "1655", "120", "038", "055", "246", "730302", "06", "0090"),
)


def main(mnist_file):
    mnist, blank, rng = load_mnist(mnist_file), survey(DPI), np.random.default_rng(7)
    hands = Hands(scans_of(mnist.x_train, mnist.y_train), {})
    FOLDER.mkdir(exist_ok=True)
    blank.image.point(lambda value: 255 * (value > 128)).convert("1").save(FOLDER / "survey.pdf", resolution=DPI)
    names = [place.name for place in blank.places]
    pages = [fill(blank, hands, rng, dict(zip(names, numbers, strict=True))) for numbers in WRITTEN]
    scans = [Image.fromarray(scanned(page.gray, rng).gray) for page in pages[:2]]
    first, second = (scan.point(lambda value: 255 * (value > 140)).convert("1") for scan in scans)
    first.save(FOLDER / "scans.pdf", save_all=True, append_images=[second], resolution=DPI)
    photograph = photographed(pages[2].gray, rng).gray
    small = cv2.resize(photograph, None, fx=0.62, fy=0.62, interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(FOLDER / "photograph.jpg"), small, [cv2.IMWRITE_JPEG_QUALITY, 60])
    if (FOLDER / "survey.toml").exists():
        show(Form.load(FOLDER / "survey.toml"), small)


def show(form, photograph):
    """What docs/forms.md shows: the photograph, laid over the blank with its fields, some fields before and after."""
    template = Template.of(form)
    _, alignment = choose([template], photograph)
    drawn = cv2.resize(draw(alignment.page, form), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    scale = drawn.shape[0] / photograph.shape[0]
    taken = cv2.resize(photograph, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    taken = cv2.cvtColor(taken, cv2.COLOR_GRAY2BGR)
    cv2.imwrite(str(ROOT / "form-aligned.jpg"), np.hstack([taken, drawn]), [cv2.IMWRITE_JPEG_QUALITY, 80])
    rows = []
    for field, image in list(zip(form.fields, cut_fields(template, alignment.page), strict=True))[2:6]:
        before = alignment.page[window_of(with_room(field, form), alignment.page.shape)]
        rows.append([np.pad(part, ((4, 4), (4, 4)), constant_values=255) for part in (before, image)])
    width = max(row[0].shape[1] for row in rows)
    filled = [[np.pad(p, ((0, 0), (0, width - p.shape[1])), constant_values=255) for p in row] for row in rows]
    cv2.imwrite(str(ROOT / "form-fields.png"), np.vstack([np.hstack(row) for row in filled]))


if __name__ == "__main__":
    main(sys.argv[1])
