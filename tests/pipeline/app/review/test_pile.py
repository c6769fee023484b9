"""A reader's answers as fields to review."""

import cv2
import pytest

from pipeline.app.review.pile import load_table, read_table, to_fields
from pipeline.commands import main as cli


def test_what_was_accepted_is_not_asked_about(answers):
    assert [field.queued for field in to_fields(answers(0.3, 0.95, 0.5))] == [True, False, True]


def test_a_sample_of_the_accepted_lies_among_the_doubtful(answers):
    pile = answers(*[0.1, 0.5] * 20, *[0.99] * 100)
    fields = to_fields(pile, sample=0.1)
    asked = [field for field in fields if field.queued and field.status == "accept"]
    assert len(asked) == 10
    assert {field.doubt for field in asked} <= {0.1, 0.5}
    assert [f.queued for f in fields] == [
        f.queued for f in to_fields(answers(*[0.1, 0.5] * 20, *[0.99] * 100), sample=0.1)
    ]


def test_a_small_sample_is_at_least_one(answers):
    assert sum(field.queued for field in to_fields(answers(*[0.99] * 5), sample=0.02)) == 1
    assert sum(field.queued for field in to_fields(answers(*[0.99] * 5), sample=1.0)) == 5


def test_a_share_lies_between_0_and_1(answers):
    with pytest.raises(ValueError, match=r"in \[0, 1\]"):
        to_fields(answers(0.5), sample=1.5)


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_a_table_of_the_command_becomes_fields(folder, tmp_path, form, capsys):
    table = tmp_path / f"table.{form}"
    assert cli.main(["read", str(folder), "-o", str(table)]) == 3
    rows = {row.name: row for row in read_table(table)}
    assert (rows["427.png"].number, rows["427.png"].places, len(rows["427.png"].boxes)) == ("427", 3, 3)
    fields = load_table(table, folder, sample=1.0)
    assert [field.name for field in fields if field.queued] == ["007.png", "315.png", "427.png"]
    assert [field.name for field in fields if field.status == "error"] == ["broken.png", "empty.jpg"]
    assert [len(field.probabilities) for field in fields] == [3, 3, 3, 0, 0]
    assert cv2.imread(fields[0].path) is not None


def test_a_path_out_of_the_folder_is_refused(tmp_path):
    (tmp_path / "images").mkdir()
    table = tmp_path / "table.csv"
    table.write_text("path,number,status,reason,confidence,boxes\n../../etc/passwd,,review,,0,\n")
    with pytest.raises(ValueError, match=r"should lie in .* '../../etc/passwd'"):
        load_table(table, tmp_path / "images")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("path,number\na.png,427\n", "no columns"),
        ("path,number,status,reason,confidence,boxes\na.png,427,review,,much,\n", "should be a table"),
        ("path,number,status,reason,confidence,boxes\na.png,427,sure,,0.5,\n", "the status 'sure'"),
        ("path,number,status,reason,confidence,boxes\na.png,427,review,,0.5,\n", "not there"),
    ],
)
def test_what_is_no_table_of_these_images_is_refused(tmp_path, text, words):
    (tmp_path / "table.csv").write_text(text)
    with pytest.raises(ValueError, match=words):
        load_table(tmp_path / "table.csv", tmp_path)


def test_other_suffixes_are_refused(tmp_path):
    with pytest.raises(ValueError, match="should end in .csv"):
        list(read_table(tmp_path / "table.txt"))
