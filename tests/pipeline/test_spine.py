"""How much of the project one has to read to follow one clean image from the reader to the number."""

import sys
from pathlib import Path

import cv2
import pytest

import classifier
import pipeline
import segmenter

PACKAGES = tuple(str(Path(package.__file__).parent) for package in (segmenter, classifier, pipeline))
SAMPLE = Path(__file__).parents[2] / "examples" / "images" / "spaced-834.png"
# With two readers they were 14 and 55; the field reader, its sums over columns and the pool of both come to these, and
# whether the ink needs a closer look.
MOST_FILES, MOST_FUNCTIONS = 22, 88


@pytest.fixture(scope="module")
def passed():
    """Code of the project's own functions that one reading runs, without what is worked out once; and the reading."""
    reader, image, found = pipeline.NumberReader.pretrained(), cv2.imread(str(SAMPLE), cv2.IMREAD_GRAYSCALE), set()
    reader.read(image)
    before = sys.getprofile()

    def note(frame, event, _):
        if event == "call" and frame.f_code.co_filename.startswith(PACKAGES):
            found.add(frame.f_code)

    sys.setprofile(note)
    try:
        reading = reader.read(image)
    finally:
        sys.setprofile(before)
    return found, reading


def test_the_sample_is_clean(passed):
    _, reading = passed
    assert (reading.number, reading.status) == ("834", "accept")
    assert reading.by_reader == {"segmented": "834", "field": "834"}


def test_one_reading_passes_few_files(passed):
    files = {code.co_filename for code in passed[0]}
    assert {"reader.py", "segmenter.py", "decide.py"} < {Path(file).name for file in files}
    assert len(files) <= MOST_FILES, sorted(files)


def test_one_reading_passes_few_functions(passed):
    """Comprehensions belong to the function that they stand in."""
    functions = sorted(code.co_name for code in passed[0] if not code.co_name.startswith("<"))
    assert {"read", "classify", "judge", "decide"} < set(functions)
    assert len(functions) <= MOST_FUNCTIONS, functions
