"""The bell moves by itself, and an @ finds people, in a real browser on the running product."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from apps.demo.texts import PASSWORD
from tests.support.people import Browser as Visitor
from tests.support.stack import Stack, until

pytestmark = pytest.mark.xdist_group("stack")
PATIENT = 30_000  # ms


@pytest.fixture
def other(browser: Browser, running_stack: Stack) -> Iterator[Page]:
    """Give a window in which the demo's viewer, whom only a mention reaches, sees the projects."""
    context = browser.new_context(
        base_url=running_stack.url, viewport={"width": 360, "height": 740}
    )
    page = context.new_page()
    page.goto("/accounts/login/?next=/projects/")
    page.get_by_label("Email").fill("viewer@mjweb.example")
    page.get_by_label("Password").first.fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("/projects/")
    read_what_others_left(page, running_stack)
    yield page
    context.close()


def read_what_others_left(page: Page, stack: Stack) -> None:
    """Mark as read what earlier tests gave notice of, once all of it has arrived."""
    until(lambda: has_told_everything(stack), bool, what="the notices of earlier events")
    page.goto("/activity/notices/")
    everything = page.get_by_role("button", name="Mark all as read")
    if everything.count():
        everything.click()
    expect(page.get_by_role("link", name="Notifications, none unread")).to_be_visible()
    page.goto("/projects/")


def has_told_everything(stack: Stack) -> bool:
    """Return whether the newest event was fanned out; events are in the order of their numbers."""
    ((newest,),) = stack.rows("SELECT max(id) FROM activity_event")
    return any(
        newest <= up_to or str(newest) in re.findall(r"\d+", str(above))
        for up_to, above in stack.rows("SELECT done_up_to, done_above FROM activity_fanoutcursor")
    )


def test_whoever_is_mentioned_by_the_keyboard_hears_of_it_without_a_reload(
    page: Page, sign_in, other: Page
):
    unread = other.get_by_role("link", name=re.compile("unread notification"))
    expect(unread).to_have_count(0)
    sign_in("producer")
    page.goto("/projects/new/")
    page.get_by_label("Name").fill("Rain <b>study</b>")
    brief = page.get_by_label("Brief")
    brief.press_sequentially("For @ver")
    options = page.get_by_role("option")
    expect(options).to_have_count(1)
    expect(brief).to_have_attribute("aria-activedescendant", re.compile("mentions-"))
    brief.press("Escape")
    expect(options).to_have_count(0)
    brief.press_sequentially("a")
    expect(options).to_have_text(["Vera Voss@VeraVoss"])
    brief.press("Enter")
    expect(brief).to_have_value("For @VeraVoss ")
    page.get_by_role("button", name="Create project").click()
    expect(page.locator(".mention")).to_have_text("@VeraVoss")

    expect(other.get_by_role("link", name="1 unread notification")).to_be_visible(timeout=PATIENT)
    expect(other.locator("#announcer")).to_have_text("1 unread notification")
    assert other.evaluate("document.documentElement.scrollWidth <= innerWidth")
    other.locator("#bell").click()
    line = other.get_by_role("link", name="Paul Pereira mentioned you in Rain <b>study</b>.")
    line.click()
    expect(other.locator("h1")).to_have_text("Rain <b>study</b>")
    expect(other.get_by_role("link", name="Notifications, none unread")).to_be_visible()


@pytest.mark.proof
def test_notices_can_be_marked_without_a_mouse(other: Page, running_stack: Stack):
    with Visitor(running_stack.url) as producer:
        form = producer.sign_in("producer@mjweb.example").form("/projects/new/")
        assert (
            producer.post(
                "/projects/new/", form | {"name": "Night", "brief": "@VeraVoss"}
            ).status_code
            == 302
        )
    expect(other.get_by_role("link", name="1 unread notification")).to_be_visible(timeout=PATIENT)
    other.goto("/activity/notices/")
    other.get_by_role("button", name="Mark all as read").press("Enter")
    expect(other.get_by_role("link", name="Notifications, none unread")).to_be_visible()
