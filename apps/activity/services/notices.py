"""Actions of a person on their notices and preferences."""

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from apps.activity.models import Notice, Preference
from apps.activity.notification_topics import all_topics
from apps.core.event_registry import MailFrequency
from apps.teams.models import Member


def mark_read(member: Member, numbers: Collection[int] | None = None) -> int:
    """Mark notices of this person as read, or all of them; return how many."""
    mine = Notice.objects.of(member).unread()
    if numbers is not None:
        mine = mine.filter(pk__in=numbers)
    return mine.update(read_at=timezone.now())


@transaction.atomic
def save_preferences(member: Member, choices: dict[str, tuple[bool, str]]) -> None:
    """Save for each topic whether somebody sees it in the app, and how soon it is mailed."""
    for topic, (in_app, frequency) in choices.items():
        Preference.objects.update_or_create(
            team=member.team,
            user=member.user,
            topic=topic,
            defaults={"in_app": in_app, "mail": frequency},
        )


def unsubscribe(member: Member, key: str) -> None:
    """End mails to somebody about one topic, or about all without a key, also those due now."""
    keys = [one for one in all_topics() if key in {one, ""}]
    mine = Preference.objects.filter(team=member.team, user=member.user)
    in_app = {row.topic: row.in_app for row in mine}
    save_preferences(member, {one: (in_app.get(one, True), MailFrequency.NEVER) for one in keys})
    waiting = Notice.objects.filter(team=member.team, user=member.user, topic__in=keys)
    waiting.filter(mail_at__isnull=False).update(mail_at=None)
