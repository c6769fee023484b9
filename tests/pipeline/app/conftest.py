"""A server of the page and a Chromium, each started once; fields to review."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import cv2
import pytest

from pipeline.app.review.pile import Answer, to_fields
from pipeline.app.review.store import Store

ROOT = Path(__file__).parents[3]
# Debian's; Playwright's own cannot be downloaded everywhere.
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PATIENCE = 120
# Text whose contrast to what is behind it is under 4.5:1, or under 3:1 where it is large.
TOO_PALE = """
() => {
  const numbers = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const parent = (e) => e.parentElement ?? e.getRootNode().host;
  const over = ([r, g, b, a = 1], under) => [r, g, b].map((c, k) => a * c + (1 - a) * under[k]);
  const behind = (e) => {
    if (!e) return [255, 255, 255];
    const colour = numbers(getComputedStyle(e).backgroundColor);
    return (colour[3] ?? 1) === 1 ? colour : over(colour, behind(parent(e)));
  };
  const light = (rgb) => rgb
    .map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, k) => sum + c * [0.2126, 0.7152, 0.0722][k], 0);
  const everything = (root) => [...root.querySelectorAll('*')]
    .flatMap((e) => [e, ...(e.shadowRoot ? everything(e.shadowRoot) : [])]);
  const found = [];
  for (const e of everything(document.body)) {
    const text = [...e.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data.trim()).join('');
    const style = getComputedStyle(e);
    if (!text || !e.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    if (e.closest(':disabled, [aria-disabled="true"], [data-stale="true"], script, style')) continue;
    const ground = behind(e), ink = over(numbers(style.color), ground);
    const [dark, bright] = [light(ground), light(ink)].sort((a, b) => a - b);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.6 && style.fontWeight >= 700);
    const ratio = (bright + 0.05) / (dark + 0.05);
    if (ratio < (large ? 3 : 4.5)) found.push(`${text.slice(0, 40)}: ${ratio.toFixed(2)}`);
  }
  return found;
}
"""


@pytest.fixture
def answers():
    """Function: answers of a reader, the k-th of them ``confidence[k]`` sure, accepted above 0.9."""

    def make(*confidence):
        return [
            (
                Answer(f"{k:03d}.png", f"{k:03d}", "accept" if c > 0.9 else "review", "", c, ((5, 5, 40, 30),), 3),
                {"key": f"{k:03d}", "path": f"{k:03d}.png"},
            )
            for k, c in enumerate(confidence)
        ]

    return make


@pytest.fixture
def store(tmp_path, answers):
    """A store with five doubtful fields, 000 to 004, each more certain than the one before."""
    made = Store(tmp_path / "queue.sqlite")
    made.add(to_fields(answers(0.1, 0.2, 0.3, 0.4, 0.5)))
    yield made
    made.close()


@pytest.fixture(scope="session")
def pile(digits, field, tmp_path_factory):
    """A folder of 60 fields named by number, its table (none is accepted), and the numbers in the table's order."""
    folder = tmp_path_factory.mktemp("pile")
    numbers = [f"{(k * 37 + 5) % 1000:03d}" for k in range(60)]
    lines = ["path,number,status,reason,confidence,digit_1,digit_2,digit_3,boxes"]
    for k, number in enumerate(numbers):
        cv2.imwrite(str(folder / f"{k:03d}.png"), 255 - field(number, sample=k % 30)[0])
        lines.append(f"{k:03d}.png,{number},review,low confidence,{0.3 + k / 200:.3f},,,,")
    (folder / "pile.csv").write_text("\n".join(lines) + "\n")
    return folder, numbers


class Server:
    """The command ``tridigit page`` or ``tridigit review`` in a process of its own, and where it is."""

    def __init__(self, *args, port=None):
        self.args, self.port = [*map(str, args)], port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self):
        command = [sys.executable, "-m", "pipeline.commands.main", *self.args, "--port", str(self.port)]
        environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=5):
                return
            assert self.process.poll() is None, "the server ended"
            time.sleep(0.1)
        raise TimeoutError("the server did not start")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def chromium():
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def start():
    """Function: start a server with these words of the command; it is stopped when the module's tests are done."""
    started = []

    def start(*args):
        started.append(Server(*args))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture(scope="session")
def browse(chromium):
    """Function: the context of somebody's browser at an address, who shares nothing with others.

    An error in the page's scripts, or a call to another machine, fails the test.
    """

    @contextlib.contextmanager
    def browse(url, **options):
        context = chromium.new_context(**{"viewport": {"width": 1440, "height": 1400}, **options})
        context.set_default_timeout(PATIENCE * 1000)
        page, wrong = context.new_page(), []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda r: r.url.startswith(("http://127.0.0.1:", "data:", "blob:")) or wrong.append(r.url))
        page.goto(url)
        yield page
        context.close()
        assert wrong == []

    return browse


@pytest.fixture
def shown():
    """Function: id of the field on the reviewer's screen, when it has come; '' when all is decided."""

    def shown(page):
        walk = page.locator('[data-is="walk"]:not(.busy)[data-shown]')
        walk.wait_for()
        return walk.get_attribute("data-shown")

    return shown


@pytest.fixture(scope="session")
def unreadable():
    """Function: text of a page that is too pale, and what it is if it is wider than the screen."""

    def unreadable(page):
        fits = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")
        return page.evaluate(TOO_PALE) + ([] if fits else ["wider than the screen"])

    return unreadable
