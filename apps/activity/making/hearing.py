"""Who hears of which event, found in a few queries for many events."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from apps.activity.models import Event, Preference
from apps.activity.seeing import lists_of
from apps.activity.topics import Hears, Topic
from apps.teams.models import Member


class Hearers:
    """The members of some events' teams, what they may see, and what they want to hear."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._members: dict[int, list[Member]] = defaultdict(list)
        teams = {event.team_id for event in events}
        for member in (
            Member.objects.filter(team__in=teams).select_related("team", "user").order_by("pk")
        ):
            self._members[member.team_id].append(member)
        self._makers = _makers(events)
        rows = Preference.objects.filter(team__in=teams)
        self._wishes = {
            (row.team_id, row.user_id, row.topic): (row.in_app, row.mail) for row in rows
        }
        self._lists = lists_of(teams, {event.project_id for event in events if event.project_id})

    def of(self, event: Event, topic: Topic) -> list[Member]:
        """Return who hears of this event as of this topic: never whoever did it, nor who may not see it."""
        return [
            member
            for member in self._members[event.team_id]
            if member.user_id != event.actor_id
            and not member.team.is_suspended
            and self._is_meant(member, event, topic)
            and member.pk in self._lists.get(event.project_id or 0, {member.pk})
        ]

    def wishes(self, member: Member, topic: Topic) -> tuple[bool, str]:
        """Return whether somebody hears of a topic in the app, and how soon by mail."""
        return self._wishes.get((member.team_id, member.user_id, topic.key), (True, topic.mail))

    def _is_meant(self, member: Member, event: Event, topic: Topic) -> bool:
        if topic.told == Hears.MAKER:
            return self._makers.get(event.subject_id) == member.user_id
        if topic.told == Hears.NAMED:
            named = str(member.public_id) == event.facts.get("member")
            return named or member.user_id in _numbers(event.facts.get("who"))
        if topic.told == Hears.SUBJECT:
            return member.public_id == event.subject_id
        ours = topic.key != "to_decide" or self._makers.get(event.subject_id) != member.user_id
        return ours and member.may(topic.told)


def _makers(events: Iterable[Event]) -> dict[UUID, int | None]:
    """Return who ordered each of the jobs these events are about, as the events of their orders say."""
    jobs = {event.subject_id for event in events if event.subject_kind == "job"}
    orders = Event.objects.filter(subject_id__in=jobs, subject_kind="job", verb="ordered")
    return dict(orders.values_list("subject_id", "actor_id"))


def _numbers(said: Any) -> list[Any]:
    return said if isinstance(said, list) else [said]
