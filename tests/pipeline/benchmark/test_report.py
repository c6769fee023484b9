"""The report as a browser sees it."""

import json
import re
import sys
from html.parser import HTMLParser

import cv2
import numpy as np
import pytest

from pipeline.benchmark import figures, metrics
from pipeline.benchmark.ablation import COMPLETE
from pipeline.benchmark.pictures import N_WORST, feature_map_section
from pipeline.benchmark.report import write_report
from pipeline.benchmark.run import Answers, Images
from pipeline.commands import main as cli
from pipeline.reading import Reading

LINKS = {"src", "href", "xlink:href", "srcset", "data", "action", "poster", "background"}
SECTIONS = (
    "triple mnist", "condition", "trusted", "confusions", "worst", "samples", "learning curves", "feature maps",
    "speed",
)  # fmt: skip


class Page(HTMLParser):
    """Tags, headings, text and everything that a page would load."""

    def __init__(self, path):
        super().__init__()
        source = path.read_text(encoding="utf-8")
        self.bytes = path.stat().st_size
        self.tags, self.headings, self.texts, self.titles, self.row_ends = [], [], [], [], []
        self.links = re.findall(r"url\(\s*['\"]?([^'\")]*)", source) + re.findall(r"@import\s+(\S+)", source)
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in LINKS]
        self.titles += [value for name, value in attrs if name == "title"]

    def handle_endtag(self, tag):
        if tag == "tr":
            self.row_ends.append(len(self.texts))

    def handle_data(self, data):
        self.texts.append(data)
        if self.tags and self.tags[-1] in ("h2", "h3") and data.strip():
            self.headings.append(data)

    def row(self, first, *, after):
        """The other texts of the table row that begins with ``first``, the first one after the text ``after``."""
        at = self.texts.index(first, self.texts.index(after)) + 1
        return self.texts[at : next(end for end in self.row_ends if end >= at)]

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())


@pytest.fixture(scope="module")
def page(benchmarked):
    return Page(benchmarked[0] / "report.html")


def test_the_page_loads_nothing(page):
    assert len(page.links) > 20
    assert [link for link in page.links if not link.startswith(("data:", "#"))] == []
    assert not {"script", "link", "iframe", "object", "embed"} & set(page.tags)


def test_the_page_is_small(page):
    assert page.bytes < 5_000_000


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_has_a_heading(page, section):
    assert [heading for heading in page.headings if section in heading.lower()]


def test_the_figures_say_what_they_are(page):
    for words in ("exact match", "digit accuracy", "95%", "precision", "recall", "F1"):
        assert words in page.text


def test_the_protocol_says_in_words_that_nothing_leaked(page):
    assert "of 200 test images 0 (0.0%) show at least one digit image that the training images show, too" in page.text


def test_the_tables_hold_the_figures_of_the_results(benchmarked, page):
    for result in json.loads((benchmarked[0] / "results.json").read_text())["results"]:
        for name in ("exact_match", "digit_accuracy"):
            assert str(metrics.Share(result[name]["right"], result[name]["n"])) in page.texts


def test_every_kind_shows_samples_of_its_images(page):
    assert {"leak-free", "spaced", "touching"} <= set(page.headings)
    assert page.tags.count("img") >= 6 + 5 + 5
    assert page.tags.count("svg") >= 3


def answers_of(readings, truth, *, reader="segmented", name="some", what="some files", images=None):
    """Answers on one kind of images by hand."""
    images = images or [np.zeros((84, 84), np.uint8)] * len(truth)
    kind = Images(name, "data", what, images, np.array(truth))
    return Answers(reader, kind, readings, seconds=1.0, latency=0.001)


def page_of(tmp_path, readings, truth, *, ablation=None, **options):
    """The page on one kind of images by hand."""
    history = {key: [0.5, 0.25] for key in ("loss", "val_loss", "accuracy", "val_accuracy")}
    networks = {"leak-free/segmented": {"cnn_digit_classifier": {"parameters": 10, "macs": 20, "history": history}}}
    answers = [answers_of(readings, truth, **options)]
    return Page(write_report(answers, networks, tmp_path / "report.html", ablation=ablation))


# Right at 0.9, wrong at 0.8, right at 0.6, not read.
FOUR = (
    [
        Reading("427", "accept", "", 0.9),
        Reading("007", "accept", "", 0.8),
        Reading("315", "review", "doubt", 0.6),
        Reading("", "unreadable", "blank image", 0.0),
    ],
    ["427", "001", "315", "898"],
)


def test_the_table_of_trust_has_the_figures_worked_out_by_hand(tmp_path):
    row = page_of(tmp_path, *FOUR).row("some", after="Brier")
    ece = f"{(0.1 + 0.8 + 0.4) / 4:.2%}"
    brier = f"{(0.01 + 0.64 + 0.16) / 4:.4f}"
    risk = f"{(0 + 1 / 2 + 1 / 3 + 2 / 4) / 4:.2%}"
    assert row == ["4", "segmented", ece, brier, risk, "50.0%", "1"]


def test_risk_is_drawn_over_coverage_and_none_at_the_border():
    (ax,) = figures.risk_coverage([answers_of(*FOUR)]).axes
    assert ax.get_title() == "some"
    assert ax.lines[0].get_xdata() == pytest.approx([25, 50, 75, 100])
    assert ax.lines[0].get_ydata() == pytest.approx([figures.LOWEST_DRAWN, 50, 100 / 3, 50])


def test_each_kind_has_a_panel_and_each_reader_a_line():
    answers = [answers_of(*FOUR, reader=reader, name=name) for name in "abcde" for reader in ("fused", "whole")]
    panels = [ax for ax in figures.risk_coverage(answers).axes if ax.lines]
    assert [ax.get_title() for ax in panels] == list("abcde")
    assert {tuple(line.get_label() for line in ax.lines) for ax in panels} == {("fused", "whole")}


def test_reliability_pools_the_kinds_of_a_reader():
    # A hundred readings at each confidence, of which as many are right as it says, half of them of each kind.
    readings = [Reading("427", "review", "doubt", c) for c in (0.2, 0.6, 0.9) for _ in range(100)]
    truth = ["427" if k % 100 < 100 * r.confidence else "001" for k, r in enumerate(readings)]
    right, wrong = figures.reliability([answers_of(readings[k::2], truth[k::2], name=f"half {k}") for k in (0, 1)]).axes
    for ax, expected in ((right, [20, 60, 90]), (wrong, [80, 40, 10])):
        assert ax.lines[-1].get_xdata() == pytest.approx(expected)
        assert ax.lines[-1].get_ydata() == pytest.approx(expected)


def test_the_ablation_has_its_differences_to_the_complete_reader(tmp_path):
    shares = {COMPLETE: {"spaced": metrics.Share(4, 4)}, "without <any>": {"spaced": metrics.Share(1, 4)}}
    page = page_of(tmp_path, *FOUR, ablation=shares)
    assert page.row(COMPLETE, after="What each part brings") == ["100.00%"]
    assert page.row("without <any>", after="What each part brings") == ["25.00%", "−75.00"]


def test_the_surest_mistakes_come_first_and_not_too_many(tmp_path):
    n = N_WORST + 10
    readings = [Reading("111", "review", "doubt", k / 100) for k in range(n)]
    page = page_of(tmp_path, readings, ["222"] * n)
    said = re.findall(r"segmented: 111 \((0\.\d{3}), review\)", page.text)
    assert [float(share) for share in said] == [k / 100 for k in range(n - 1, n - 1 - N_WORST, -1)]


def test_no_mistakes_is_said_and_what_was_not_read_is_no_mistake(tmp_path):
    readings = [Reading("427", "accept", "", 0.99), Reading("", "unreadable", "blank image", 0)]
    page = page_of(tmp_path, readings, ["427", "007"])
    assert "Worst mistakes None." in page.text


def test_without_keras_the_page_says_what_feature_maps_need(monkeypatch):
    monkeypatch.setitem(sys.modules, "keras", None)
    found = feature_map_section([answers_of(*FOUR, reader="whole")])
    assert "They need Keras: pip install '.[train]' in tridigit's source folder" in found


def test_images_of_any_shape_are_shown(tmp_path):
    images = [np.zeros(shape, np.uint8) for shape in ((1, 1), (1, 900), (900, 1), (1200, 700))]
    page = page_of(tmp_path, [Reading("111", "accept", "", 0.9)] * 4, ["222"] * 4, images=images)
    assert page.tags.count("img") == 8  # as mistakes and as samples


def test_names_are_text_and_no_tags(tmp_path):
    name, what = "<script>a&b'\"", "<i onload='x'>"
    page = page_of(tmp_path, [Reading("111", "accept", "", 0.9)], ["222"], name=name, what=what)
    assert not {"script", "i"} & set(page.tags)
    assert name in page.headings
    assert what in page.texts
    assert set(page.titles) == {what}


def test_files_and_folders_of_any_name_are_read_into_a_page(tmp_path, field):
    folder = tmp_path / "<script>a&b'\"" / "427"
    folder.mkdir(parents=True)
    for name in ("<img src=x>.png", "$x^$ & 50%.png", 'a"b.png'):
        cv2.imwrite(str(folder / "plain.png"), field("427")[0])
        (folder / "plain.png").rename(folder / name)
    (folder / "<b>note.txt").write_text("no image")
    out = tmp_path / "<u>out"
    assert cli.main(["benchmark", "--readers", "segmented", "--data", str(folder.parent), "-o", str(out)]) == 0
    page = Page(out / "report.html")
    assert not {"script", "u"} & set(page.tags)
    assert [link for link in page.links if not link.startswith(("data:", "#"))] == []
    assert "Your images" in page.headings
    assert page.tags.count("img") == 3
