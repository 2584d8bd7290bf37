"""The first person comes in by a link in the log: once, within a day, and here alone."""

import asyncio
import threading
from datetime import timedelta

import pytest
from django.core import signing
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertRedirects

from apps.core.errors import DomainError
from apps.teams.models import Member, Team, User
from apps.teams.services import create_first_owner, is_first_owner_token, new_first_owner_token
from mjweb.startup import StartupMessage
from tests.support.cases import case
from tests.support.factories import PASSWORD, a_user

pytestmark = pytest.mark.django_db
FIRST = {
    "name": "Olivia",
    "email": "Olivia@MJWEB.example",
    "password": PASSWORD,
    "team": "Tidewater",
}


def welcome_output(capsys) -> str:
    call_command("welcome")
    return capsys.readouterr().out


def way_in(capsys) -> str:
    return welcome_output(capsys).split("http://127.0.0.1:8000")[1].strip()


def test_the_first_person_is_owner_and_operator(capsys, client):
    way = way_in(capsys)
    assertContains(client.get(way), "You are the first person here")
    assertRedirects(client.post(way, FIRST), "/")
    member = Member.objects.get()
    assert (member.role, member.team.name, member.user.email) == (
        "owner",
        "Tidewater",
        "olivia@mjweb.example",
    )
    assert (member.user.is_staff, member.user.is_superuser) == (True, True)
    assert member.user.emailaddress_set.get().verified


def test_the_link_of_the_first_owner_works_once(capsys, client):
    way = way_in(capsys)
    client.post(way, FIRST)
    assert Client().get(way).status_code == 404
    assert Client().post(way, FIRST | {"email": "second@mjweb.example"}).status_code == 404
    assert User.objects.count() == 1


def test_the_link_of_the_first_owner_does_not_work_again_without_accounts(capsys, client):
    way = way_in(capsys)
    client.post(way, FIRST)
    User.objects.all().delete()
    assert client.get(way).status_code == 404
    assert welcome_output(capsys) == ""


def test_with_an_account_no_link_is_printed_and_none_works(capsys):
    way = way_in(capsys)
    a_user()
    assert welcome_output(capsys) == ""
    assert Client().get(way).status_code == 404


def test_the_link_of_the_first_owner_is_valid_for_a_day(capsys, client, monkeypatch):
    way = way_in(capsys)
    now = (timezone.now() + timedelta(hours=24, minutes=1)).timestamp()
    monkeypatch.setattr(signing.time, "time", lambda: now)
    assert client.get(way).status_code == 404


def test_the_first_owners_link_of_another_installation_opens_nothing(settings):
    token = new_first_owner_token()
    assert is_first_owner_token(token)
    settings.SECRET_KEY = "another " * 8
    assert not is_first_owner_token(token)


FORGED = ["x", "1:2", ":", "welcome", "../../etc/passwd", "a" * 500]


def test_a_forged_link_of_the_first_owner_opens_nothing(client):
    for token in FORGED:
        with case(token):
            assert not is_first_owner_token(token)
            assert client.get(f"/team/welcome/{token}/").status_code == 404


INCOMPLETE = [
    ("password", "short", "too short"),
    ("email", "nowhere", "valid"),
    ("team", "", "required"),
    ("name", "", "required"),
]


def test_an_incomplete_form_of_the_first_owner_comes_back_with_what_was_typed(capsys, client):
    for field, value, words in INCOMPLETE:
        with case((field, value, words)):
            response = client.post(way_in(capsys), FIRST | {field: value})
            assertContains(response, words, status_code=422)
            assertContains(response, "Olivia" if field != "name" else "Tidewater", status_code=422)
            assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite in memory lets one thread write at a time"
)
def test_of_two_first_owners_at_once_one_succeeds():
    token, outcomes = new_first_owner_token(), []
    together = threading.Barrier(2)

    def sign_up(number: int) -> None:
        together.wait()
        try:
            create_first_owner(
                token, name="N", email=f"n{number}@mjweb.example", password=PASSWORD, team="T"
            )
            outcomes.append("in")
        except DomainError:
            outcomes.append("late")
        finally:
            connections.close_all()

    people = [threading.Thread(target=sign_up, args=[number]) for number in range(2)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert sorted(outcomes) == ["in", "late"]
    assert (User.objects.count(), Team.objects.count()) == (1, 1)


def test_the_second_first_owner_is_refused_with_a_message():
    token = new_first_owner_token()
    given = {"name": "N", "password": PASSWORD, "team": "T"}
    create_first_owner(token, email="one@mjweb.example", **given)
    with pytest.raises(DomainError, match="It expired or was used"):
        create_first_owner(token, email="two@mjweb.example", **given)
    assert (User.objects.count(), Team.objects.count()) == (1, 1)


async def heard_at_start() -> list[str]:
    said, questions = [], [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]

    async def receive():
        return questions.pop(0)

    async def send(message):
        said.append(message["type"])

    await StartupMessage(None)({"type": "lifespan"}, receive, send)
    return said


@pytest.mark.django_db(transaction=True)
def test_the_web_server_prints_the_link_of_the_first_owner_at_start(capsys):
    def start() -> list[str]:
        coroutine, answers = heard_at_start(), []
        thread = threading.Thread(target=lambda: answers.extend(asyncio.run(coroutine)))
        thread.start()
        thread.join()
        return answers

    assert start() == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
