"""What a person can do about their notices."""

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from apps.activity.models import Notice, Preference
from apps.activity.states import Pace
from apps.activity.topics import TOPICS
from apps.teams.models import Member


def mark_read(member: Member, numbers: Collection[int] | None = None) -> int:
    """Mark notices of this person as read, or all of them; return how many."""
    mine = Notice.objects.of(member).unread()
    if numbers is not None:
        mine = mine.filter(pk__in=numbers)
    return mine.update(read_at=timezone.now())


@transaction.atomic
def prefer(member: Member, wishes: dict[str, tuple[bool, str]]) -> None:
    """Keep how somebody wants to be told of each topic: in the app or not, and how soon by mail."""
    for topic, (in_app, pace) in wishes.items():
        Preference.objects.update_or_create(
            team=member.team,
            user=member.user,
            topic=topic,
            defaults={"in_app": in_app, "mail": pace},
        )


def leave_topic(member: Member, key: str) -> None:
    """Write to somebody no more about one topic, or about any where none is named; what waits is not sent."""
    left = [topic for topic in TOPICS if key in {topic.key, ""}]
    wishes = {
        row.topic: row.in_app
        for row in Preference.objects.filter(team=member.team, user=member.user)
    }
    prefer(member, {topic.key: (wishes.get(topic.key, True), Pace.NEVER) for topic in left})
    waiting = Notice.objects.filter(
        team=member.team, user=member.user, topic__in=[one.key for one in left]
    )
    waiting.filter(mail_at__isnull=False).update(mail_at=None)
