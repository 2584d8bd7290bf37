import json
from datetime import timedelta
from itertools import product

import pytest
from django.test import Client
from django.utils import timezone

from apps.core.errors import DomainError, NotAllowed
from apps.projects.models import Project
from apps.teams.models import Token
from apps.teams.models.tokens import NEVER_GRANTED
from apps.teams.roles import Permission, Role
from apps.teams.scoping import within
from apps.teams.services import create_token, revoke_token, suspend
from apps.teams.states import TeamStatus
from tests.support.cases import case
from tests.support.factories import a_member, a_project, a_token, a_user, client_of

pytestmark = pytest.mark.django_db


def machine(secret: str, **options) -> Client:
    return Client(
        headers={"authorization": f"Bearer {secret}"}, enforce_csrf_checks=True, **options
    )


def archive(team):
    team.status = TeamStatus.ARCHIVED
    team.save()


def test_a_token_sees_what_its_member_sees(owner):
    project = a_project(owner.team, name="Harbour")
    _token, secret = a_token(owner)
    answer = machine(secret).get(project.get_absolute_url())
    assert answer.status_code == 200
    assert "Harbour" in answer.content.decode()


def test_a_token_sees_nothing_of_other_teams(owner, stranger):
    theirs = a_project(stranger.team)
    _token, secret = a_token(owner)
    assert machine(secret).get(theirs.get_absolute_url()).status_code == 404


def test_a_token_works_in_the_team_it_was_created_in(owner, stranger):
    elsewhere = a_member(stranger.team, Role.OWNER)
    elsewhere.user = owner.user
    elsewhere.save()
    project = a_project(stranger.team)
    _token, secret = a_token(elsewhere)
    assert machine(secret).get(project.get_absolute_url()).status_code == 200


def test_a_token_acts_within_its_scopes_and_needs_no_csrf_token(owner):
    _token, secret = a_token(owner, Permission.PLAN)
    answer = machine(secret).post("/projects/new/", {"name": "Made by a machine"})
    assert answer.status_code == 302, answer.content
    with within(owner.team):
        assert Project.objects.get(name="Made by a machine").created_by == owner.user


def test_a_token_cannot_act_beyond_its_scopes(owner):
    _token, secret = a_token(owner, Permission.DECIDE)
    answer = machine(secret).post("/projects/new/", {"name": "Made by a machine"})
    assert answer.status_code == 403
    assert "This token lacks the scope" in answer.content.decode()


def test_a_token_never_exceeds_its_members_current_role(owner):
    _token, secret = a_token(owner, Permission.PLAN)
    owner.role = Role.VIEWER
    owner.save()
    assert machine(secret).post("/projects/new/", {"name": "Late"}).status_code == 403


PERSONAL_PAGES = [
    "/team/me/",
    "/team/me/tokens/",
    "/accounts/password/change/",
    "/accounts/email/",
    "/admin/",
]


def test_no_token_opens_a_page_about_the_person(owner):
    _token, secret = a_token(owner)
    for method, address in product(("get", "post"), PERSONAL_PAGES):
        with case((address, method)):
            answer = getattr(machine(secret), method)(address)
            assert answer.status_code == 403
            assert "Tokens can't open" in json.loads(answer.content)["error"]


PAGES_WITHOUT_A_TEAM = [
    "/me/data/",
    "/me/privacy/",
    "/me/erase/",
    "/team/me/security/",
    "/accounts/email/",
    "/team/new/",
]


def test_a_token_of_a_suspended_team_opens_nothing(owner):
    _token, secret = a_token(owner)
    suspend(a_user(is_staff=True), owner.team, "Unpaid bills.")
    for address, method in product(PAGES_WITHOUT_A_TEAM, ("GET", "POST")):
        with case((method, address)):
            answer = machine(secret).generic(method, address)
            assert answer.status_code == 403
            assert answer.json() == {"error": "Tokens can't open this page."}


def test_an_unknown_token_is_answered_with_401(client, db):
    for secret in ("", "mjweb_", "mjweb_wrong", "sk-123", "x" * 5000, "mjweb_ü"):
        with case(secret):
            answer = client.get("/", headers={"authorization": f"Bearer {secret}"})
            assert answer.status_code == 401
            assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_wrong_token_is_not_saved_by_a_good_cookie(owner):
    answer = client_of(owner).get("/", headers={"authorization": "Bearer mjweb_wrong"})
    assert answer.status_code == 401


def test_an_expired_token_opens_nothing(owner):
    token, secret = a_token(owner)
    Token.objects.filter(pk=token.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert machine(secret).get("/").status_code == 401


def test_a_revoked_token_opens_nothing(owner):
    token, secret = a_token(owner)
    revoke_token(owner, token)
    assert machine(secret).get("/").status_code == 401


def test_the_token_of_a_former_or_inactive_member_opens_nothing(owner, creator):
    _token, secret = a_token(creator)
    _other, kept = a_token(owner)
    creator.delete()
    owner.user.is_active = False
    owner.user.save()
    assert machine(secret).get("/").status_code == 401
    assert machine(kept).get("/").status_code == 401


def test_only_the_hash_of_a_token_is_stored(owner):
    token, secret = a_token(owner)
    kept = Token.objects.filter(pk=token.pk).values().get()
    assert secret.removeprefix("mjweb_") not in str(kept)
    assert kept["hint"] == secret[-4:]


def test_the_secret_of_a_token_is_shown_once(owner):
    browser = client_of(owner)
    shown = browser.post(
        "/team/me/tokens/", {"name": "Nightly export", "days": "30", "scopes": ["spend"]}
    )
    assert shown["Cache-Control"] == "no-store"
    secret = shown.context["secret"]
    assert secret in shown.content.decode()
    again = browser.get("/team/me/tokens/").content.decode()
    assert "Nightly export" in again
    assert secret not in again
    assert machine(secret).get("/money/").status_code == 200


def test_the_use_of_a_token_is_recorded_once_a_minute(owner):
    token, secret = a_token(owner)
    machine(secret, REMOTE_ADDR="203.0.113.9").get("/")
    token.refresh_from_db()
    first, whence = token.used_at, token.used_from
    machine(secret, REMOTE_ADDR="203.0.113.9").get("/")
    token.refresh_from_db()
    assert (token.used_at, whence) == (first, "203.0.113.9")
    assert first is not None


def test_nobody_gives_a_token_more_than_they_may(creator):
    with pytest.raises(DomainError, match="that you don't have"):
        create_token(creator, name="More", scopes=[Permission.SPEND], days=30)


@pytest.mark.parametrize("permission", sorted(NEVER_GRANTED))
def test_some_permissions_are_never_given_to_a_token(owner, permission):
    with pytest.raises(DomainError):
        create_token(owner, name="More", scopes=[permission], days=30)
    token, _secret = a_token(owner)
    Token.objects.filter(pk=token.pk).update(scopes=[permission.value])
    token.refresh_from_db()
    assert token.permissions == set()


def test_a_token_lasts_a_year_at_most(owner):
    for days in (0, -1, 367, 100_000):
        with case(days), pytest.raises(DomainError, match="up to 1 year"):
            create_token(owner, name="Long", scopes=[], days=days)


def test_a_second_token_of_the_same_name_is_refused(owner):
    browser, typed = client_of(owner), {"name": "Nightly", "days": "30", "scopes": ["spend"]}
    browser.post("/team/me/tokens/", typed)
    again = browser.post("/team/me/tokens/", typed)
    assert again.status_code == 422
    assert "already have a token with this name" in again.context["form"].errors["name"][0]
    assert Token.objects.count() == 1


def test_reviewers_create_no_tokens(reviewer):
    with pytest.raises(NotAllowed):
        create_token(reviewer, name="Mine", scopes=[], days=30)


def test_an_owner_sees_and_revokes_everybodys_tokens(owner, creator):
    token, _secret = a_token(creator)
    browser = client_of(owner)
    assert str(token) in browser.get("/team/me/tokens/").content.decode()
    browser.post(f"/team/me/tokens/{token.public_id}/revoke/")
    token.refresh_from_db()
    assert token.revoked_at


def test_others_revoke_only_their_own_tokens(producer, creator):
    token, _secret = a_token(creator)
    assert client_of(producer).post(f"/team/me/tokens/{token.public_id}/revoke/").status_code == 403
    assert client_of(creator).post(f"/team/me/tokens/{token.public_id}/revoke/").status_code == 302


def test_a_token_of_an_archived_team_changes_nothing(owner):
    _token, secret = a_token(owner, Permission.PLAN)
    archive(owner.team)
    assert machine(secret).post("/projects/new/", {"name": "Late"}).status_code == 403
    assert machine(secret).get("/projects/").status_code == 200
