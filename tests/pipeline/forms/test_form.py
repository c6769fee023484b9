"""A form as a file."""

from pathlib import Path

import pytest

from pipeline.forms.form import Field, Form, Tick
from pipeline.forms.rules import Rules

TEXT = """
name = "marks"
blank = "blank.png"
size = [210, 297]
[[field]]
name = "a"
mm = [10, 20, 40, 30]
digits = 2
range = [0, 20]
[[field]]
name = "total"
share = [0.5, 0.5, 0.6, 0.55]
digits = [1, 3]
sum_of = ["a"]
[[tick]]
name = "absent"
mm = [100, 10, 104, 14]
"""


@pytest.fixture
def load(tmp_path):
    def of(text):
        (tmp_path / "form.toml").write_text(text, encoding="utf-8")
        return Form.load(tmp_path / "form.toml")

    return of


def test_a_form_is_what_its_file_says(load, tmp_path):
    form = load(TEXT)
    assert form.fields == (
        Field("a", (10, 20, 40, 30), (2, 2), Rules(range=(0, 20))),
        Field("total", (105, 148.5, 126, 163.35), (1, 3), Rules(sum_of=("a",))),
    )
    assert form.ticks == (Tick("absent", (100, 10, 104, 14)),)
    assert (form.name, form.blank, form.size, form.page, form.code) == (
        "marks", tmp_path / "blank.png", (210, 297), 1, "",
    )  # fmt: skip


def test_what_is_saved_is_loaded(load, tmp_path):
    form = load(TEXT.replace("blank.png", 'a \\"b\\" \\u00e9.png'))
    (tmp_path / "inner").mkdir()
    form.save(tmp_path / "inner" / "again.toml")
    again = Form.load(tmp_path / "inner" / "again.toml")
    assert again.blank.resolve() == form.blank.resolve()
    assert (again.fields, again.ticks, again.size) == (form.fields, form.ticks, form.size)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('name = "marks"', "", "name should begin with a letter"),
        ('name = "a"', 'name = "=1+1"', "name should begin with a letter"),
        ('name = "a"', 'name = "status"', "be none of"),
        ('name = "a"', 'name = "total"', "names of their own. Received twice: total"),
        ('sum_of = ["a"]', 'sum_of = ["b"]', "other fields of the form. Received for 'total': b"),
        ('sum_of = ["a"]', 'sum_of = "a"', "`sum_of` should be names"),
        ("range = [0, 20]", "range = [20, 0]", "least, greatest"),
        ("range = [0, 20]", "rnge = [0, 20]", "keys among"),
        ("range = [0, 20]", 'check_digit = "md5"', "one of"),
        ("digits = 2", "digits = 7", "between 1 and 6"),
        ("digits = 2", 'digits = "2"', "should be a number"),
        ("digits = 2", "digits = true", "should be a number"),
        ("[10, 20, 40, 30]", "[10, 20, 400, 30]", "should lie on the page"),
        ("[10, 20, 40, 30]", "[40, 20, 10, 30]", "left, top, right, bottom"),
        ("[10, 20, 40, 30]", "[nan, 20, 40, 30]", "left, top, right, bottom"),
        ("[10, 20, 40, 30]", "[10, 20, 40]", "4 numbers"),
        ("mm = [10, 20, 40, 30]", "", "box in `mm` or as `share`"),
        ("[210, 297]", "[210, 1e9]", "10 to 1200 mm"),
        ('"blank.png"', "3", "path of the page"),
        ("[[field]]", "[field]", "written as|Cannot|overwrite"),
        ("size", "sizes", "keys among"),
    ],
)
def test_what_is_no_form_is_refused_with_the_rule(load, old, new, words):
    assert old in TEXT
    with pytest.raises(ValueError, match=words):
        load(TEXT.replace(old, new, 1))


def test_a_form_without_fields_is_refused():
    with pytest.raises(ValueError, match="1 to 1000 fields"):
        Form("empty", Path("blank.png"), (210, 297), ())
