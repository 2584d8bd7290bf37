"""Events: rows that are only ever added."""

import json
from datetime import datetime
from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.db import models
from django.db.models.functions import Cast, Now

from apps.core.errors import DomainError
from apps.teams.models import User
from apps.teams.scoping import TeamOwned, scoped_manager

FORMER = "former member"
ONLY_ADDED = "Events are only ever added."


class EventQuerySet(models.QuerySet["Event"]):
    """Events can be read and added."""

    def update(self, **_: Any) -> NoReturn:
        """Refuse: events are never changed."""
        raise DomainError(ONLY_ADDED)

    def delete(self) -> NoReturn:
        """Refuse: events are never changed."""
        raise DomainError(ONLY_ADDED)

    def bulk_create(self, *events: Any, **options: Any) -> list["Event"]:
        """Add events; refuse to write over those that are there."""
        if options.get("update_conflicts"):
            raise DomainError(ONLY_ADDED)
        return super().bulk_create(*events, **options)

    def forget(self, user: User) -> None:
        """Replace a person's name and addresses in events by those of a former member.

        It is the only change to events: the right to be erased is stronger than the log
        (docs/decisions/0007).
        """
        plain: models.QuerySet[Event] = models.QuerySet(Event, using=self.db)
        teams = set(
            plain.filter(models.Q(actor=user) | models.Q(facts__user=user.pk)).values_list(
                "team", flat=True
            )
        )
        plain.filter(actor=user).update(origin=None)
        told = plain.annotate(words=Cast("facts", models.TextField()))
        about = models.Q(words__icontains=_in_json(user.email))
        if user.name:
            about |= models.Q(words__contains=_in_json(user.name), team__in=teams)
        for event in told.filter(about).only("pk", "team_id", "facts").iterator():
            plain.filter(pk=event.pk).update(
                facts=_without(event.facts, user, in_their_team=event.team_id in teams)
            )

    def delete_older(self, moment: datetime) -> int:
        """Delete the events before `moment`, which a team does not keep; return their count."""
        return (
            models.QuerySet(Event, using=self.db, query=self.query.chain())
            .filter(created_at__lt=moment)
            .delete()[0]
        )


# Facts that hold a name, each with the facts that hold the user ids of the same people. A name is
# erased only from these and only with its id: a project or a colleague may have the same name.
NAMED_BY_NUMBER = {"person": ("user", "to"), "names": ("who",)}
# Facts with a name and without an id: the person of a budget, and the filters of an export.
WHOSE, NARROWED_BY = "whose", {"who", "person"}


def _in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _without(facts: dict[str, Any], user: User, *, in_their_team: bool) -> dict[str, Any]:
    """Return facts in which this person is not named any more."""
    named = {
        key
        for key, numbers in NAMED_BY_NUMBER.items()
        if any(user.pk == facts.get(one) or user.pk in _as_list(facts.get(one)) for one in numbers)
    }
    told = _without_names(facts, user, {*named, WHOSE} if in_their_team else named)
    if isinstance(facts.get("filters"), dict):
        told["filters"] = _without_names(
            facts["filters"], user, NARROWED_BY if in_their_team else set()
        )
    return told


def _without_names(facts: dict[str, Any], user: User, named: set[str]) -> dict[str, Any]:
    return {key: _former(value, user, is_name=key in named) for key, value in facts.items()}


def _former(value: Any, user: User, *, is_name: bool) -> Any:
    if isinstance(value, list):
        return [_former(one, user, is_name=is_name) for one in value]
    is_theirs = isinstance(value, str) and (
        value.lower() == user.email.lower() or (is_name and value == user.name)
    )
    return FORMER if is_theirs else value


def _as_list(numbers: Any) -> list[Any]:
    return numbers if isinstance(numbers, list) else []


EventManager = models.Manager.from_queryset(EventQuerySet)


class Event(TeamOwned):
    """One thing that happened to one subject."""

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    verb = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=20)
    subject_id = models.UUIDField()
    # The id of its project and no foreign key, because projects are a higher room.
    project_id = models.BigIntegerField(null=True)
    # The network address of the request; None for events that no person caused.
    origin = models.GenericIPAddressField(null=True)
    # Whether a person did it; still true after their account was deleted.
    of_person = models.BooleanField(default=False)
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())

    objects: ClassVar["EventManager[Event]"] = scoped_manager(EventManager, project="project_id")

    class Meta:
        indexes = [
            models.Index(fields=["team", "-id"], name="event_of_team"),
            models.Index(fields=["subject_id", "id"], name="event_of_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_kind} {self.subject_id}"

    def save(self, *args: Any, **options: Any) -> None:
        """Add the event; refuse to write over one."""
        if not self._state.adding:
            raise DomainError(ONLY_ADDED)
        # An insert never overwrites a row with the same key.
        super().save(*args, **options | {"force_insert": True})

    def delete(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse: events are never changed."""
        raise DomainError(ONLY_ADDED)
