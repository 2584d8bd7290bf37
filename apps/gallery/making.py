"""How the trash empties itself: first the rows say what is gone, then its files are removed, then the rows say so."""

from datetime import timedelta

import structlog
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from apps.core.events import record
from apps.jobs.models import Clip
from apps.teams.models import Team
from apps.teams.states import TeamStatus

log = structlog.get_logger(__name__)

AT_ONCE = 100  # clips whose files one pass removes


def let_go() -> int:
    """Let go of what has lain in the trash for as long as its team keeps it; return how many clips that were.

    Teams that are archived or suspended keep theirs: nobody there could bring anything back.
    """
    now, gone = timezone.now(), 0
    active = Team.objects.filter(status=TeamStatus.ACTIVE)
    for days in active.values_list("trash_days", flat=True).distinct().order_by():
        # Teams by their numbers, not by a join: whoever restores a clip at this moment has restored
        # it.
        teams = list(active.filter(trash_days=days).values_list("pk", flat=True))
        old = Clip.objects.in_trash().filter(
            team__in=teams, trashed_at__lte=now - timedelta(days=days)
        )
        gone += old.update(gone_at=now, remove_at=now)
    return gone


def remove_gone() -> bool:
    """Remove the files of what is gone; return whether there may be more of it."""
    clips = 0
    for clip in Clip.objects.claim_removals(limit=AT_ONCE):
        clips += 1
        try:
            remove(clip)
        except Exception:  # a storage out of reach: it is tried again when the claim has run out
            log.exception("clip_not_removed", clip=str(clip.public_id))
    return clips == AT_ONCE


def remove(clip: Clip) -> None:
    """Remove the files of a clip that is gone, and then say so in its row; doing it again does no harm."""
    for name in filter(None, (clip.file, clip.poster, clip.sprite)):
        default_storage.delete(name)
    with transaction.atomic():
        mine = Clip.objects.filter(pk=clip.pk, remove_at__isnull=False)
        if mine.update(remove_at=None, check_at=None, file="", poster="", sprite=""):
            record("wiped", clip)
