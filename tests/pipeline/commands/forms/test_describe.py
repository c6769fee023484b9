"""``tridigit form``, run in this process."""

import cv2
import numpy as np
import pytest

from pipeline.commands import main as cli
from pipeline.forms.form import Form
from pipeline.synth.pages.blanks import order, survey
from pipeline.synth.pages.take import scanned


@pytest.fixture
def blank(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    survey().image.save("blank.pdf", resolution=200)
    return tmp_path / "blank.pdf"


def test_a_form_is_made_of_a_blank_and_drawn_on_its_pages(capsys, blank):
    assert cli.main(["form", "new", "blank.pdf", "-o", "form.toml", "--name", "survey"]) == 0
    assert "12 fields, 3 boxes to tick" in capsys.readouterr().out
    form = Form.load("form.toml")
    assert (form.name, form.blank.resolve()) == ("survey", blank)
    assert form.size == pytest.approx((210, 297), abs=0.2)
    page = scanned(survey().gray, np.random.default_rng(0)).gray
    cv2.imwrite("page.png", page)
    assert cli.main(["form", "check", "form.toml", "page.png", "-o", "seen"]) == 0
    assert "page.png, page 1: fits, " in capsys.readouterr().out
    picture = cv2.imread("seen/page.png-1.png")
    assert np.count_nonzero(np.ptp(picture.astype(int), axis=2) > 100) > 5_000  # coloured boxes


def test_a_page_that_does_not_fit_is_said_and_ends_in_3(capsys, blank):
    cli.main(["form", "new", "blank.pdf"])
    cv2.imwrite("page.png", order().gray)
    assert cli.main(["form", "check", "form.toml", "page.png"]) == 3
    assert "page.png, page 1: fits no form of blank" in capsys.readouterr().out


def test_without_pages_the_blank_is_drawn(capsys, blank):
    cli.main(["form", "new", "blank.pdf"])
    assert cli.main(["form", "check", "form.toml"]) == 0
    assert cv2.imread("check/blank.png") is not None


@pytest.mark.parametrize(
    ("save", "args", "words"),
    [
        (lambda gray: cv2.imwrite("page.png", gray), [], "says no resolution"),
        (lambda gray: cv2.imwrite("page.png", gray * 0 + 255), ["--dpi", "200"], "1 to 1000 fields. Received: 0"),
        (lambda gray: cv2.imwrite("page.png", gray), ["--dpi", "200", "--page", "2"], "has 1 pages. Received: page 2"),
    ],
)
def test_what_is_no_blank_is_refused_in_a_line(capsys, blank, save, args, words):
    save(survey().gray)
    with pytest.raises(SystemExit) as end:
        cli.main(["form", "new", "page.png", *args])
    assert end.value.code == 2
    assert words in capsys.readouterr().err
