"""Notifications and pages of decisions on clips."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from apps.core.event_registry import (
    ListPage,
    MailFrequency,
    RoomEvents,
    SubjectPage,
    Topic,
    registry,
)
from apps.jobs.states import State
from apps.teams.roles import Permission

TOPICS = (
    Topic(
        key="to_decide",
        label=_("A clip is waiting for a decision"),
        position=70,
        verb="moved",
        kind="job",
        facts={"to": str(State.SAVED)},
        heard_by=Permission.DECIDE,
        not_by_author=True,
        one=_("A clip in %(project)s is waiting for a decision."),
        many=ngettext_lazy(
            "%(count)d clip in %(project)s is waiting for a decision.",
            "%(count)d clips in %(project)s are waiting for a decision.",
            "count",
        ),
        many_on="queue",
        mail=MailFrequency.DAILY,
    ),
)


def register() -> None:
    """Register this room's notification topics and pages."""
    registry.register(
        RoomEvents(
            pages=(SubjectPage(kind="clip", page="reviews:clip"),),
            lists=(ListPage(key="queue", page="reviews:queue"),),
            topics=TOPICS,
        )
    )
