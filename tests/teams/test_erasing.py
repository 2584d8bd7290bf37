"""Accounts erased, and events kept for as long as a team wants."""

from datetime import timedelta
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from apps.activity.models import Delivery, Event, Notice
from apps.activity.services import create_webhook
from apps.activity.slots import MENTIONING
from apps.activity.states import DeliveryStatus
from apps.activity.workers.erasing import delete_old_events
from apps.core.errors import DomainError
from apps.core.events import record
from apps.projects.models import Project
from apps.projects.services import create_project
from apps.teams.models import Member, Team, User
from apps.teams.roles import Role
from apps.teams.scoping import everywhere, within
from apps.teams.services import InvitationRequest, erase, invite, set_event_days, set_role
from apps.teams.states import TeamStatus
from tests.support.accounts import client_after_sign_in, sure
from tests.support.factories import a_member, a_project, a_token, client_of

pytestmark = pytest.mark.django_db
PAGE = reverse("operations:erase")


def again(user: User) -> User:
    return User.objects.get(pk=user.pk)


def age_events(days: int) -> None:
    """Date all events back by so many days, past the model, which refuses to change them."""
    long_ago = timezone.now() - timedelta(days=days)
    with everywhere():
        QuerySet(Event).update(created_at=long_ago)


def test_erasing_leaves_only_a_persons_work(owner, creator):
    user, email = creator.user, creator.user.email
    a_project(owner.team, name="Harbour", created_by=user)
    a_token(creator)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    erase(user)
    gone = again(user)
    assert (gone.name, gone.is_active, str(gone)) == ("", False, "Former member")
    assert email not in gone.email
    assert not EmailAddress.objects.filter(user=user).exists()
    assert not Member.objects.filter(user=user).exists()
    with within(owner.team):
        assert Project.objects.get(name="Harbour").created_by == owner.user


def everything_kept():
    """Every row of the installation, as text."""
    with everywhere():
        for model in apps.get_models(include_auto_created=True):
            yield from (f"{model._meta.label} {row}" for row in model._base_manager.values())


def test_erasing_removes_name_and_email_from_every_row(owner, creator, stranger):
    user, email, name = creator.user, creator.user.email, creator.user.name
    client_after_sign_in(user)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    for inviter in (owner, stranger):
        ask = InvitationRequest(role=Role.VIEWER, email=email.title())
        invite(inviter, ask, idempotency_key=uuid4())
    with within(owner.team):
        create_project(owner, name="Harbour", brief=f"For @{email.partition('@')[0]}")
        webhook, _secret = create_webhook(
            owner, name="Ours", style="slack", url="https://hooks.example/a", topics=[]
        )
        record("exported", owner.team, actor=owner.user, filters={"who": name})
        record("warned", owner.team, whose=name)
        record("decided", owner.team, actor=user)
        told = {
            "topic": "decided",
            "body": f"{name} approved a clip.",
            "state": DeliveryStatus.SENT,
        }
        Delivery.objects.create(
            team=owner.team, webhook=webhook, event=Event.objects.latest("pk"), **told
        )
    kind = ContentType.objects.get_for_model(User)
    LogEntry.objects.create(
        user=owner.user, content_type=kind, object_id=user.pk, object_repr=name, action_flag=2
    )
    assert any(email in row for row in everything_kept())
    erase(user)
    assert [row for row in everything_kept() if email in row or name in row] == []


def test_every_model_that_keeps_mentions_is_registered_to_have_them_erased():
    keeping = {
        model
        for model in apps.get_models()
        if any(field.name == "mentions" for field in model._meta.fields)
    }
    assert set(MENTIONING) == keeping


def test_erasing_revokes_invitations_to_the_persons_email(stranger, creator):
    invitation, _secret = invite(
        stranger,
        InvitationRequest(role=Role.VIEWER, email=creator.user.email),
        idempotency_key=uuid4(),
    )
    erase(creator.user)
    invitation.refresh_from_db()
    assert not invitation.is_open


def test_erasing_ends_every_session(creator):
    here, there = client_after_sign_in(creator.user), client_after_sign_in(creator.user)
    assert there.get("/").status_code == 200
    erase(creator.user)
    assert not UserSession.objects.filter(user=creator.user).exists()
    assert not Session.objects.exists()
    for browser in (here, there):
        assertRedirects(browser.get("/"), "/accounts/login/?next=/", fetch_redirect_response=False)


def test_an_erased_person_cannot_sign_in(creator, client):
    email = creator.user.email
    erase(creator.user)
    answer = client.post("/accounts/login/", {"login": email, "password": "a good long password"})
    assert answer.status_code in {200, 422}
    assert "_auth_user_id" not in client.session


def test_erasing_removes_the_name_from_events_and_keeps_the_events(owner, creator):
    name, email = creator.user.name, creator.user.email
    set_role(owner, creator, Role.PRODUCER)
    record("invited", owner.team, actor=owner.user, email=email)
    erase(creator.user)
    with within(owner.team):
        told = list(Event.objects.order_by("pk"))
        assert [one.verb for one in told][:2] == ["role_changed", "invited"]
        assert not [one for one in told if name in str(one.facts) or email in str(one.facts)]
        assert {one.origin for one in told if one.actor_id == creator.user_id} == {None}
        assert not Notice.objects.filter(user=creator.user).exists()
    assertNotContains(client_of(owner).get(reverse("activity:log")), name)


@pytest.mark.parametrize("name", ["viewer", "Harbour", "Paul Pereira", "approved"])
def test_erasing_leaves_the_same_name_of_others_in_events(owner, creator, stranger, name):
    Member.objects.filter(pk=stranger.pk).update(user=creator.user)
    paul = a_member(owner.team, Role.PRODUCER, name="Paul Pereira")
    with within(owner.team):
        create_project(owner, name="Harbour")
    set_role(owner, paul, Role.VIEWER)
    record("decided", owner.team, actor=owner.user, verdict="approved")
    with everywhere():
        before = dict(Event.objects.values_list("pk", "facts"))
        User.objects.filter(pk=creator.user_id).update(name=name)
        a_member(creator.team)  # another owner of the other team
        a_member(stranger.team)
        erase(again(creator.user))
        assert dict(Event.objects.filter(pk__in=before).values_list("pk", "facts")) == before


def test_the_only_owner_transfers_the_team_before_erasing(owner, creator):
    with pytest.raises(DomainError, match="only owner of Studio Tidewater"):
        erase(owner.user)
    assert again(owner.user).is_active
    a_member(owner.team, Role.OWNER)
    erase(owner.user)
    assert not again(owner.user).is_active


def test_erasing_archives_a_team_without_others(owner):
    erase(owner.user)
    assert Team.objects.get(pk=owner.team_id).status == TeamStatus.ARCHIVED


def test_an_account_is_erased_after_its_email_is_typed(creator, owner):
    browser = sure(client_after_sign_in(creator.user))
    assertContains(browser.get(PAGE), "former member")
    wrong = browser.post(PAGE, {"email": owner.user.email})
    assertContains(wrong, "not the email of your account", status_code=422)
    assert again(creator.user).is_active
    answer = browser.post(PAGE, {"email": creator.user.email.upper()})
    assertRedirects(answer, "/accounts/login/", fetch_redirect_response=False)
    assert not again(creator.user).is_active
    assertNotContains(client_of(owner).get("/team/"), "Former member")


def test_erasing_asks_for_the_password_again(creator):
    answer = client_of(creator).post(PAGE, {"email": creator.user.email})
    assert "/accounts/reauthenticate/" in answer["Location"]
    assert again(creator.user).is_active


def test_old_events_are_deleted_and_the_deletion_recorded(owner, stranger):
    a_project(owner.team)
    record("began", a_project(owner.team), actor=owner.user, name="Old")
    record("began", a_project(stranger.team), actor=stranger.user, name="Theirs")
    age_events(100)
    assert delete_old_events() == 0
    set_event_days(owner, days=90)
    assert delete_old_events() == 1
    with within(owner.team):
        assert list(Event.objects.order_by("pk").values_list("verb", flat=True)) == [
            "kept_events",
            "forgot",
        ]
    with within(stranger.team):
        assert Event.objects.count() == 1
    assert delete_old_events() == 0


def retention_form(days: str) -> dict[str, str]:
    return {"event_days": days, "trash_days": "30"}


def test_owners_set_how_long_events_are_kept(owner, producer):
    page, browser = reverse("teams:retention"), client_of(owner)
    assert client_of(producer).post(page, retention_form("90")).status_code == 403
    browser.post(page, retention_form("365"))
    assert Team.objects.get(pk=owner.team_id).event_days == 365
    assert browser.post(page, retention_form("1")).status_code == 422
    browser.post(page, retention_form(""))
    assert Team.objects.get(pk=owner.team_id).event_days is None
