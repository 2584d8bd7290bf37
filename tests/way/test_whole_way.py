"""From a photograph to an approved clip, through the running product, without a line of JavaScript."""

import re
from pathlib import Path

import pytest

from tests.factories.people import Browser
from tests.factories.stack import ROOT_OF_PHOTOS, until

pytestmark = [pytest.mark.xdist_group("way"), pytest.mark.slow]
PHOTO = ROOT_OF_PHOTOS / "rocket.jpg"


def test_a_photograph_becomes_an_approved_clip_without_javascript(running_stack, tmp_path):
    creator = Browser(running_stack.url).sign_in("creator@mjweb.example")
    project = begin_project(creator, "No scripts today")
    photo = copy_with_a_name_of_its_own(tmp_path)
    assert creator.upload(project, photo).status_code == 302

    form = creator.order_form(f"?project={project.rsplit('/', 2)[-2]}")
    job = creator.post("/jobs/new/", form | {"text": "The rocket rises, crane up", "set_aspect_ratio": "2:3"})
    assert job.status_code == 302, job.text
    assert (
        creator.post("/jobs/new/", form | {"text": "The rocket rises, crane up"}).headers["Location"]
        == job.headers["Location"]
    )

    clip = until(lambda: clip_of(creator, job.headers["Location"]), bool, what="the clip")
    page = creator.get(clip).text
    assert "The rocket rises, crane up" in page
    assert "Clear" in page
    video = re.findall(r'<video src="([^"]+)"', page)[0]
    assert creator.get(video, headers={"Range": "bytes=100-199"}).status_code == 206

    reviewer = Browser(running_stack.url).sign_in("reviewer@mjweb.example")
    assert ask_for_changes(reviewer, clip, note="").status_code == 422
    assert ask_for_changes(reviewer, clip, note="A little slower, please").status_code == 302
    assert "A little slower, please" in creator.get(clip).text
    form = reviewer.form(clip, action=f"{clip}decide/")
    assert reviewer.post(f"{clip}decide/", form | {"verdict": "approved", "note": ""}).status_code == 302
    assert "Approved" in creator.get(clip).text


def begin_project(person: Browser, name: str) -> str:
    form = person.form("/projects/new/")
    return person.post("/projects/new/", form | {"name": name, "brief": "None"}).headers["Location"]


def copy_with_a_name_of_its_own(folder: Path) -> Path:
    photo = folder / "holiday.png"  # the name lies; the bytes decide
    photo.write_bytes(PHOTO.read_bytes())
    return photo


def clip_of(person: Browser, job: str) -> str:
    found = re.findall(r'href="(/clips/[0-9a-f-]{36}/)"', person.get(job).text)
    return found[0] if found else ""


def ask_for_changes(person: Browser, clip: str, *, note: str):
    form = person.form(clip, action=f"{clip}decide/")
    return person.post(f"{clip}decide/", form | {"verdict": "changes_requested", "note": note})
