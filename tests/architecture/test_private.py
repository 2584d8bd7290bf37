"""The same addresses, knocked at for a private project of the same team: a role is no way in."""

import re
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from apps.teams.roles import Role
from tests.architecture.world import FORM, KNOCKS, PRESSED, TABLE, expected_status, way_to
from tests.support.answers import put_away
from tests.support.factories import a_member, a_private_project, belongings_of, client_of

OF_PROJECTS = {"project", "image", "ticket", "job", "clip", "film", "budget", "refund"}
ABOUT = [(name, method) for name, method in KNOCKS if TABLE["about"].get(name) in OF_PROJECTS]

pytestmark = [
    pytest.mark.xdist_group("world of private"),
    pytest.mark.django_db,
    pytest.mark.usefixtures("local_files"),
]


def out_of_sight(name: str, method: str, who: str) -> int:
    """What somebody gets who is not on the list."""
    usual = expected_status(name, method, who)
    is_hidden = usual != 405 and name not in TABLE["open_though_private"]
    return 404 if is_hidden else usual


def knock(client, method, address) -> int:
    answer = client.generic(method, address, PRESSED, FORM)
    put_away(answer)
    return answer.status_code


def test_every_exception_is_an_address():
    assert set(TABLE["open_though_private"]) <= {name for name, _method in ABOUT}


@pytest.mark.proof
@pytest.mark.parametrize(
    ("name", "method"), ABOUT, ids=[f"{name} {method}" for name, method in ABOUT]
)
def test_a_private_project_is_there_for_those_on_its_list_alone(team, stranger, name, method):
    named = a_member(team, Role.VIEWER)
    address = way_to(name, belongings_of(team, a_private_project(team, named)))
    for role in Role:
        assert knock(client_of(a_member(team, role)), method, address) == out_of_sight(
            name, method, role
        )
    assert knock(Client(), method, address) == expected_status(name, method, "stranger")
    assert knock(client_of(stranger), method, address) == expected_status(name, method, "outsider")
    assert knock(client_of(named), method, address) == expected_status(name, method, "viewer")


DEEDS = [
    ("projects:show", "GET"),
    ("projects:upload", "POST"),
    ("projects:change", "GET"),
    ("jobs:cancel", "POST"),
    ("jobs:extend", "GET"),
    ("reviews:decide", "POST"),
    ("budgets:change", "GET"),
]


@pytest.mark.proof
@pytest.mark.parametrize(("name", "method"), DEEDS)
def test_on_the_list_a_role_is_what_it_is_elsewhere(team, name, method):
    named = [a_member(team, role) for role in Role]
    address = way_to(name, belongings_of(team, a_private_project(team, *named)))
    for member in named:
        assert knock(client_of(member), method, address) == expected_status(
            name, method, member.role
        )


FILES = [
    *[("projects:image", "image", kind) for kind in ("picture", "thumbnail")],
    *[("clips:file", "clip", kind) for kind in ("video", "poster", "sprite")],
]


@pytest.mark.parametrize(("name", "what", "kind"), FILES)
def test_no_file_of_a_private_project_is_served_to_others(owner, viewer, name, what, kind):
    team = viewer.team
    theirs = belongings_of(team, a_private_project(team, viewer))
    address = reverse(name, args=[getattr(theirs, what).public_id, kind])
    assert knock(client_of(viewer), "GET", address) == 200
    for headers in ({}, {"Range": "bytes=0-9"}, {"If-None-Match": "*"}):
        assert client_of(owner).get(address, headers=headers).status_code == 404


@pytest.mark.parametrize("name", ["projects:show", "jobs:show", "reviews:clip", "jobs:extend"])
def test_what_is_hidden_reads_like_what_never_was(team, owner, viewer, name):
    theirs, client = belongings_of(team, a_private_project(team, viewer)), client_of(owner)
    hidden, unknown = client.get(way_to(name, theirs)), client.get(reverse(name, args=[uuid4()]))
    assert hidden.status_code == unknown.status_code == 404
    assert page_text(hidden) == page_text(unknown)


def page_text(answer) -> str:
    """A page without what differs each time."""
    return re.sub(
        r'x-csrftoken": "\w+"|name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode()
    )


def test_strangers_learn_nothing_from_the_door(team):
    theirs = belongings_of(team, a_private_project(team, a_member(team)))
    answer = Client().get(theirs.project.get_absolute_url())
    assert answer.headers["Location"].startswith(reverse(settings.LOGIN_URL))
