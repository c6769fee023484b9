"""What was decided -> labelled images: to keep, and to calibrate on."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from hashlib import sha256

import cv2
import numpy as np
from numpy.typing import NDArray

from classifier.number_format import FORMAT
from pipeline.app.review.fields import load_image
from pipeline.app.review.store import Store
from pipeline.batch.sinks import no_formula
from pipeline.calibrate.calibration import calibrate, opinions_on
from pipeline.decision.profile import Profile
from pipeline.grammar import how_many
from pipeline.reader import NumberReader

_COLUMNS = ("path", "number", "name", "verdict", "former", "status", "reviewer", "decided", "seconds", "reader")


def export(store: Store) -> bytes:
    """A ZIP with a folder for each number, ``427/000012.png``, and all decisions as ``labels.csv``.

    The folder, and the table's columns ``path`` and ``number``, are what ``tridigit calibrate`` takes. The files have
    the numbers of their fields: what an upload called itself stands in the table, where no spreadsheet runs it.
    """
    table = io.StringIO(newline="")
    rows = csv.writer(table)
    rows.writerow(_COLUMNS)
    with zipfile.ZipFile(packed := io.BytesIO(), "w") as archive:
        for field, decision, at in store.decided():
            path = ""
            if decision.verdict == "number":
                path = f"{decision.number}/{field.id:06d}.png"
                try:
                    archive.writestr(path, cv2.imencode(".png", load_image(field))[1].tobytes())
                except (OSError, ValueError):  # gone since
                    path = ""
            rows.writerow((
                path, decision.number, no_formula(field.name), decision.verdict, field.number, field.status,
                no_formula(decision.reviewer), at, f"{decision.seconds:.1f}", field.reader,
            ))  # fmt: skip
        archive.writestr("labels.csv", table.getvalue().encode())
    return packed.getvalue()


def labelled(store: Store) -> Iterator[tuple[NDArray[np.uint8], str]]:
    """Each image once with its number of three digits, '' where it shows none, in an order of their own.

    Every second image is fitted on: so both halves are of all kinds.
    """
    decided = [
        (field, decision.number)
        for field, decision, _ in store.decided()
        if FORMAT.matches(decision.number) or decision.verdict == "no number"
    ]
    seen = set()
    for k in np.random.default_rng(0).permutation(len(decided)).tolist():
        field, number = decided[k]
        try:
            image = load_image(field)
        except (OSError, ValueError):  # gone since
            continue
        if (content := sha256(image.tobytes()).digest()) not in seen:
            seen.add(content)
            yield image, number


def calibrated(store: Store, reader: NumberReader) -> Profile:
    """The package's profile, refined by what was decided; see :func:`pipeline.calibrate.calibration.calibrate`.

    Raises
    ------
    ValueError
        If nothing was decided that can be calibrated on.
    """
    pairs = list(labelled(store))
    if len(pairs) < 2 or not any(number for _, number in pairs):
        raise ValueError(f"At least two fields should be decided, one of them a number. Received: {len(pairs)}.")
    images, numbers = zip(*pairs, strict=True)
    return calibrate(
        opinions_on(images, reader), np.array(numbers), made_from=how_many(len(pairs), "reviewed field"),
        networks=reader.network_names, start=Profile.shipped(),
    )  # fmt: skip
