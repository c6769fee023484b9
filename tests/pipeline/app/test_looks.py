"""Every tab at both widths, in both modes: nothing is wider than the screen, all text can be read, keys reach all."""

import pytest

pytestmark = pytest.mark.slow
TABS = ("Read", "Compare", "Review", "Learn", "Results")


@pytest.fixture(scope="module")
def server(start, pile, tmp_path_factory):
    return start("review", pile[0] / "pile.csv", "--store", tmp_path_factory.mktemp("looks") / "s.sqlite")


@pytest.fixture(params=[("light", 1440), ("dark", 390)], ids=["light, wide", "dark, narrow"], scope="module")
def page(request, server, browse):
    mode, width = request.param
    with browse(server.url, color_scheme=mode, viewport={"width": width, "height": 1200}) as page:
        page.get_by_text("Samples", exact=True).click()
        page.get_by_role("button", name="Read all 30").click()
        page.get_by_text("What each reader said").wait_for()
        yield page


def open_tab(page, tab):
    page.get_by_role("link", name=tab, exact=True).click()
    page.get_by_role("heading", level=2).first.wait_for()
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    if tab == "Review":
        page.locator('[data-is="walk"]:not(.busy)[data-shown]').wait_for()


@pytest.mark.parametrize("tab", TABS)
def test_all_text_can_be_read_and_nothing_is_wider_than_the_screen(page, tab, unreadable):
    open_tab(page, tab)
    assert unreadable(page) == []


def test_the_keyboard_alone_reaches_the_tabs(server, browse):
    with browse(server.url) as page:
        page.get_by_text("Images, ZIPs").wait_for()
        for _ in range(15):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.innerText").strip().endswith("Review"):
                break
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Review").wait_for()
        page.locator('[data-is="walk"]:not(.busy)[data-shown]').wait_for()
        page.keyboard.press("s")
        page.get_by_text("1 skipped").wait_for()
        page.keyboard.press("z")
