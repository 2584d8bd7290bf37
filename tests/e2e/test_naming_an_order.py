"""Somebody finds an unconfirmed order in the vendor's list and names it, in a browser."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.xdist_group("stack")
PATIENT = 30_000  # ms
# it never arrives, and who sent it cannot know
IN_DOUBT = "Nobody says anything [fault:answer_cut_before]"


@pytest.mark.proof
def test_an_id_that_is_being_typed_outlives_what_moves_on_the_page(page: Page, sign_in):
    sign_in("creator")
    order_from_comet(page, IN_DOUBT)
    expect(page.locator(".standing")).to_contain_text("Unconfirmed", timeout=PATIENT)
    page.get_by_text("Can you see it in CometAPI's list?").click()
    field = page.get_by_label("ID at the vendor")
    field.fill("1795219")
    with page.expect_response(lambda answer: answer.url == page.url):
        page.evaluate(
            "document.dispatchEvent(new CustomEvent('mjweb:jobs', { detail: { ids: [] } }))"
        )
    expect(field).to_have_value("1795219")
    expect(field).to_be_visible()
    page.get_by_role("button", name="Check this ID").click()
    expect(page.locator(".standing")).to_contain_text("Asking the vendor about 1795219.")


def order_from_comet(page: Page, words: str) -> None:
    page.goto("/jobs/new/")
    button = page.get_by_role("button", name="Generate").last
    page.get_by_label("Vendor").select_option(label="Sandbox, as CometAPI")
    expect(button).to_contain_text("$0.60")
    image = page.locator("input[name=image]").first
    with page.expect_response(re.compile("/jobs/new/preview/")):
        image.check(force=True)
    expect(page.locator(".htmx-request")).to_have_count(0)
    expect(image).to_be_checked()
    page.locator("#order-form textarea").first.fill(words)
    button.click()
    page.wait_for_url(re.compile(r"/jobs/[0-9a-f-]{36}/"))
