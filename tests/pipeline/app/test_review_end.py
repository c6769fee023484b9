"""A review from what was left out of it to what comes after it, in a Chromium."""

import csv

import pytest

pytestmark = pytest.mark.slow
HEADER = "path,number,status,reason,confidence,digit_1,digit_2,digit_3,probability_1,probability_2,probability_3,boxes"


@pytest.fixture(scope="module")
def server(start, pile, tmp_path_factory):
    """A server of two doubtful fields, the first of them with two digits, and a file that is no image."""
    table = tmp_path_factory.mktemp("end") / "scans.csv"
    rows = (
        "000.png,,unreadable,found 2 digits: 0 5,0,,,,,,,",
        "001.png,042,review,low confidence,0.5,0,4,2,0.9,0.9,0.6,",
        "002.png,,error,The file is empty; expected an image.,,,,,,,,",
    )
    table.write_text("\n".join([HEADER, *rows, ""]))
    return start("review", table, "--images", pile[0], "--sample", "0")


@pytest.fixture
def page(server, browse):
    with browse(f"{server.url}/review") as page:
        yield page


def test_what_is_left_out_what_is_typed_and_what_comes_next_are_told(page, shown):
    assert shown(page) == "1"
    page.get_by_text("Left out, because no image could be opened: 1 file").wait_for()
    box = page.get_by_label("Number")
    assert box.input_value() == "05"  # what was read, though it is no number
    page.keyboard.press("Enter")
    page.get_by_text("2 digits instead of 3: press Enter again").wait_for()
    page.keyboard.type("1234")
    page.get_by_text("4 digits instead of 3.").wait_for()
    page.keyboard.type("567")
    page.get_by_text("7 digits: a number has at most 6.").wait_for()
    page.keyboard.press("Enter")
    assert (shown(page), box.input_value()) == ("1", "1234567")  # nothing was dropped, and nothing taken
    box.fill("105")
    page.keyboard.press("Enter")
    assert shown(page) == "2"
    page.keyboard.press("Enter")
    page.get_by_text("2 fields decided: 2 numbers (1 other than was read).").wait_for()
    page.get_by_text("Nothing is left to decide.").wait_for()
    page.keyboard.press("z")
    assert shown(page) == "2"
    page.get_by_text("2 fields decided").wait_for(state="detached")
    page.keyboard.press("Enter")
    page.get_by_text("2 fields decided").wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    rows = list(csv.DictReader(download.value.path().read_text().splitlines()))
    assert [(row["number"], row["status"], row["decided_by"]) for row in rows] == [
        ("105", "accept", "person"), ("042", "accept", "person"), ("", "error", ""),
    ]  # fmt: skip
    page.get_by_role("link", name="Calibrate on what was decided").click()
    page.get_by_text("Decided so far: 2 fields.").wait_for()
