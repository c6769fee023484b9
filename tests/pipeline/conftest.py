"""The shipped readers, loaded once, and what they are given to read."""

import contextlib
import io

import cv2
import numpy as np
import pytest

from classifier.data.mnist import load_mnist
from pipeline import Digit, NumberReader
from pipeline.benchmark import run as benchmark
from pipeline.commands import main as cli
from pipeline.decision.confidence import NAMES, Confidence
from pipeline.decision.evidence import Evidence
from pipeline.decision.fusion import Exponents
from pipeline.decision.profile import Acceptance, Profile
from pipeline.readers import ASKED, WAYS, key_of
from segmenter import Candidate, Segmentation, fit_field
from segmenter.pieces import Pieces
from segmenter.regions import Regions


@pytest.fixture(scope="session")
def profile():
    """A profile by hand: confidence is the product of the three probabilities, above 0.9 it promises 0.999."""
    product = Confidence(0.0, tuple(float(name == "all") for name in NAMES))
    promised = Acceptance(measured_on=20_000, n=10_000, wrong=((0.9, 9_000),) * 400)
    return Profile("by hand", Exponents(), dict.fromkeys(map(key_of, ASKED), product), dict.fromkeys(WAYS, promised))


@pytest.fixture(scope="session")
def said():
    """Function: what both sources say, by source; a source that says None was not asked."""

    def by_source(segmented, whole):
        return {source: says for source, says in (("segmented", segmented), ("whole", whole)) if says is not None}

    return by_source


@pytest.fixture(scope="session")
def reader(profile):
    return NumberReader.pretrained().set_params(profile=profile)


@pytest.fixture(scope="session")
def segmented_reader(reader):
    return NumberReader(reader.classifier, segmenter=reader.segmenter, reader="segmented", profile=reader.profile)


@pytest.fixture(scope="session")
def whole_reader(profile):
    return NumberReader.pretrained(reader="whole").set_params(profile=profile)


@pytest.fixture(scope="session")
def divided():
    """Function: a segmentation into ``n`` pieces in a row, each 10 px wide and 20 high, and these runs of them."""

    def make(runs, n, *, crossed=None, heights=None, margin=5, left_out=0):
        heights = heights or [20] * n
        labels = np.zeros((20, 10 * n + 2 * margin), np.int32)
        boxes = [(margin + 10 * k, 20 - height, margin + 10 * k + 10, 20) for k, height in enumerate(heights)]
        for k, (left, top, right, bottom) in enumerate(boxes):
            labels[top:bottom, left:right] = k + 1
        regions = Regions(labels, np.array(boxes, int).reshape(-1, 4), 20, np.zeros((left_out, 4), int))
        pieces = Pieces(labels, labels, np.arange(n), np.zeros((n, 20), int), np.array(crossed or [0.0] * n))
        candidates = tuple(
            Candidate(a, b, (boxes[a][0], min(box[1] for box in boxes[a:b]), boxes[b - 1][2], 20)) for a, b in runs
        )
        mask, crops = labels > 0, np.zeros((len(runs), 28, 28), np.uint8)
        ink = np.where(mask, 255, 0).astype(np.uint8)
        return Segmentation(
            ink, fit_field(ink), ink, mask.view(np.uint8), 255, 24, regions, 1.0, (0, 0), labels.shape[::-1],
            pieces=pieces, candidates=candidates, crops=crops,
        )  # fmt: skip

    return make


@pytest.fixture(scope="session")
def probabilities():
    """Function: one row of ten for each (digit, probability)."""

    def of(*pairs):
        rows = np.empty((len(pairs), 10), np.float32)
        for row, (digit, p) in zip(rows, pairs, strict=True):
            row[:] = (1 - p) / 9
            row[digit] = p
        return rows

    return of


@pytest.fixture(scope="session")
def evidence(probabilities):
    """Function: what a reader says that gives each digit of a number the probability ``p``."""

    def of(number="427", p=0.9, **stated):
        digits = tuple(Digit(int(value), p, (10 * k, 0, 10 * k + 10, 20), k) for k, value in enumerate(number))
        known = {"probabilities": probabilities(*((d.value, p) for d in digits)), "certainty": 1.0, "digits": digits}
        return Evidence(**known | stated)

    return of


@pytest.fixture(scope="session")
def mnist_file(digits, tmp_path_factory):
    """``mnist.npz`` of few digits: 220 for training, 20 for validation, 60 for test, as many of each class."""
    x, y = digits
    rank = np.array([(y[:k] == value).sum() for k, value in enumerate(y)])
    order = np.lexsort((y, rank))
    train, test = order[:240], order[240:]
    path = tmp_path_factory.mktemp("mnist") / "mnist.npz"
    np.savez(path, x_train=x[train], y_train=y[train], x_test=x[test], y_test=y[test])
    return path


@pytest.fixture(scope="session")
def mnist(mnist_file):
    return load_mnist(mnist_file)


@pytest.fixture(scope="session")
def benchmarked(mnist_file, tmp_path_factory):
    """Folder and output of a small benchmark of both readers: one image a number, two conditions of five."""
    folder = tmp_path_factory.mktemp("benchmark") / "out"
    args = ["--readers", "segmented", "whole", "--protocol", "leak-free", "--conditions", "spaced", "touching"]
    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(printed):
        patch.setitem(benchmark.PER_NUMBER, "leak-free", 1)
        assert cli.main(["benchmark", *args, "--images", "5", "--mnist", str(mnist_file), "-o", str(folder)]) == 0
    return folder, printed.getvalue()


@pytest.fixture
def row_of(digit):
    """Function: any digits on one line, dark on white, (96, n) uint8."""

    def place(label, gap=8):
        parts = [np.zeros((28, gap), np.uint8)]
        for value in label:
            left, _, width, _ = cv2.boundingRect(digit(value))
            parts += [digit(value)[:, left : left + width], np.zeros((28, gap), np.uint8)]
        line = np.pad(np.hstack(parts), ((2, 2), (0, 0)))
        return 255 - cv2.resize(line, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)

    return place


@pytest.fixture
def folder(tmp_path, field):
    """A folder with three fields, a text that calls itself PNG, an empty file and a note."""
    for label in ("427", "007", "315"):
        cv2.imwrite(str(tmp_path / f"{label}.png"), field(label)[0])
    (tmp_path / "broken.png").write_text("no image")
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "notes.txt").write_text("not looked at")
    return tmp_path
