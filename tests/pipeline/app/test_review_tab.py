"""The review, in a Chromium: by keyboard, by two people, and through the death of the server."""

import random
import statistics
import time

import pytest

from pipeline.app.review.fields import Decision
from pipeline.app.review.store import Store

pytestmark = pytest.mark.slow
# Each costs the seconds in which a server starts.
KILLS = 3
# Milliseconds from each key to the field that it brings, measured in the browser.
STOPWATCH = """
() => {
  const host = [...document.querySelectorAll('*')].find((e) => e.shadowRoot?.querySelector('[data-is="walk"]'));
  const walk = host.shadowRoot.querySelector('[data-is="walk"]');
  window.times = [];
  let pressed = 0;
  addEventListener('keydown', () => (pressed = performance.now()), true);
  new MutationObserver(() => window.times.push(performance.now() - pressed))
    .observe(walk, { attributeFilter: ['data-shown'] });
}
"""


@pytest.fixture(scope="module")
def server(start, pile, tmp_path_factory):
    """A server of a queue of 60 fields."""
    return start("review", pile[0] / "pile.csv", "--store", tmp_path_factory.mktemp("review") / "s.sqlite")


@pytest.fixture
def store(server):
    """The queue, with all of its fields open again."""
    with_all = Store(server.args[-1])
    for _, decision, _ in with_all.decided():
        with_all.undo(decision.token)
    with_all.release()
    yield with_all
    with_all.close()


@pytest.fixture
def numbers(pile):
    """Field -> what it shows."""
    return dict(enumerate(pile[1], 1))


@pytest.fixture
def page(server, store, browse):
    with browse(f"{server.url}/review") as page:
        yield page


def decided(store):
    """Field -> verdict or number."""
    return {field.id: one.number or one.verdict for field, one, _ in store.decided()}


def test_enter_takes_the_number_and_digits_replace_it(page, store, shown, numbers):
    assert shown(page) == "1"
    page.keyboard.press("Enter")
    assert shown(page) == "2"
    page.keyboard.type("909")
    page.keyboard.press("Enter")
    assert shown(page) == "3"
    assert decided(store) == {1: numbers[1], 2: "909"}


def test_one_key_each_for_what_is_no_number(page, store, shown):
    for key in "uns":
        shown(page)
        page.keyboard.press(key)
    assert shown(page) == "4"
    assert decided(store) == {1: "unreadable", 2: "no number", 3: "skip"}


def test_undo_brings_fields_back_one_by_one(page, store, shown):
    for _ in range(3):
        shown(page)
        page.keyboard.press("Enter")
    for field in ("3", "2", "1"):
        shown(page)
        page.keyboard.press("z")
        assert shown(page) == field
    page.keyboard.press("z")  # nothing is left to undo
    assert shown(page) == "1"
    assert decided(store) == {}


def test_keys_pressed_too_fast_are_for_the_field_that_comes(page, store, shown):
    shown(page)
    page.keyboard.type("111\n222\n333\nu")
    page.get_by_text("4 of 60 decided").wait_for()
    assert decided(store) == {1: "111", 2: "222", 3: "333", 4: "unreadable"}


def test_another_count_of_digits_is_asked_back(page, store, shown):
    shown(page)
    page.keyboard.type("42\n")
    page.get_by_text("2 digits instead of 3: press Enter again").wait_for()
    assert decided(store) == {}
    page.keyboard.press("Enter")
    assert shown(page) == "2"
    assert decided(store) == {1: "42"}


def test_the_buttons_do_what_the_keys_do(page, store, shown):
    for button in ("Take", "Unreadable", "No number", "Skip", "Undo"):
        shown(page)
        page.get_by_role("button", name=button).click()
    assert shown(page) == "4"  # which was skipped, and the skip taken back
    assert list(decided(store).values())[1:] == ["unreadable", "no number"]


def test_skipped_fields_are_asked_about_again(page, store, shown):
    assert shown(page) == "1"
    for field in range(3, 61):
        store.decide(decision_on(store.field(field)))
    while shown(page):
        page.keyboard.press("s")
    page.get_by_role("button", name="Ask again about the skipped ones").click()
    page.locator('[data-shown="1"]').wait_for()
    assert store.progress().skipped == 0


def test_progress_and_the_time_left_are_told(page, shown):
    shown(page)
    page.get_by_text("0 of 60 decided").wait_for()
    page.keyboard.press("Enter")
    page.get_by_text("1 of 60 decided, about a minute left").wait_for()


def test_the_next_field_is_there_at_once(page, shown, store):
    shown(page)
    page.evaluate(STOPWATCH)
    for _ in range(50):
        shown(page)
        page.keyboard.press("Enter")
    shown(page)
    times = sorted(page.evaluate("window.times"))
    assert len(times) == 50
    median, late = statistics.median(times), times[47]
    print(f"key to next field: median {median:.0f} ms, 95th percentile {late:.0f} ms")
    assert median < 300
    assert late < 600


def test_two_browsers_decide_no_field_twice(server, store, browse, shown, numbers):
    with browse(f"{server.url}/review") as one, browse(f"{server.url}/review") as two:
        while (field := shown(one)) and (other := shown(two)):
            assert field != other
            one.keyboard.press("Enter")
            two.keyboard.press("Enter")
    assert sorted(field.id for field, *_ in store.decided()) == sorted(numbers)
    assert len({one.reviewer for _, one, _ in store.decided()}) == 2


def test_who_comes_second_is_told(page, store, shown):
    field = int(shown(page))
    store.decide(decision_on(store.field(field)))
    page.keyboard.press("Enter")
    page.get_by_text("Somebody else had decided this one; that stands.").wait_for()
    assert len(store.decided()) == 1


def test_a_killed_browser_loses_nothing(server, store, browse, shown):
    with browse(f"{server.url}/review") as page:
        shown(page)
        page.keyboard.press("Enter")
        assert shown(page) == "2"
    with browse(f"{server.url}/review") as page:
        shown(page)
        page.get_by_text("1 of 60 decided").wait_for()


def test_a_server_killed_at_random_moments_loses_and_doubles_nothing(server, store, browse, shown, numbers):
    draw, pressed = random.Random(0), 0
    with browse(f"{server.url}/review") as page:
        for _ in range(KILLS):
            for _ in range(draw.randrange(1, 5)):
                shown(page)
                page.keyboard.press("Enter")
                pressed += 1
            time.sleep(draw.uniform(0, 0.05))
            server.kill()
            server.start()
        shown(page)
        assert len(store.decided()) == pressed
        while shown(page):
            page.keyboard.press("Enter")
            pressed += 1
    assert pressed == len(numbers)
    assert decided(store) == numbers


def decision_on(field):
    return Decision(f"before {field.id} {random.random()}", field.id, "number", "000", "somebody", 1.0)
