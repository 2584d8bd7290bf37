"""What happened: rows that are only ever added."""

import json
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.db import models
from django.db.models.functions import Cast, Now

from apps.core.errors import DomainError
from apps.teams.models import User
from apps.teams.scoping import TeamOwned, scoped

FORMER = "former member"
ONLY_ADDED = "Events are only ever added."


class EventQuerySet(models.QuerySet["Event"]):
    """Events can be read and added."""

    def update(self, **_: Any) -> NoReturn:
        """Refuse: what happened, happened."""
        raise DomainError(ONLY_ADDED)

    def delete(self) -> NoReturn:
        """Refuse: what happened, happened."""
        raise DomainError(ONLY_ADDED)

    def bulk_create(self, *events: Any, **options: Any) -> list["Event"]:
        """Add events; refuse to write over those that are there."""
        if options.get("update_conflicts"):
            raise DomainError(ONLY_ADDED)
        return super().bulk_create(*events, **options)

    def forget(self, user: User) -> None:
        """Take a person's name and addresses out of what happened; what they did stays, done by a former member.

        The one change there ever is: the right to be erased is stronger than a log (docs/decisions/0007).
        """
        plain: models.QuerySet[Event] = models.QuerySet(Event, using=self.db)
        plain.filter(actor=user).update(origin=None)
        names = {one for one in (user.name, user.email) if one}
        told = plain.annotate(words=Cast("facts", models.TextField()))
        about = reduce(or_, (models.Q(words__contains=json.dumps(one)[1:-1]) for one in names))
        for event in told.filter(about).only("pk", "facts").iterator():
            plain.filter(pk=event.pk).update(facts=_without(event.facts, names))

    def older(self, moment: datetime) -> int:
        """Drop what happened before `moment`, where a team keeps events for so long only; return how many."""
        return (
            models.QuerySet(Event, using=self.db, query=self.query.chain())
            .filter(created_at__lt=moment)
            .delete()[0]
        )


def _without(facts: Any, names: set[str]) -> Any:
    """Return facts in which nobody of these names stands any more."""
    if isinstance(facts, dict):
        return {key: _without(value, names) for key, value in facts.items()}
    if isinstance(facts, list):
        return [_without(value, names) for value in facts]
    return str(FORMER) if facts in names else facts


EventManager = models.Manager.from_queryset(EventQuerySet)


class Event(TeamOwned):
    """One thing that happened to one subject."""

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    verb = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=20)
    subject_id = models.UUIDField()
    # The project it is about, kept as a number: projects stand above this room.
    project_id = models.BigIntegerField(null=True)
    # The network address it was asked from; none for what the house did by itself.
    origin = models.GenericIPAddressField(null=True)
    # Whether somebody did it: true for ever, also when the person's account is gone.
    of_person = models.BooleanField(default=False)
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())

    objects: ClassVar["EventManager[Event]"] = scoped(EventManager, project="project_id")

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
        super().save(*args, **options | {"force_insert": True})  # never over the one whose key it was given

    def delete(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse: what happened, happened."""
        raise DomainError(ONLY_ADDED)
