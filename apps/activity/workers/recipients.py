"""Recipients: who is notified of which event, found in a few queries for many events."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from apps.activity.models import Event, Preference
from apps.activity.visibility import member_lists
from apps.core.event_registry import Audience, Topic, model_of, registry
from apps.teams.models import Member
from apps.teams.roles import Permission


class Recipients:
    """The members of some events' teams, the projects they see, and their preferences."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._members: dict[int, list[Member]] = defaultdict(list)
        teams = {event.team_id for event in events}
        for member in (
            Member.objects.filter(team__in=teams).select_related("team", "user").order_by("pk")
        ):
            self._members[member.team_id].append(member)
        self._authors = _authors(events)
        rows = Preference.objects.filter(team__in=teams)
        self._preferences = {
            (row.team_id, row.user_id, row.topic): (row.in_app, row.mail) for row in rows
        }
        self._lists = member_lists(
            teams, {event.project_id for event in events if event.project_id}
        )

    def of(self, event: Event, topic: Topic) -> list[Member]:
        """Return who is notified of an event under a topic.

        Never the actor, and nobody who may not see the event's project.
        """
        return [
            member
            for member in self._members[event.team_id]
            if member.user_id != event.actor_id
            and not member.team.is_suspended
            and self._is_meant(member, event, topic)
            and member.pk in self._lists.get(event.project_id or 0, {member.pk})
        ]

    def preference(self, member: Member, topic: Topic) -> tuple[bool, str]:
        """Return whether somebody sees a topic in the app, and how soon it is mailed."""
        return self._preferences.get(
            (member.team_id, member.user_id, topic.key), (True, topic.mail)
        )

    def _is_meant(self, member: Member, event: Event, topic: Topic) -> bool:
        is_author = self._authors.get(event.subject_id) == member.user_id
        if topic.heard_by == Audience.AUTHOR:
            return is_author
        if topic.heard_by == Audience.NAMED:
            is_named = str(member.public_id) == event.facts.get("member")
            return is_named or member.user_id in _numbers(event.facts.get("who"))
        if topic.heard_by == Audience.SUBJECT:
            return member.public_id == event.subject_id
        return not (topic.not_by_author and is_author) and member.may(Permission(topic.heard_by))


def _authors(events: Iterable[Event]) -> dict[UUID, int | None]:
    """Return the author of each subject of these events.

    It is the actor of the event that created the subject, or a column of the subject's row.
    """
    verbs = [verb.key for verb in registry.verbs.values() if verb.makes_author]
    kinds = {event.subject_id: event.subject_kind for event in events}
    beginnings = Event.objects.filter(subject_id__in=kinds, verb__in=verbs)
    authors: dict[UUID, int | None] = dict(beginnings.values_list("subject_id", "actor_id"))
    for kind in registry.kinds.values():
        if kind.author_column and kind.key in kinds.values():
            rows = model_of(kind).objects.filter(public_id__in=kinds)
            authors |= dict(rows.values_list("public_id", kind.author_column))
    return authors


def _numbers(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
