"""What somebody wrote when their session ended is there after they signed in, for them alone."""

import re

import pytest
from playwright.sync_api import Page, expect

from apps.demo.texts import PASSWORD

pytestmark = pytest.mark.xdist_group("stack")
SESSION = re.compile("session$")


def test_a_note_outlives_the_session(page: Page, sign_in):
    write_a_note_while_the_session_ends(page, sign_in, "Hold the last frame")
    sign_in_here(page, "reviewer")
    expect(page.get_by_label("Note")).to_have_value("Hold the last frame")
    page.reload()
    expect(page.get_by_label("Note")).to_have_value("")


@pytest.mark.proof
def test_a_note_outlives_a_new_sign_in_in_another_tab(page: Page, sign_in):
    sign_in("reviewer")
    tab = page.context.new_page()  # its console names the refused request, as it should
    tab.goto("/clips/review/")
    tab.locator("#waiting a[href^='/clips/']").first.click()
    tab.get_by_label("Note").fill("Slower at the end")
    tab.context.clear_cookies(name=re.compile("csrf$"))
    with tab.expect_navigation():
        tab.get_by_role("button", name="Request changes").click()
    expect(tab.get_by_label("Note")).to_have_value("Slower at the end")
    tab.close()


@pytest.mark.proof
def test_who_signs_in_instead_does_not_read_what_was_written(page: Page, sign_in):
    write_a_note_while_the_session_ends(page, sign_in, "Between us: dull")
    sign_in_here(page, "producer")
    expect(page.get_by_label("Note")).to_have_value("")


@pytest.mark.proof
def test_an_order_outlives_the_session(page: Page, sign_in):
    sign_in("creator")
    page.goto("/jobs/new/")
    page.locator("#order-form textarea").first.fill("The boat drifts off")
    page.context.clear_cookies(name=SESSION)
    page.get_by_role("button", name="Generate").click()
    sign_in_here(page, "creator")
    expect(page.locator("#order-form textarea").first).to_have_value("The boat drifts off")


def write_a_note_while_the_session_ends(page: Page, sign_in, words: str) -> None:
    sign_in("reviewer")
    page.goto("/clips/review/")
    page.locator("#waiting a[href^='/clips/']").first.click()
    page.get_by_label("Note").fill(words)
    page.context.clear_cookies(name=SESSION)
    page.get_by_role("button", name="Request changes").click()


def sign_in_here(page: Page, who: str) -> None:
    """Where the page itself has led."""
    page.wait_for_url(re.compile("/accounts/login/"))
    page.get_by_label("Email").fill(f"{who}@mjweb.example")
    page.get_by_label("Password").first.fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(re.compile("/(clips|jobs)/"))
