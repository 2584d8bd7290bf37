"""Every page at every width, by keyboard alone, under a thumb, and for those who asked for calm."""

import re
from collections.abc import Iterator
from contextlib import closing
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.support.stack import Stack, until

pytestmark = pytest.mark.xdist_group("stack")
PATIENT = 60_000  # ms
WIDTHS = (360, 1280, 1920)
PAGES = (
    "/",
    "/gallery/",
    "/gallery/?state=moving&q=there-is-no-such-thing",
    "/gallery/trash/",
    "/projects/",
    "/projects/new/",
    "/prompts/",
    "/prompts/new/",
    "/jobs/new/",
    "/jobs/accounts/",
    "/jobs/late/",
    "/clips/review/",
    "/money/",
    "/money/lines/",
    "/costs/clips/",
    "/money/budgets/",
    "/money/prices/",
    "/team/",
    "/team/settings/",
    "/team/leave/",
    "/team/me/",
    "/team/me/security/",
    "/accounts/password/change/",
    "/activity/notices/",
    "/activity/me/",
    "/activity/log/",
    "/activity/webhooks/",
)
# What has the focus shows it: itself, its tile, its card, or the picture it stands for.
SHOWS_FOCUS = """() => {
  const here = document.activeElement;
  const image = here.closest(".pick")?.querySelector("img");
  const shown = [here, here.closest(".tile, .card--link"), image];
  return shown.some((one) => one && getComputedStyle(one).outlineStyle !== "none"
    && parseFloat(getComputedStyle(one).outlineWidth) >= 2);
}"""
# What stands alone and is pressed; a link within a sentence or a table is as high as its line.
TOO_SMALL_FOR_A_THUMB = """() => {
  const pressed = ".button, .filter, .menu__item, .crumb, summary, select, .field--check";
  const small = ({ width, height }, icon) => height < 39.5 || (icon && width < 39.5);
  return [...document.querySelectorAll(pressed)]
    .filter((one) => one.checkVisibility() && !one.closest(".tile"))
    .filter((one) => small(one.getBoundingClientRect(), one.matches(".button--icon")))
    .map((one) => one.outerHTML.slice(0, 120));
}"""


@pytest.fixture
def a_clip(running_stack: Stack) -> str:
    """The address of a clip that waits for a decision."""
    sql = "SELECT public_id FROM clips_clip WHERE verdict = 'undecided' ORDER BY id"
    found = until(lambda: running_stack.rows(sql), bool, what="a clip that waits")
    return f"/clips/{UUID(str(found[0][0]))}/"


@pytest.fixture
def every_clip_is_flagged(running_stack: Stack) -> Iterator[None]:
    """While this lasts, the vendor has flagged every clip."""
    with closing(running_stack.database()) as database:
        database.execute("UPDATE clips_clip SET nsfw = 'flagged'")
        database.commit()
        yield
        database.execute("UPDATE clips_clip SET nsfw = 'clear'")
        database.commit()


@pytest.mark.proof
@pytest.mark.timeout(900)
def test_no_page_scrolls_sideways_or_lacks_its_heading(page: Page, sign_in, a_clip: str):
    sign_in("owner")
    for address in (*PAGES, a_clip):
        page.goto(address)
        expect(page.locator("h1")).to_have_count(1)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert over <= 0, f"{address} at {width} px is {over} px too wide"


@pytest.mark.proof
@pytest.mark.timeout(900)
def test_a_thumb_hits_what_it_aims_at(browser: Browser, page: Page, sign_in, a_clip: str):
    sign_in("owner")
    phone = browser.new_context(
        base_url=page.url, storage_state=page.context.storage_state(),
        viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True,
    )  # fmt: skip
    with closing(phone.new_page()) as touched:
        for address in (*PAGES, a_clip):
            touched.goto(address)
            assert touched.evaluate(TOO_SMALL_FOR_A_THUMB) == [], address
            assert touched.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (
                address
            )
        touched.locator(".menu > summary").first.click()
        assert touched.evaluate(TOO_SMALL_FOR_A_THUMB) == []
    phone.close()


@pytest.mark.proof
@pytest.mark.timeout(900)
@pytest.mark.parametrize("address", ["/gallery/", "/jobs/new/", "/projects/"])
def test_the_focus_can_be_seen_wherever_tab_leads(page: Page, sign_in, address: str):
    sign_in("owner")
    page.goto(address)
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            return
        assert page.evaluate(SHOWS_FOCUS), page.evaluate("document.activeElement.outerHTML")
    pytest.fail("Tab never left the page")


@pytest.mark.proof
def test_on_a_phone_nothing_that_has_the_focus_lies_behind_what_sticks_to_the_lower_edge(
    page: Page, sign_in, a_clip: str
):
    sign_in("reviewer")
    phone = page.context.new_page()  # whose console may tell of the 422
    phone.set_viewport_size({"width": 360, "height": 740})
    phone.goto(a_clip)
    phone.locator("[value=changes_requested]").click()
    note, buttons = phone.locator("#id_note"), phone.locator(".decision__buttons")
    expect(phone.locator("#id_note_error")).to_be_in_viewport()
    expect(note).to_be_focused()
    until(
        lambda: bottom(note), lambda edge: edge <= top(buttons), what="the note above the buttons"
    )


@pytest.mark.proof
def test_the_tab_somebody_is_on_is_in_sight_on_a_phone(page: Page, sign_in):
    sign_in("viewer")
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/me/privacy/")
    expect(page.locator(".tabs [aria-current]")).to_be_in_viewport(ratio=0.9)


@pytest.mark.proof
def test_what_is_written_while_an_answer_is_on_its_way_is_kept(page: Page, sign_in):
    sign_in("creator")
    page.goto("/jobs/new/")
    held: list[Route] = []
    page.route(re.compile("/jobs/new/preview/"), lambda route: held.append(route))  # noqa: PLW0108  # it marks what it is given
    with page.expect_request(re.compile("/jobs/new/preview/")):
        page.get_by_label("Resolution").select_option("720p")
    page.get_by_label("Your prompt").fill("Waves roll in")
    with page.expect_response(re.compile("/jobs/new/preview/")):
        held[0].continue_()
    expect(page.get_by_role("button", name="Generate · $0.48")).to_be_visible()
    expect(page.get_by_label("Your prompt")).to_have_value("Waves roll in")


def bottom(one: Locator) -> float:
    """Return where its box ends on the screen."""
    return float(one.evaluate("one => one.getBoundingClientRect().bottom"))


def top(one: Locator) -> float:
    """Return where its box begins on the screen."""
    return float(one.evaluate("one => one.getBoundingClientRect().top"))


def test_a_clip_is_approved_and_taken_back_by_keyboard_alone(page: Page, sign_in, a_clip: str):
    sign_in("reviewer")
    page.keyboard.press("Control+k")
    page.keyboard.type("reviews")
    page.keyboard.press("Enter")
    page.wait_for_url("/clips/review/")
    page.keyboard.press("j")
    expect(page.locator(".tile__link:focus")).to_be_visible()
    page.keyboard.press("Space")
    expect(page.locator("#lightbox")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".tile__link:focus")).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/clips/[0-9a-f-]{36}/"))
    here = page.url
    page.keyboard.press("a")
    expect(page.locator("#toasts")).to_contain_text("Approved")
    # What came in is ready to be pressed a moment after it can be seen.
    expect(
        page.locator(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")
    ).to_have_count(0)
    page.keyboard.press("z")
    expect(page.locator("#toasts")).to_contain_text("Withdrawn")
    expect(page).to_have_url(here)
    expect(page.locator("#decision")).to_contain_text("In review")


def test_filters_leave_the_address_clean_and_the_focus_where_it_was(page: Page, sign_in):
    sign_in("viewer")
    page.goto("/gallery/")
    menu = page.get_by_label("Status")
    menu.focus()
    menu.select_option("saved")
    page.wait_for_url("/gallery/?state=saved")
    expect(page.get_by_label("Status")).to_be_focused()
    taken_off = page.get_by_role("link", name="Remove filter Saved")
    taken_off.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/gallery/\??$"))
    expect(taken_off).to_have_count(0)
    expect(page.get_by_label("Status")).to_be_focused()


@pytest.mark.proof
def test_on_a_phone_the_decision_lies_under_the_thumb(page: Page, sign_in, a_clip: str):
    sign_in("reviewer")
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(a_clip)
    approve = page.locator("[value=approved]").bounding_box()
    tabs = page.get_by_role("navigation", name="Main").bounding_box()
    assert approve
    assert tabs
    assert approve["y"] + approve["height"] <= tabs["y"]


def test_a_flagged_clip_stays_blurred_until_somebody_looks(
    page: Page, sign_in, every_clip_is_flagged, a_clip: str
):
    sign_in("reviewer")
    page.goto("/clips/review/")
    tile = page.locator("[data-tile]").first
    expect(tile).to_have_attribute("data-veil", "true")
    page.keyboard.press("j")
    page.keyboard.press("Space")
    expect(page.locator("#lightbox")).to_be_hidden()
    tile.get_by_role("button", name="Show").click()
    expect(tile).to_have_attribute("data-veil", "false")
    page.reload()
    expect(tile).to_have_attribute("data-veil", "false")


@pytest.mark.proof
def test_nothing_moves_for_those_who_asked_for_calm(page: Page, sign_in, a_clip: str):
    page.emulate_media(reduced_motion="reduce")
    sign_in("reviewer")
    page.goto("/clips/review/")
    page.keyboard.press("j")
    expect(page.locator(".tile__link:focus")).to_be_visible()
    expect(page.locator("[data-scrubbing]")).to_have_count(0)
    page.keyboard.press("Space")
    video = page.locator("#lightbox video")
    until(
        lambda: video.evaluate("video => video.readyState"),
        lambda ready: ready >= 2,
        what="the clip",
    )
    assert video.evaluate("video => video.paused")


@pytest.mark.proof
def test_a_job_that_left_the_page_while_its_tiles_were_asked_for_disturbs_nobody(
    page: Page, sign_in, a_clip: str
):
    sign_in("creator")
    page.goto("/gallery/?state=saved")  # the grid itself shows clips, and jobs on their way alone
    job = page.locator("[data-job]").first.get_attribute("data-job")
    with page.expect_response(lambda answer: "/gallery/tiles/" in answer.url):
        page.evaluate(
            """job => {
                const address = `${document.body.dataset.tiles}?id=${job}`;
                const done = htmx.ajax("GET", address, {swap: "none"});
                document.getElementById(`job-${job}`).remove();
                return done;
            }""",
            job,
        )
    expect(page.locator(f"#job-{job}")).to_have_count(0)
