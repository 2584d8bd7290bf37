"""From a photograph to an approved clip, by mouse and keyboard, in a real browser."""

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.support.stack import PICTURES, until

pytestmark = pytest.mark.xdist_group("stack")
PATIENT = 60_000  # ms


def test_a_newcomer_makes_a_clip_and_a_reviewer_approves_it(page: Page, sign_in, tmp_path: Path):
    sign_in("creator")
    upload_a_photo(page, a_new_photo(tmp_path))
    generate(page)
    watch_it_being_made(page)
    play_and_seek(page)
    address = page.url

    page.context.clear_cookies()
    sign_in("reviewer")
    page.goto(address)
    approve_with_the_keyboard(page)
    page.goto(address)
    expect(page.locator("main")).to_contain_text("Approved")


def a_new_photo(folder: Path) -> Path:
    """The demo has the cat already: turn it round, and it is another picture."""
    photo = folder / "Cat the other way.webp"
    with Image.open(PICTURES / "chelsea.jpg") as cat:
        cat.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(photo)
    return photo


def upload_a_photo(page: Page, photo: Path) -> None:
    page.get_by_role("link", name="Projects").first.click()
    page.get_by_role("link", name="Small moments").first.click()
    page.locator("input[type=file]").set_input_files(photo)
    page.get_by_role("button", name="Add to project").click()
    expect(page.locator("main")).to_contain_text(photo.stem)


def generate(page: Page) -> None:
    page.get_by_role("link", name="Animate Cat the other way").click()
    page.get_by_label("Prompt from the library").select_option(label="Living still")
    page.get_by_label("Subject", exact=False).first.fill("The cat")
    button = page.get_by_role("button", name="Generate")
    expect(button).to_contain_text("$0.15")
    page.get_by_label("Resolution").select_option("720p")
    expect(button).to_contain_text("$0.48")
    page.get_by_label("Resolution").select_option("480p")
    expect(button).to_contain_text("$0.15")
    button.dblclick()
    page.wait_for_url(re.compile(r"/jobs/[0-9a-f-]{36}/"))
    expect(page.locator("main")).to_contain_text("The cat barely moves")


def watch_it_being_made(page: Page) -> None:
    """The gallery's tile goes through its states without a reload."""
    job = page.url.rstrip("/").rpartition("/")[2]
    page.goto("/gallery/")
    page.evaluate("window.neverReloaded = true")
    tile = page.locator(f"#job-{job} .tile")
    expect(tile).to_be_visible()
    done = page.locator(f'#job-{job} .tile[data-state="saved"]')
    expect(done).to_be_visible(timeout=PATIENT)
    assert page.evaluate("window.neverReloaded")
    done.locator("a.tile__link").click()
    page.wait_for_url(re.compile(r"/clips/"))


def play_and_seek(page: Page) -> None:
    video = page.locator(".player video")

    def ask(fact: str) -> float:
        return video.evaluate(
            f"video => Number(video.{fact})"
        )  # the policy forbids what wait_for_function does

    until(lambda: ask("readyState"), lambda state: state >= 2, what="the first frame")
    page.get_by_role("button", name="Play").first.click()
    until(lambda: ask("currentTime"), lambda time: time > 0.2, what="the clip to play")
    page.get_by_role("button", name="Pause").first.click()
    page.get_by_label("Frame", exact=True).fill("100")
    until(lambda: ask("seeking"), lambda seeking: not seeking, what="the clip to have sought")
    assert abs(ask("currentTime") - 100.5 / 24) < 0.5 / 24, "the middle of frame 100"


def approve_with_the_keyboard(page: Page) -> None:
    page.locator("#main").focus()
    page.keyboard.press("a")
    expect(page.locator(".toasts, #toasts")).to_contain_text("Approved")
