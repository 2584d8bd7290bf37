"""Erasing: names of deleted accounts, and events that are older than a team keeps them."""

from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext

from apps.activity.mentions import handles_of
from apps.activity.models import Delivery, Event, Notice, Preference
from apps.activity.slots import MENTIONING
from apps.activity.states import DeliveryStatus
from apps.core.events import record
from apps.teams.models import Team, User
from apps.teams.scoping import everywhere, within


@transaction.atomic
def erase_person(user: User) -> None:
    """Remove a person's name and addresses from events, notices and sent messages."""
    with everywhere():
        Event.objects.forget(user)
        Notice.objects.filter(user=user).delete()
        Preference.objects.filter(user=user).delete()
        # Messages to webhooks name the actor. Those that are not sent yet still go out.
        about = Delivery.objects.filter(event__actor=user)
        about.exclude(state=DeliveryStatus.WAITING).delete()
        for model in MENTIONING:
            _erase_mentions(model, user)


def _erase_mentions(model: type[Model], user: User) -> None:
    """Take somebody's name out of the mentions kept beside texts; the words in the text stay."""
    rows = model._default_manager.exclude(mentions=[]).values_list("pk", "mentions")
    for pk, mentions in rows.iterator():
        erased = [
            one | {"name": gettext("Former member")} if _is_of(one, user) else one
            for one in mentions
        ]
        if erased != mentions:
            model._default_manager.filter(pk=pk).update(mentions=erased)


def _is_of(mention: Mapping[str, str], user: User) -> bool:
    return mention["name"] == str(user) and mention["word"] in handles_of(user)


def delete_old_events() -> int:
    """Delete the events that their teams keep no longer, and record it; return their count."""
    teams = Team.objects.filter(event_days__isnull=False).order_by("pk")
    return sum(_delete_old_events_of(team) for team in teams)


@transaction.atomic
def _delete_old_events_of(team: Team) -> int:
    assert team.event_days is not None  # noqa: S101  # delete_old_events() has asked for no others
    with within(team, hidden=()):
        oldest = timezone.now() - timedelta(days=team.event_days)
        deleted: int = Event.objects.all().delete_older(oldest)
    if deleted:
        record("forgot", team, count=deleted, days=team.event_days)
    return deleted
