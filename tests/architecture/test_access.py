"""Every address is knocked at by everybody; access.toml says what each of them gets."""

import tomllib
from pathlib import Path

import pytest
from django.conf import settings
from django.core import signing
from django.test import Client
from django.urls import get_resolver, reverse

from apps.activity.making.mailing import SALT
from apps.projects.handover import PictureTicket
from apps.teams.models import Invitation
from apps.teams.models.invitations import hash_of
from apps.teams.roles import Role
from apps.teams.services import write_welcome
from tests.factories.house import a_guest, a_member, belongings_of, client_of

TABLE = tomllib.loads(Path(__file__).with_name("access.toml").read_text())
KNOCKS = [(name, method) for name, methods in TABLE["pages"].items() for method in methods]
PRESSED, FORM = "pressed=yes", "application/x-www-form-urlencoded"
# Other people's houses, with locks of their own; accounts/ has its own table (test_access_accounts.py).
NOT_OURS = {"admin/", "accounts/"}

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("local_files")]


def addresses(resolver, prefix=""):
    for pattern in resolver.url_patterns:
        if not hasattr(pattern, "url_patterns"):
            yield f"{prefix}{pattern.name}"
        elif str(pattern.pattern) not in NOT_OURS:
            yield from addresses(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)


def token_of(invitation) -> str:
    """The secret of an invitation's link; only its hash is kept, so it gets a new one."""
    Invitation.objects.filter(pk=invitation.pk).update(token_hash=hash_of("told-to-somebody"))
    return "told-to-somebody"


def way_to(name: str, theirs) -> str:
    """The address of a page about this team's belongings."""
    about = {
        "project": [theirs.project.public_id],
        "image": [theirs.image.public_id, "picture"],
        "ticket": [PictureTicket.write(theirs.image)],
        "prompt": [theirs.prompt.public_id],
        "account": [theirs.account.pk],
        "job": [theirs.job.public_id],
        "clip": [theirs.clip.public_id],
        "budget": [theirs.budget.public_id],
        "refund": [theirs.refund.pk],
        "hook": [theirs.delivery.hook.public_id],
        "delivery": [theirs.delivery.public_id],
        "leave": [signing.dumps([0, theirs.project.team_id, ""], salt=SALT)],
        "token": [theirs.token.public_id],
        "mark": ["wavespeed", "nobody-was-given-this"],
        "session": [1],
        "welcome": [write_welcome()],
        "team": [theirs.project.team.public_id],
        "member": [theirs.member.public_id],
        "invitation": [theirs.invitation.public_id],
        "link": [token_of(theirs.invitation)],
        "film": [theirs.clip.public_id, "video"],
    }
    return reverse(name, args=about[TABLE["about"][name]] if name in TABLE["about"] else [])


@pytest.fixture
def everybody(team, stranger):
    """One browser for each column of the table."""
    members = {role.value: client_of(a_member(team, role)) for role in Role}
    return {"stranger": Client(), "outsider": client_of(stranger), "guest": a_guest(team), **members}


def test_every_address_has_its_rows():
    assert set(addresses(get_resolver())) == set(TABLE["pages"])
    assert all(set(methods) == {"GET", "POST"} for methods in TABLE["pages"].values())


@pytest.mark.parametrize(("name", "method"), KNOCKS, ids=[f"{name} {method}" for name, method in KNOCKS])
def test_everybody_gets_what_the_table_says(team, everybody, name, method):
    address = way_to(name, belongings_of(team))
    answers = [client.generic(method, address, PRESSED, FORM) for client in everybody.values()]
    statuses = [answer.status_code for answer in answers]
    assert dict(zip(everybody, statuses, strict=True)) == dict(
        zip(TABLE["who"], TABLE["pages"][name][method], strict=True)
    )
    for who, answer in zip(everybody, answers, strict=True):
        to_the_door = answer.headers.get("Location", "").startswith(reverse(settings.LOGIN_URL))
        assert to_the_door == (who in {"stranger", "guest"} and answer.status_code == 302)
        answer.close()


def test_a_link_lets_a_guest_see_the_invitation_and_nothing_else():
    who = TABLE["who"]
    differing = [
        (name, method)
        for name, methods in TABLE["pages"].items()
        for method, row in methods.items()
        if row[who.index("guest")] != row[who.index("stranger")]
    ]
    assert differing == [("teams:join", "GET")]


def test_the_admin_site_is_for_operators_alone(everybody):
    assert {client.get("/admin/").status_code for client in everybody.values()} == {302}


@pytest.mark.parametrize("name", ["email", "change_password", "set_password", "reauthenticate"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_changes_an_account_without_signing_in(client, name, method):
    response = client.generic(method, reverse(f"account_{name}"), PRESSED, FORM)
    assert response["Location"].startswith(reverse(settings.LOGIN_URL))
