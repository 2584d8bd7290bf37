"""Passkeys in a real browser, with an authenticator that lives in it."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from apps.demo.texts import PASSWORD
from tests.support.stack import Stack

pytestmark = pytest.mark.xdist_group("stack")
WHO = "viewer@mjweb.example"
SECURITY = "/team/me/security/"


@pytest.fixture
def at_home(browser: Browser, running_stack: Stack) -> Iterator[Page]:
    """A page on localhost, which browsers trust like HTTPS, with a device that always confirms."""
    address = running_stack.url.replace("127.0.0.1", "localhost")
    context = browser.new_context(base_url=address, viewport={"width": 360, "height": 740})
    context.set_default_timeout(15_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on(
        "console",
        lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None,
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    tools = context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": device})
    yield page
    context.close()
    assert complaints == []


def sign_in_by_password(page: Page) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(WHO)
    page.get_by_label("Password").first.fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def add_a_passkey(page: Page, *, alone: bool) -> None:
    page.goto(SECURITY)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Name").fill("The tests' own")
    page.get_by_label("Sign in without a password").set_checked(alone)
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")


def show_again_who_one_is(page: Page) -> None:
    page.get_by_role("link", name="Use a passkey instead").click()
    page.get_by_role("button", name="Use a passkey").click()


def remove_it(page: Page, *, asked: bool) -> None:
    page.goto(SECURITY)
    page.get_by_role("link", name="Remove The tests' own").click()
    if asked:
        show_again_who_one_is(page)
    page.get_by_role("button", name="Remove passkey").click()
    expect(page).to_have_url(re.compile(f"{SECURITY}$"))
    expect(page.get_by_text("The tests' own")).to_have_count(0)


def sign_out(page: Page) -> None:
    page.goto("/accounts/logout/")
    page.locator("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url("/accounts/login/")


def test_a_passkey_is_added_and_opens_the_door_alone(at_home: Page):
    sign_in_by_password(at_home)
    at_home.wait_for_url("/")
    add_a_passkey(at_home, alone=True)
    sign_out(at_home)
    at_home.get_by_role("button", name="Sign in with a passkey").click()
    at_home.wait_for_url("/")
    remove_it(at_home, asked=True)


@pytest.mark.proof
def test_a_passkey_is_asked_for_after_the_password(at_home: Page):
    sign_in_by_password(at_home)
    at_home.wait_for_url("/")
    add_a_passkey(at_home, alone=False)
    sign_out(at_home)
    sign_in_by_password(at_home)
    expect(at_home.get_by_role("heading", level=1)).to_have_text("Two-step sign-in")
    at_home.get_by_role("button", name="Use a passkey").click()
    at_home.wait_for_url("/")
    # And it shows, in place of the password, that it is still them.
    at_home.goto("/accounts/2fa/recovery-codes/generate/")
    show_again_who_one_is(at_home)
    expect(at_home.get_by_role("heading", level=1)).to_have_text("Create new recovery codes")
    remove_it(at_home, asked=False)


@pytest.mark.proof
def test_a_device_that_has_no_passkey_says_so_and_nothing_is_lost(at_home: Page):
    at_home.goto("/accounts/login/")
    at_home.get_by_label("Email").fill(WHO)
    at_home.get_by_role("button", name="Sign in with a passkey").click()
    expect(at_home.locator("form").get_by_text("Your passkey was not accepted.")).to_be_visible()
    expect(at_home.get_by_label("Email")).to_have_value(WHO)
