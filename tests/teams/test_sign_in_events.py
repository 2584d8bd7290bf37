"""Sign-ins and changes of an account are recorded in each of the person's teams."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.activity.models import Event
from apps.teams.roles import Role
from apps.teams.scoping import everywhere
from apps.teams.services import add_member
from tests.support.accounts import (
    CODE,
    LOGIN,
    client_after_sign_in,
    code_now,
    sure,
    with_authenticator,
)
from tests.support.factories import PASSWORD, a_team

pytestmark = pytest.mark.django_db
NEW_WORDS = {"password1": "another sentence", "password2": "another sentence"}


def recorded_events(member=None) -> list[tuple[str, dict]]:
    """What happened, in order; to one member, or to anybody."""
    with everywhere():
        events = Event.objects.order_by("pk")
        if member:
            events = events.filter(subject_id=member.public_id)
        return [(event.verb, event.facts) for event in events]


def test_sign_in_and_sign_out_are_recorded_with_their_address(viewer):
    client = client_after_sign_in(viewer.user)
    client.post("/accounts/logout/")
    assert recorded_events(viewer) == [("signed_in", {"how": "password"}), ("signed_out", {})]
    with everywhere():
        events = list(Event.objects.all())
    assert {event.origin for event in events} == {"127.0.0.1"}
    assert {event.actor for event in events} == {viewer.user}


def test_a_sign_in_is_recorded_in_each_team_of_the_person(viewer):
    other = add_member(a_team(), viewer.user, Role.OWNER)
    client_after_sign_in(viewer.user)
    assert recorded_events(viewer) == recorded_events(other) == [("signed_in", {"how": "password"})]


def test_a_sign_in_is_recorded_with_its_method(viewer):
    with_authenticator(viewer.user)
    client_after_sign_in(viewer.user)
    assert recorded_events() == [("signed_in", {"how": "password+totp"})]


def test_a_wrong_password_is_recorded_for_a_known_person_only(viewer):
    for email in (viewer.user.email.upper(), "nobody@mjweb.example"):
        Client().post(LOGIN, {"login": email, "password": "wrong"})
    assert recorded_events() == [("sign_in_failed", {"how": "password"})]
    with everywhere():
        assert Event.objects.get().actor is None  # whoever it was


def test_a_flood_of_wrong_passwords_records_few_events(viewer, client):
    for _ in range(20):
        client.post(LOGIN, {"login": viewer.user.email, "password": "wrong"})
    assert len(recorded_events()) == 5


def test_a_wrong_code_is_recorded(viewer):
    with_authenticator(viewer.user)
    client = Client()
    client.post(LOGIN, {"login": viewer.user.email, "password": PASSWORD})
    client.post(CODE, {"code": "000000"})
    client.post(CODE, {"code": code_now()})
    assert [verb for verb, _ in recorded_events()] == ["sign_in_failed", "signed_in"]


def test_a_changed_password_is_recorded(viewer):
    client_after_sign_in(viewer.user).post(
        "/accounts/password/change/", {"oldpassword": PASSWORD} | NEW_WORDS
    )
    assert ("password_changed", {"how": "by_old_one"}) in recorded_events(viewer)


def test_adding_and_removing_a_second_factor_is_recorded(viewer):
    with_authenticator(viewer.user)
    client = sure(client_after_sign_in(viewer.user))
    client.post("/accounts/2fa/recovery-codes/generate/")
    client.post("/accounts/2fa/totp/deactivate/")
    assert ("factor_removed", {"factor": "authenticator"}) in recorded_events(viewer)


def test_a_session_ended_from_elsewhere_is_recorded(viewer):
    client_after_sign_in(viewer.user)
    client_after_sign_in(viewer.user).post(reverse("teams:end_others"))
    assert ("session_ended", {}) in recorded_events(viewer)


def test_sign_in_events_hold_no_secret(viewer):
    client = client_after_sign_in(viewer.user)
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD} | NEW_WORDS)
    Client().post(LOGIN, {"login": viewer.user.email, "password": "what somebody mistyped"})
    assert not any(
        word in str(recorded_events()) for word in ("mistyped", "another sentence", PASSWORD)
    )
