"""From a photograph to an approved clip, through the running product, without JavaScript."""

import re
from pathlib import Path

import httpx
import pytest

from tests.support.people import Browser
from tests.support.stack import PICTURES, until

pytestmark = pytest.mark.xdist_group("stack")
PHOTO = PICTURES / "rocket.jpg"


@pytest.fixture
def people(running_stack):
    with Browser(running_stack.url) as creator, Browser(running_stack.url) as reviewer:
        yield creator.sign_in("creator@mjweb.example"), reviewer.sign_in("reviewer@mjweb.example")


def test_a_photograph_becomes_an_approved_clip_without_javascript(people, tmp_path):
    creator, reviewer = people
    project = create_project(creator, "No scripts today")
    assert creator.upload(project, copy_with_a_lying_name(tmp_path)).status_code == 302

    job = order(creator, f"?project={project.split('/')[-2]}", "The rocket rises, crane up")
    clip = until(lambda: clip_of(creator, job), bool, what="the clip")
    page = creator.get(clip).text
    assert "The rocket rises, crane up" in page
    assert "Clear" in page
    video = re.findall(r'<video src="([^"]+)"', page)[0]
    assert (
        creator.get(video, headers={"Range": "bytes=100-199"}, follow_redirects=True).status_code
        == 206
    )

    assert decide(reviewer, clip, "changes_requested", note="").status_code == 422
    assert (
        decide(reviewer, clip, "changes_requested", note="A little slower, please").status_code
        == 302
    )
    assert "A little slower, please" in creator.get(clip).text
    assert decide(reviewer, clip, "approved").status_code == 302
    assert "Approved" in creator.get(clip).text


def test_the_same_form_sent_twice_is_one_job(people):
    creator, _ = people
    form = creator.order_form()
    first, second = (creator.post("/jobs/new/", form).headers["Location"] for _ in range(2))
    assert first == second


def test_nobody_comes_from_where_they_say(running_stack):
    with Browser(running_stack.url) as person:
        person.http.headers["X-Forwarded-For"] = "203.0.113.9"
        person.sign_in("viewer@mjweb.example")
    told = running_stack.rows("SELECT DISTINCT origin FROM activity_event WHERE verb = 'signed_in'")
    assert [str(address) for (address,) in told] == ["127.0.0.1"]


def order(person: Browser, query: str, words: str) -> str:
    answer = person.post(
        "/jobs/new/", person.order_form(query) | {"text": words, "set_aspect_ratio": "2:3"}
    )
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def create_project(person: Browser, name: str) -> str:
    form = person.form("/projects/new/")
    return person.post("/projects/new/", form | {"name": name, "brief": "None"}).headers["Location"]


def copy_with_a_lying_name(folder: Path) -> Path:
    photo = folder / "holiday.png"  # it is a JPEG: the bytes decide
    photo.write_bytes(PHOTO.read_bytes())
    return photo


def clip_of(person: Browser, job: str) -> str:
    found = re.findall(r'href="(/clips/[0-9a-f-]{36}/)"', person.get(job).text)
    return found[0] if found else ""


def decide(person: Browser, clip: str, verdict: str, *, note: str = "") -> httpx.Response:
    form = person.form(clip, action=f"{clip}decide/")
    return person.post(f"{clip}decide/", form | {"verdict": verdict, "note": note})
