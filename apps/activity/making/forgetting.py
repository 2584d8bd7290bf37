"""What happened long ago, or was done by somebody who is gone."""

from collections.abc import Mapping
from datetime import timedelta

from django.apps import apps
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext

from apps.activity.mentions import handles_of
from apps.activity.models import Delivery, Event, Notice, Preference
from apps.activity.states import Fate
from apps.core.events import record
from apps.teams.models import Team, User
from apps.teams.scoping import everywhere, within


@transaction.atomic
def forget_person(user: User) -> None:
    """Take somebody's name and addresses out of the events, and what they were told with them."""
    with everywhere():
        Event.objects.forget(user)
        Notice.objects.filter(user=user).delete()
        Preference.objects.filter(user=user).delete()
        # What hooks were told of their deeds names them; what has not left yet still may.
        Delivery.objects.filter(event__actor=user).exclude(fate=Fate.WAITING).delete()
        for model in (
            one for one in apps.get_models() if any(f.name == "mentions" for f in one._meta.fields)
        ):
            _forget_mentions(model, user)


def _forget_mentions(model: type[Model], user: User) -> None:
    """Take somebody's name out of what a text's @words stood for; the words are the text's, and stay."""
    rows = model._default_manager.exclude(mentions=[]).values_list("pk", "mentions")
    for pk, mentions in rows.iterator():
        told = [
            one if not _is_of(one, user) else one | {"name": gettext("Former member")}
            for one in mentions
        ]
        if told != mentions:
            model._default_manager.filter(pk=pk).update(mentions=told)


def _is_of(mention: Mapping[str, str], user: User) -> bool:
    return mention["name"] == str(user) and mention["word"] in handles_of(user)


def forget_old() -> int:
    """Drop the events that their teams keep no longer; return how many. Each time it is written down."""
    return sum(
        _forget_old_of(team)
        for team in Team.objects.filter(event_days__isnull=False).order_by("pk")
    )


@transaction.atomic
def _forget_old_of(team: Team) -> int:
    assert team.event_days is not None  # noqa: S101  # forget_old() has asked for no others
    with within(team, hidden=()):
        dropped: int = Event.objects.all().older(timezone.now() - timedelta(days=team.event_days))
    if dropped:
        record("forgot", team, count=dropped, days=team.event_days)
    return dropped
