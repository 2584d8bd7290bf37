"""No page offers a role a link or a form that is closed to it."""

import re
import tomllib
from html import unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from django.urls import Resolver404, resolve

from apps.jobs.models import Job
from apps.jobs.states import State
from apps.teams.roles import Role
from apps.teams.scoping import within
from tests.support.factories import a_job, a_member, belongings_of, client_of

TABLE = tomllib.loads(Path(__file__).with_name("access.toml").read_text())
TAG = re.compile(r"<(a|form|button)\b[^>]*>")
MOST_PAGES = 120

pytestmark = [
    pytest.mark.xdist_group("world of ways"),
    pytest.mark.proof,
    pytest.mark.django_db,
    pytest.mark.usefixtures("local_files"),
]


def ways_on(page: str):
    """The addresses a page leads to, each with the method it is asked with."""
    for tag in TAG.finditer(re.sub(r"<template\b.*?</template>", "", page, flags=re.DOTALL)):
        said = dict(
            re.findall(r'\s(href|action|formaction|method|hx-get|hx-post)="([^"]*)"', tag[0])
        )
        method = "POST" if said.get("method") == "post" or "formaction" in said else "GET"
        for name in ("href", "action", "formaction", "hx-get"):
            if name in said:
                yield method, unescape(said[name])
        if "hx-post" in said:
            yield "POST", unescape(said["hx-post"])


def allows(role: Role, method: str, path: str) -> bool:
    try:
        name = resolve(path).view_name
    except Resolver404:
        return True  # a file, or another site
    answers = TABLE["pages"].get(name, {}).get(method)
    return answers is None or answers[TABLE["who"].index(role.value)] != 403


def furnish(team):
    """Give a team one of everything, and a job in every state."""
    theirs = belongings_of(team)
    for state in State:
        a_job(team, state, image=theirs.image, account=theirs.account)
    with within(team):
        Job.objects.filter(state=State.FAILED).update(is_late=True)


def walk(client, role: Role) -> tuple[set[str], set[tuple[str, str, str]]]:
    """Follow every link from the first page on; return what was seen, and what is closed."""
    seen, ahead, closed = set(), ["/"], set()
    while ahead and len(seen) < MOST_PAGES:
        here = ahead.pop(0)
        answer = client.get(here)
        if answer.status_code != 200 or "text/html" not in answer["Content-Type"]:
            continue
        for method, way in ways_on(answer.content.decode()):
            there = urljoin(here, way).partition("#")[0]
            if there.startswith("/accounts/") or urlsplit(there).netloc:
                continue
            if not allows(role, method, urlsplit(there).path):
                closed.add((urlsplit(here).path, method, urlsplit(there).path))
            elif method == "GET" and there not in seen:
                seen.add(there)
                ahead.append(there)
    return seen, closed


@pytest.mark.parametrize("furnished", [False, True], ids=["new team", "busy team"])
@pytest.mark.parametrize("role", Role)
def test_no_page_leads_to_a_closed_door(team, role, furnished):
    if furnished:
        furnish(team)
    seen, closed = walk(client_of(a_member(team, role)), role)
    assert not closed
    assert len(seen) > (20 if furnished else 5)
