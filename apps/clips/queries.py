"""Reads of clips that are too big for a queryset method."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from apps.clips.models import Clip, ClipQuerySet
from apps.clips.slots import FACTS
from apps.core.event_registry import Words
from apps.teams.models import Team


def by_order(clips: ClipQuerySet, orders: Iterable[UUID]) -> dict[UUID, list[Clip]]:
    """Return those of these clips that are takes of these orders, by order, in one query."""
    groups: dict[UUID, list[Clip]] = defaultdict(list)
    wanted = clips.filter(order__in=list(orders)).select_related("image")
    for clip in wanted.order_by("is_joined", "take"):
        if clip.order:
            groups[clip.order].append(clip)
    return groups


def siblings_of(clip: Clip) -> list[Clip]:
    """Return the visible clips of the same order, the clip itself among them."""
    if clip.order is None:
        return []
    return list(Clip.objects.visible().filter(order=clip.order).order_by("is_joined", "take"))


def trashed_clips() -> QuerySet[Clip]:
    """Return the clips in the trash, with everything its page shows of them."""
    clips: QuerySet[Clip] = Clip.objects.in_trash()
    return clips.select_related("project", "trashed_by")


def days_left(clip: Clip, team: Team) -> int:
    """Return for how many more days, the last one included, a clip in the trash can be restored."""
    if clip.trashed_at is None:
        return 0
    left = clip.trashed_at + timedelta(days=team.trash_days) - timezone.now()
    return max(0, -(-left // timedelta(days=1)))


def shown_facts(clip: Clip) -> list[tuple[Words, Words]]:
    """Return the label and the text of each fact that the page of this clip shows."""
    texts = ((fact.label, fact.text_of(clip)) for fact in FACTS if fact.text_of)
    return [(label, text) for label, text in texts if text]
