"""`make screenshots`: every page of the demo at three widths, dark and light, into screenshots/.

A running installation can be named by its address; without one, a fresh demo is started. The
picture of the README is one of them: `make screenshots README=1` renews it.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from apps.demo.texts import PASSWORD
from tests.browser import ARGUMENTS, path
from tests.support.stack import installation, until

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "screenshots"
PICTURE = ROOT / "docs" / "img" / "gallery.webp"
WIDTHS = (360, 1280, 1920)
PAGES = {
    "desk": "/",
    "gallery": "/gallery/",
    "trash": "/gallery/trash/",
    "gallery-nothing": "/gallery/?q=there-is-no-such-thing",
    "projects": "/projects/",
    "project-new": "/projects/new/",
    "prompts": "/prompts/",
    "prompt-new": "/prompts/new/",
    "generate": "/jobs/new/",
    "late": "/jobs/late/",
    "accounts": "/jobs/accounts/",
    "review": "/clips/review/",
    "money": "/money/",
    "ledger": "/money/lines/",
    "per-clip": "/costs/clips/",
    "budgets": "/money/budgets/",
    "prices": "/money/prices/",
    "people": "/team/",
    "team-settings": "/team/settings/",
    "team-leave": "/team/leave/",
    "invitation-closed": "/team/join/nobody-was-given-this/",
    "notices": "/activity/notices/",
    "notifications": "/activity/me/",
    "audit-log": "/activity/log/",
    "webhooks": "/activity/webhooks/",
    "profile": "/team/me/",
    "security": "/team/me/security/",
    "tokens": "/team/me/tokens/",
    "privacy": "/me/privacy/",
    "sign-out": "/accounts/logout/",
    "no-such-page": "/there/is/none/",
}


def link_below(address: str) -> str:
    """Select a link to a page below this one, such as that of one project."""
    return f"a[href^='{address}']:not([href$='/new/']):not([href='{address}'])"


# Where a page of one thing is found: on which page, and by which link.
FOUND = {
    "project": ("/projects/", link_below("/projects/")),
    "prompt": ("/prompts/", link_below("/prompts/")),
    "clip": ("/gallery/", "a.tile__link[href^='/clips/']"),
    "job": ("/money/lines/", ".ledger a[href^='/jobs/']"),
    "budget": ("/money/budgets/", f"main {link_below('/money/budgets/')}"),
    "member": ("/team/", "a[href^='/team/people/']"),
}


def main() -> None:
    """Take them all."""
    with _running() as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path(), args=ARGUMENTS)
        if os.environ.get("README"):
            _take_picture(browser, address)
            return
        for theme in ("dark", "light"):
            _take(browser, address, theme)
        browser.close()


@contextmanager
def _running() -> Iterator[str]:
    if len(sys.argv) > 1:
        yield sys.argv[1]
        return
    with tempfile.TemporaryDirectory() as folder, installation(Path(folder), longest=1600) as stack:
        stack.start()
        until(stack.states, lambda states: set(states) == {"saved"}, what="the demo's clips")
        yield stack.url


def _take(browser: Browser, address: str, theme: str) -> None:
    page = _page(browser, address, theme)
    page.goto("/accounts/login/")
    _shoot(page, "sign-in", theme)
    _sign_in(page)
    for name, where in PAGES.items():
        page.goto(where)
        _shoot(page, name, theme)
    for name, (where, link) in FOUND.items():
        page.goto(where)
        page.goto(page.locator(link).first.get_attribute("href") or where)
        _shoot(page, name, theme)
    page.context.close()


def _page(browser: Browser, address: str, theme: str, **options: float) -> Page:
    scheme = "dark" if theme == "dark" else "light"
    return browser.new_context(base_url=address, color_scheme=scheme, **options).new_page()


def _sign_in(page: Page) -> None:
    page.get_by_label("Email").fill("owner@mjweb.example")
    page.get_by_label("Password").first.fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("/")


def _shoot(page: Page, name: str, theme: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800 if width > 400 else 740})
        page.wait_for_load_state("load")
        page.screenshot(path=FOLDER / f"{name}-{width}-{theme}.png", full_page=True)


def _take_picture(browser: Browser, address: str) -> None:
    page = _page(browser, address, "dark", device_scale_factor=1.5)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto("/accounts/login/")
    _sign_in(page)
    page.goto("/gallery/")
    page.wait_for_timeout(1500)
    PICTURE.parent.mkdir(exist_ok=True)
    FOLDER.mkdir(exist_ok=True)
    page.screenshot(path=FOLDER / "readme.png")
    with Image.open(FOLDER / "readme.png") as shot:
        shot.save(PICTURE, quality=82, method=6)


if __name__ == "__main__":
    main()
