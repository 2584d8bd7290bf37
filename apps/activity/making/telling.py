"""The round that turns events into notices and deliveries.

Events may commit in another order than their numbers. So the row that says how far we are keeps the
numbers of those that are done above the point up to which nothing can come any more, and moves that
point on when they age. Notices, deliveries and that row are written in one transaction: a worker
that dies loses nothing, doubles nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.activity.making.calling import message_of
from apps.activity.making.hearing import Hearers
from apps.activity.making.times import mail_time
from apps.activity.models import Delivery, Event, Hook, Notice, Told
from apps.activity.seeing import lists_of
from apps.activity.states import Pace
from apps.activity.topics import VERBS, topics_of
from apps.teams.models import Team

SETTLED = timedelta(seconds=20)  # no transaction of ours takes as long
AT_ONCE = 500


def tell(now: datetime | None = None) -> int:
    """Tell of what is new, at most of AT_ONCE events; return of how many. Cheap when there is nothing."""
    now = now or timezone.now()
    told, _made = Told.objects.get_or_create(pk=1, defaults={"claimed_until": now})
    rows = list(
        Event.objects.filter(pk__gt=told.upto).order_by("pk").values_list("pk", "created_at")
    )
    if not rows:
        return 0
    seen = set(told.seen)
    fresh = [pk for pk, _at in rows if pk not in seen][:AT_ONCE]
    upto = _settled(told.upto, rows, seen.union(fresh), now)
    if not fresh and upto == told.upto:
        return 0
    return _claimed(told, now) and _told(told, fresh, upto, now)


def _settled(upto: int, rows: Iterable[tuple[int, datetime]], done: set[int], now: datetime) -> int:
    for pk, created_at in rows:
        if pk not in done or created_at > now - SETTLED:
            break
        upto = pk
    return upto


def _claimed(told: Told, now: datetime) -> int:
    until = now + settings.CLAIM
    here = Told.objects.filter(pk=told.pk, claimed_until=told.claimed_until, claimed_until__lte=now)
    claimed = here.update(claimed_until=until)
    told.claimed_until = until
    return claimed


def _told(told: Told, fresh: Sequence[int], upto: int, now: datetime) -> int:
    events = Event.objects.filter(pk__in=fresh, verb__in=VERBS).select_related("actor", "team")
    wanted = list(events.order_by("pk"))
    notices, deliveries = notices_of(wanted, now), deliveries_of(wanted, now)
    with transaction.atomic():
        here = Told.objects.filter(pk=told.pk, claimed_until=told.claimed_until)
        seen = sorted(pk for pk in {*told.seen, *fresh} if pk > upto)
        if not here.update(upto=upto, seen=seen, claimed_until=now):
            return 0  # we took longer than our claim: whoever has it now tells the same
        Notice.objects.bulk_create(notices, ignore_conflicts=True)
        Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
    return len(fresh)


def notices_of(events: Sequence[Event], now: datetime) -> list[Notice]:
    """Return who is to be told of these events, each person of each event once, and when they are written to."""
    if not events:
        return []
    hearers = Hearers(events)
    notices: list[Notice] = []
    for event in events:
        told: set[int] = set()
        for topic in topics_of(event.verb, event.subject_kind, event.facts):
            for member in hearers.of(event, topic):
                if member.user_id in told:
                    continue
                told.add(member.user_id)
                in_app, pace = hearers.wishes(member, topic)
                if in_app or pace != Pace.NEVER:
                    due = mail_time(pace, member.user, now)
                    notices.append(
                        Notice(
                            team=member.team, user=member.user, event=event,
                            topic=topic.key, in_app=in_app, mail_at=due,
                        )
                    )  # fmt: skip
    return notices


def deliveries_of(events: Sequence[Event], now: datetime) -> list[Delivery]:
    """Return what the hooks of these events' teams are to be called with; private projects stay inside."""
    teams: dict[int, Team] = {event.team_id: event.team for event in events}
    hooks: dict[int, list[Hook]] = defaultdict(list)
    for hook in Hook.objects.filter(team__in=teams, is_on=True):
        hooks[hook.team_id].append(hook)
    private = (
        lists_of(hooks, {event.project_id for event in events if event.project_id}) if hooks else {}
    )
    return [
        Delivery(
            team=event.team, hook=hook, event=event, topic=topic.key,
            body=message_of(hook, topic, event), next_at=now,
        )
        for event in events
        for topic in topics_of(event.verb, event.subject_kind, event.facts)
        for hook in hooks.get(event.team_id, ())
        if topic.for_hooks and topic.key in hook.topics
        if event.project_id not in private and not event.team.is_suspended
    ]  # fmt: skip
