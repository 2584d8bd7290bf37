"""Notices, preferences, and the cursor of the worker that makes notices of events."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from apps.activity.models.events import Event
from apps.core.event_registry import MailFrequency
from apps.teams.models import Member
from apps.teams.scoping import TeamOwned, scoped_manager

PERSON = settings.AUTH_USER_MODEL


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Queries on notices."""

    def of(self, member: Member) -> "NoticeQuerySet":
        """Return a person's notices in this team that are shown in the app."""
        return self.filter(team=member.team_id, user=member.user_id, in_app=True)

    def unread(self) -> "NoticeQuerySet":
        """Return those that are not read yet."""
        return self.filter(read_at=None)


NoticeManager = models.Manager.from_queryset(NoticeQuerySet)


class Notice(TeamOwned):
    """One event that one person is notified of, and under which topic."""

    user = models.ForeignKey(PERSON, on_delete=models.CASCADE, related_name="+")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+")
    topic = models.CharField(max_length=20)
    in_app = models.BooleanField(default=True)
    read_at = models.DateTimeField(null=True)
    # The time it is due to be mailed, which a claim moves on; None if no mail is due.
    mail_at = models.DateTimeField(null=True)
    mail_tries = models.PositiveSmallIntegerField(default=0)
    mailed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar["NoticeManager[Notice]"] = scoped_manager(
        NoticeManager, project="event__project_id"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["event", "user"], name="notice_once_per_event_and_person"
            )
        ]
        indexes = [
            models.Index(fields=["user", "team", "-id"], name="notice_of_person"),
            models.Index(
                fields=["user", "team"],
                condition=models.Q(read_at=None, in_app=True),
                name="notice_unread",
            ),
            models.Index(
                fields=["mail_at"], condition=models.Q(mail_at__isnull=False), name="notice_to_mail"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} for {self.user_id}"


class Preference(TeamOwned):
    """One person's choice for one topic in one team."""

    user = models.ForeignKey(PERSON, on_delete=models.CASCADE, related_name="+")
    topic = models.CharField(max_length=20)
    in_app = models.BooleanField(default=True)
    mail = models.CharField(max_length=6, choices=MailFrequency.choices)

    objects: ClassVar[models.Manager["Preference"]] = scoped_manager(models.Manager)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "user", "topic"], name="preference_once_per_topic"
            ),
            models.CheckConstraint(
                condition=models.Q(mail__in=MailFrequency.values), name="preference_pace_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic}: {self.mail}"


class FanOutCursor(models.Model):
    """The events that are notices and deliveries already: one row in an installation."""

    done_up_to = models.BigIntegerField(default=0)
    # Events above `done_up_to` that are done, too: rows may commit in another order than their
    # numbers.
    done_above = models.JSONField(default=list)
    claimed_until = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"done up to {self.done_up_to}"
