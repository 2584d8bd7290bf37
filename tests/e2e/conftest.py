"""A real browser on the running product."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from apps.demo.texts import PASSWORD
from tests.browser import ARGUMENTS, path
from tests.support.stack import Stack


@pytest.fixture(scope="package")  # its event loop runs as long, and no other test could run one
def browser() -> Iterator[Browser]:
    """Give the machine's own Chromium, or skip and say why."""
    program = path()
    if not program:
        pytest.skip(
            "no Chromium or Chrome on this machine; install one or name it in MJWEB_BROWSER"
        )
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def window(browser: Browser, running_stack: Stack) -> Iterator[BrowserContext]:
    """Give a window that has style sheets and scripts in its cache."""
    window = browser.new_context(
        base_url=running_stack.url, viewport={"width": 1280, "height": 800}
    )
    window.set_default_timeout(15_000)
    yield window
    window.close()


@pytest.fixture
def page(window: BrowserContext) -> Iterator[Page]:
    """Give a fresh page, not signed in; whatever it logs as a complaint fails the test."""
    window.clear_cookies()
    page = window.new_page()
    complaints: list[str] = []
    page.on(
        "console",
        lambda message: (
            complaints.append(message.text) if message.type in {"error", "warning"} else None
        ),
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    page.close()
    assert complaints == []


@pytest.fixture
def sign_in(page: Page) -> Any:
    """Give a function that signs a demo person in."""

    def enter(who: str) -> None:
        page.goto("/accounts/login/")
        page.get_by_label("Email").fill(f"{who}@mjweb.example")
        page.get_by_label("Password").first.fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url("/")

    return enter
