"""Somebody in two teams, in a real browser: create, invite, switch by keyboard, and a stale tab."""

import re
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Page, expect

from apps.demo.texts import PASSWORD
from tests.support.stack import Stack

pytestmark = pytest.mark.xdist_group("stack")
NAME = "A second studio with quite a name"


@pytest.fixture
def operator(running_stack: Stack) -> Iterator[None]:
    """Let the demo's owner run the installation; afterwards there is one team again."""
    yes, no = ("true", "false") if "DATABASE_URL" in running_stack.settings else ("1", "0")
    with closing(running_stack.database()) as database:
        database.execute(f"UPDATE teams_user SET is_staff = {yes} WHERE email LIKE 'owner@%'")
        database.commit()
        yield
        database.execute(f"UPDATE teams_user SET is_staff = {no}, last_team_id = NULL")
        database.execute(
            "DELETE FROM teams_member WHERE team_id IN "
            f"(SELECT id FROM teams_team WHERE name = '{NAME}')"
        )
        database.commit()


@pytest.mark.proof
def test_a_team_is_begun_somebody_asked_in_and_a_stale_tab_changes_nothing(
    page: Page, sign_in, operator
):
    sign_in("owner")
    begin_a_team(page)
    link = ask_a_reviewer_in(page)
    tab_left_behind = page.context.new_page()
    tab_left_behind.goto("/projects/new/")
    tab_left_behind.get_by_label("Name").fill("In which team?")

    go_over_by_keyboard(page, "Studio Tidewater")
    tab_left_behind.get_by_label("Name").press("Enter")
    expect(tab_left_behind.locator("h1")).to_have_text("You have switched teams")
    tab_left_behind.go_back()
    expect(tab_left_behind.get_by_label("Name")).to_have_value("In which team?")
    page.goto("/projects/")
    expect(page.locator("main")).not_to_contain_text("In which team?")

    page.context.clear_cookies()
    join_as_the_viewer(page, link)


def begin_a_team(page: Page) -> None:
    page.locator("summary[aria-label*='account of']").click()
    page.get_by_role("link", name="New team").click()
    page.get_by_label("Name").fill(NAME)
    page.get_by_role("button", name="Create team").dblclick()
    page.wait_for_url("/team/")
    expect(page.locator("h1")).to_have_text(NAME)


def ask_a_reviewer_in(page: Page) -> str:
    page.get_by_label("Role").select_option(label="Reviewer")
    page.get_by_role("button", name="Create invite link").click()
    expect(page.locator("main")).to_contain_text("0 of 1 joined")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    link = page.get_by_label("Invite link").input_value()
    search = page.get_by_role("searchbox", name="Search clips, prompts and projects")
    search.press("Control+V")
    assert search.input_value() == link
    return link


def go_over_by_keyboard(page: Page, team: str) -> None:
    page.locator("summary[aria-label*='account of']").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    expect(page.locator(":focus")).to_contain_text(team)
    page.keyboard.press("Enter")
    page.wait_for_url("/")
    page.goto("/team/")
    expect(page.locator("h1")).to_have_text(team)


def join_as_the_viewer(page: Page, link: str) -> None:
    page.goto(link)
    expect(page.locator("main")).to_contain_text("Your role: Reviewer")
    page.get_by_role("link", name="Sign in to join").click()
    page.get_by_label("Email").fill("viewer@mjweb.example")
    page.get_by_label("Password").first.fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("/team/join/")
    page.get_by_role("button", name="Join").dblclick()
    page.wait_for_url("/")
    page.goto("/team/")
    expect(page.locator("h1")).to_have_text(NAME)
    expect(page.get_by_role("listitem").filter(has_text="Vera")).to_contain_text(
        re.compile("Reviewer")
    )
