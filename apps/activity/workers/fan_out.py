"""The fan-out: new events become notices for people and deliveries for webhooks.

Events may commit in another order than their numbers. So the cursor keeps the numbers of those that
are done above the point up to which nothing can come any more, and moves that point on when they
age. Notices, deliveries and the cursor are written in one transaction: a worker that dies loses
nothing and doubles nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.activity.models import Delivery, Event, FanOutCursor, Notice, Webhook
from apps.activity.notification_topics import topics_of, verbs_with_topics
from apps.activity.visibility import member_lists
from apps.activity.workers.mail_times import mail_time
from apps.activity.workers.recipients import Recipients
from apps.activity.workers.webhook_delivery import message_of
from apps.core.event_registry import MailFrequency
from apps.teams.models import Team

SETTLED_AFTER = timedelta(seconds=20)  # longer than any transaction of ours
MOST_AT_ONCE = 500  # events


def fan_out(now: datetime | None = None) -> int:
    """Notify of up to MOST_AT_ONCE new events; return their count. One query if there are none."""
    now = now or timezone.now()
    cursor, _made = FanOutCursor.objects.get_or_create(pk=1, defaults={"claimed_until": now})
    new = Event.objects.filter(pk__gt=cursor.done_up_to).order_by("pk")
    rows = list(new.values_list("pk", "created_at"))
    if not rows:
        return 0
    done = set(cursor.done_above)
    fresh = [pk for pk, _at in rows if pk not in done][:MOST_AT_ONCE]
    up_to = _settled_number(cursor.done_up_to, rows, done.union(fresh), now)
    if (not fresh and up_to == cursor.done_up_to) or not _claim(cursor, now):
        return 0
    return _write(cursor, fresh, up_to, now)


def _settled_number(
    up_to: int, rows: Iterable[tuple[int, datetime]], done: set[int], now: datetime
) -> int:
    """Return the number up to which all events are done and no more can commit."""
    for pk, created_at in rows:
        if pk not in done or created_at > now - SETTLED_AFTER:
            break
        up_to = pk
    return up_to


def _claim(cursor: FanOutCursor, now: datetime) -> bool:
    """Claim the cursor; return whether it was free."""
    free = FanOutCursor.objects.filter(
        pk=cursor.pk, claimed_until=cursor.claimed_until, claimed_until__lte=now
    )
    cursor.claimed_until = now + settings.CLAIM
    return bool(free.update(claimed_until=cursor.claimed_until))


def _write(cursor: FanOutCursor, fresh: Sequence[int], up_to: int, now: datetime) -> int:
    events = Event.objects.filter(pk__in=fresh, verb__in=verbs_with_topics())
    with_topics = list(events.select_related("actor", "team").order_by("pk"))
    notices = notices_of(with_topics, now)
    deliveries = deliveries_of(with_topics, now)
    with transaction.atomic():
        ours = FanOutCursor.objects.filter(pk=cursor.pk, claimed_until=cursor.claimed_until)
        above = sorted(pk for pk in {*cursor.done_above, *fresh} if pk > up_to)
        if not ours.update(done_up_to=up_to, done_above=above, claimed_until=now):
            return 0  # Our claim expired: its new holder writes the same rows.
        Notice.objects.bulk_create(notices, ignore_conflicts=True)
        Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
    return len(fresh)


def notices_of(events: Sequence[Event], now: datetime) -> list[Notice]:
    """Return the notices of these events, one per event and person."""
    if not events:
        return []
    recipients = Recipients(events)
    return [notice for event in events for notice in _notices_of(event, recipients, now)]


def _notices_of(event: Event, recipients: Recipients, now: datetime) -> Iterable[Notice]:
    notified: set[int] = set()
    for topic in topics_of(event.verb, event.subject_kind, event.facts):
        for member in recipients.of(event, topic):
            if member.user_id in notified:
                continue
            notified.add(member.user_id)
            in_app, frequency = recipients.preference(member, topic)
            if in_app or frequency != MailFrequency.NEVER:
                yield Notice(
                    team=member.team,
                    user=member.user,
                    event=event,
                    topic=topic.key,
                    in_app=in_app,
                    mail_at=mail_time(frequency, member.user, now),
                )


def deliveries_of(events: Sequence[Event], now: datetime) -> list[Delivery]:
    """Return the deliveries of these events to webhooks; private projects are left out."""
    teams: dict[int, Team] = {event.team_id: event.team for event in events}
    webhooks: dict[int, list[Webhook]] = defaultdict(list)
    for webhook in Webhook.objects.filter(team__in=teams, is_on=True):
        webhooks[webhook.team_id].append(webhook)
    if not webhooks:
        return []
    private = member_lists(webhooks, {event.project_id for event in events if event.project_id})
    return [
        Delivery(
            team=event.team,
            webhook=webhook,
            event=event,
            topic=topic.key,
            body=message_of(webhook, topic, event),
            next_at=now,
        )
        for event in events
        for topic in topics_of(event.verb, event.subject_kind, event.facts)
        for webhook in webhooks.get(event.team_id, ())
        if topic.for_webhooks and topic.key in webhook.topics
        if event.project_id not in private and not event.team.is_suspended
    ]
