"""A real Chromium, a pretend Inkbox, and the page as `inkbatch web` serves it."""

import os
import re
import shutil
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.acceptance.terminal import Terminal, free_port, sandbox_process, wait_until

NAMES = ("chromium", "chromium-browser", "google-chrome")
WAITS_AT_MOST_MS = 60_000
expect.set_options(timeout=WAITS_AT_MOST_MS)


@pytest.fixture(scope="session")
def chromium():
    """The system's browser; without one the tests fail and say what to install."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.fail("the browser tests need Chromium, such as: apt-get install chromium")
    return path


@pytest.fixture(scope="module")
def browser(chromium):
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield started
        started.close()


@dataclass(frozen=True)
class Desk:
    """The page as a process, and what a person beside it can see."""

    url: str
    link: str
    folder: object
    sandbox: object
    browser: Browser
    terminal: Terminal

    def visit(self, path="/", **options) -> Page:
        """Open a window of a browser that nobody let in, and go to a path."""
        page = self.browser.new_context(
            viewport={"width": 1280, "height": 900}, **options
        ).new_page()
        page.set_default_timeout(WAITS_AT_MOST_MS)
        page.goto(f"{self.url}{path}")
        return page


@pytest.fixture(scope="module")
def desk(browser, tmp_path_factory):
    """One page for all tests of a module, each of which makes campaigns of its own."""
    folder = tmp_path_factory.mktemp("desk")
    terminal = Terminal(
        folder,
        {
            "HOME": str(folder),
            "PATH": os.defpath,
            "INKBATCH_API_KEY": "sandbox",
            "INKBATCH_DATABASE_URL": f"sqlite:///{folder / 'desk.db'}",
            "INKBATCH_POLL_SECONDS": "0.3",
        },
    )
    port, said = free_port(), folder / "web.log"
    with sandbox_process(terminal, free_port(), "--durations", "0.02") as sandbox:
        terminal.environment["INKBATCH_BASE_URL"] = sandbox.base_url
        with (
            said.open("w") as output,
            terminal.started("web", "--port", port, output=output) as process,
        ):
            wait_until(lambda: process.poll() is not None or "Ctrl-C" in said.read_text())
            assert process.poll() is None, said.read_text()
            link = re.search(r"http://\S+/enter\?token=\S+", said.read_text())[0]
            yield Desk(f"http://127.0.0.1:{port}", link, folder, sandbox, browser, terminal)


@pytest.fixture(scope="module")
def signed_in(desk):
    """What a browser keeps once its operator came in by the link on the terminal."""
    page = desk.browser.new_context().new_page()
    page.goto(desk.link)
    page.wait_for_url(f"{desk.url}/")
    return page.context.storage_state()


@pytest.fixture
def page(desk, signed_in):
    """A window of the operator, in which every error of a script fails the test."""
    window = desk.visit(storage_state=signed_in)
    errors = []
    window.on("pageerror", lambda error: errors.append(str(error)))
    window.on(
        "console",
        lambda message: errors.append(message.text) if "Security Policy" in message.text else None,
    )
    yield window
    window.context.close()
    assert errors == []
