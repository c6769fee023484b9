"""A stranger's walk: starts the page, reads the samples, clears a queue of 30, and calibrates on it."""

import zipfile

import pytest

from pipeline import NumberReader
from pipeline.app.samples import samples
from pipeline.decision.profile import Profile

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def reader():
    """What the page reads with: the package's own profile."""
    return NumberReader.pretrained()


def test_a_stranger_reads_reviews_and_calibrates_with_the_page_alone(start, browse, shown, reader, tmp_path):
    truth = {name: name.rpartition("-")[2].removesuffix(".png") for name, _ in samples()}
    accepted = sum(reading.status == "accept" for reading in reader.read_many(data for _, data in samples()))
    assert 15 <= accepted < 30
    with browse(start("page").url) as page:
        page.get_by_text("Samples", exact=True).click()
        page.get_by_role("button", name="Read all 30").click()
        page.get_by_text(f"{accepted} accepted, {30 - accepted} for review, 0 unreadable, 0 no image").wait_for()
        page.get_by_label("Ask me about").click()
        page.get_by_role("option", name="all", exact=True).click()
        page.get_by_role("button", name="Review these").click()
        while shown(page):
            page.keyboard.type(truth[page.locator('[data-is="name"]').inner_text()])
            page.keyboard.press("Enter")
        page.get_by_text("30 of 30 decided").wait_for()
        page.get_by_text(f"Of {accepted} accepted fields looked at, 0 wrong: 0.0% to").wait_for()
        page.get_by_role("link", name="Learn").click()
        with page.expect_download() as download:
            page.get_by_role("button", name="Labelled images and table (ZIP)").click()
        with zipfile.ZipFile(download.value.path()) as archive:
            assert sorted(name.split("/")[0] for name in archive.namelist()) == [*sorted(truth.values()), "labels.csv"]
        page.get_by_role("button", name="Calibrate on what was decided").click()
        page.get_by_text("Made from 30 reviewed fields").wait_for()
        page.get_by_role("button", name="Read with this profile from now on").click()
        page.get_by_text("This browser's images are read with this profile now.").wait_for()
        with page.expect_download() as download:
            page.get_by_role("button", name="Profile", exact=True).click()
        download.value.save_as(tmp_path / "mine.json")
    assert Profile.load(tmp_path / "mine.json").made_from == "30 reviewed fields"
