"""What happened long ago, or was done by somebody who is gone."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from apps.activity.models import Event, Notice, Preference
from apps.activity.recording import record
from apps.teams.models import Team, User
from apps.teams.scoping import everywhere, within


@transaction.atomic
def forget_person(user: User) -> None:
    """Take somebody's name and addresses out of the events, and what they were told with them."""
    with everywhere():
        Event.objects.forget(user)
        Notice.objects.filter(user=user).delete()
        Preference.objects.filter(user=user).delete()


def forget_old() -> int:
    """Drop the events that their teams keep no longer; return how many. Each time it is written down."""
    return sum(_forget_old_of(team) for team in Team.objects.filter(event_days__isnull=False).order_by("pk"))


@transaction.atomic
def _forget_old_of(team: Team) -> int:
    assert team.event_days is not None  # noqa: S101  # forget_old() has asked for no others
    with within(team, hidden=()):
        dropped: int = Event.objects.all().older(timezone.now() - timedelta(days=team.event_days))
    if dropped:
        record("forgot", team, count=dropped, days=team.event_days)
    return dropped
