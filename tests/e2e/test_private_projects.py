"""A private project, from its beginning to somebody who was added, as people do it in a browser."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.xdist_group("stack")
WIDTHS = (360, 1280, 1920)


@pytest.mark.proof
def test_a_project_is_begun_in_private_and_somebody_found_by_name_is_let_in(page: Page, sign_in):
    sign_in("creator")
    page.goto("/projects/new/")
    page.get_by_label("Name").fill("Hush")
    page.get_by_label("Private").check()
    page.get_by_role("button", name="Create project", exact=True).click()
    expect(page.locator("h1")).to_contain_text("Hush")
    page.get_by_role("link", name="Settings", exact=True).click()
    expect(page.locator("#others li")).to_have_count(4)
    page.get_by_role("searchbox", name="Find people").press_sequentially("vera")
    expect(page.locator("#others li")).to_have_count(1)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.get_by_role("button", name="Add Vera").click()
    expect(page.locator("#toasts")).to_contain_text("was added")
    expect(page.get_by_role("button", name="Remove Vera")).to_be_visible()
    page.get_by_role("button", name="Leave", exact=True).click()
    page.locator("#confirm").get_by_role("button", name="Leave project").click()
    expect(page.locator("#toasts")).to_contain_text("was removed from this project")
    expect(page.locator("#main")).not_to_contain_text("Hush")
