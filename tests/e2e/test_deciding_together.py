"""Two people in front of the same clip, in a real browser on the running product."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.people import Browser as Visitor
from tests.support.stack import Stack

pytestmark = pytest.mark.xdist_group("stack")
PATIENT = 30_000  # ms


def test_what_a_colleague_decides_appears_and_leaves_the_note_that_is_being_written(
    page: Page, sign_in, running_stack: Stack
):
    sign_in("reviewer")
    page.goto("/clips/review/")
    page.locator("#waiting a[href^='/clips/']").first.click()
    expect(page.locator("#decision-chip")).to_have_text("In review")
    note = page.get_by_label("Note")
    note.fill("The camera should")
    note.focus()
    with Visitor(running_stack.url) as owner:
        place = page.url.removeprefix(running_stack.url)
        form = owner.sign_in("owner@mjweb.example").form(place, action=f"{place}decide/")
        assert owner.post(f"{place}decide/", form | {"verdict": "approved"}).status_code == 302
    expect(page.locator("#decision-chip")).to_have_text("Approved", timeout=PATIENT)
    expect(page.get_by_role("list", name="Decision history").get_by_role("listitem")).to_have_count(
        1
    )
    expect(note).to_have_value("The camera should")
    expect(note).to_be_focused()


@pytest.mark.proof
def test_words_go_along_to_another_project(page: Page, sign_in):
    sign_in("creator")
    page.goto("/jobs/new/")
    words = page.locator("#order-form textarea").first
    words.fill("A slow dolly in")
    vendor = page.get_by_role("combobox", name="Vendor")
    other = vendor.locator("option:not(:checked)").first.get_attribute("value")
    with page.expect_response(re.compile("/jobs/new/preview/")):
        vendor.select_option(other)
    expect(vendor).to_have_value(other or "")
    project = page.get_by_role("combobox", name="Project", exact=True)
    another = project.locator("option:not(:checked)").first.get_attribute("value")
    with page.expect_response(lambda answer: "/jobs/new/" in answer.url):
        project.select_option(another)
    expect(project).to_have_value(another or "")
    expect(page).to_have_url(re.compile(another or ""))
    expect(vendor).to_have_value(other or "")
    expect(page.locator("#order-form textarea").first).to_have_value("A slow dolly in")


@pytest.mark.proof
def test_what_is_written_on_the_way_to_another_project_is_newer_than_what_goes_along(
    page: Page, sign_in
):
    sign_in("creator")
    page.goto("/jobs/new/")
    words = page.locator("#order-form textarea").first
    words.fill("A slow dolly in")
    project = page.get_by_role("combobox", name="Project", exact=True)
    another = project.locator("option:not(:checked)").first.get_attribute("value")
    held: list[Route] = []
    page.route(re.compile("/jobs/new/preview/"), lambda route: held.append(route))  # noqa: PLW0108  # it marks what it is given
    with page.expect_request(re.compile("/jobs/new/preview/")):
        project.select_option(another)
    words.fill("A slow dolly in, gulls cross the frame")
    with page.expect_response(re.compile("/jobs/new/preview/")):
        held[0].continue_()
    expect(page).to_have_url(re.compile(another or ""))
    expect(words).to_have_value("A slow dolly in, gulls cross the frame")


@pytest.mark.proof
def test_a_double_tap_decides_on_one_clip(page: Page, sign_in):
    sign_in("reviewer")
    page.goto("/clips/review/")
    page.get_by_role("link", name="Start reviewing").click()
    page.wait_for_url(re.compile("/clips/[0-9a-f-]{36}/"))
    first = page.url
    box = page.get_by_role("button", name="Approve").bounding_box() or {}
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.click(*middle)
    page.wait_for_function("address => location.href !== address", arg=first)
    expect(page.get_by_role("button", name="Approve")).to_be_visible()
    second = page.url
    page.mouse.click(*middle)
    expect(page.locator("#toasts")).to_contain_text("Approved")
    page.reload()
    expect(page).to_have_url(second)
    expect(page.locator("#decision-chip")).to_have_text("In review")
    page.goto(first)
    page.get_by_role("button", name="Withdraw decision").click()
    expect(page.locator("#decision-chip")).to_have_text("In review")
