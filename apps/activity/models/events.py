"""What happened: rows that are only ever added."""

from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from apps.core.errors import DomainError
from apps.teams.scoping import TeamOwned, scoped

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
