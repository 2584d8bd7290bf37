import pytest
from django.db import transaction

from apps.activity.models import Event
from apps.core.errors import DomainError
from apps.core.events import record
from apps.teams.scoping import within
from tests.support.cases import case
from tests.support.factories import a_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(owner):
    project = a_project(owner.team)
    with within(owner.team):
        record("began", project, actor=owner.user, name="X")
        yield Event.objects.get()


def test_an_event_says_who_did_what_to_what(event, owner):
    assert (event.actor, event.verb, event.subject_kind, event.facts) == (
        owner.user,
        "began",
        "project",
        {"name": "X"},
    )


CHANGES = {
    "update": lambda: Event.objects.update(verb="never happened"),
    "delete": lambda: Event.objects.all().delete(),
    "bulk update": lambda: Event.objects.bulk_update(Event.objects.all(), ["verb"]),
}


def test_an_event_is_neither_changed_nor_deleted(event):
    for name, change in CHANGES.items():
        with (
            case(name),
            pytest.raises(DomainError, match="only ever added"),
            transaction.atomic(),
        ):
            change()


def test_each_team_has_its_own_history(event, stranger):
    with within(stranger.team):
        assert event not in Event.objects.all()
