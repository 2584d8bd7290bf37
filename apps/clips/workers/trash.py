"""Emptying the trash: rows are marked as gone, then files are removed, then the rows say so."""

from datetime import timedelta

import structlog
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from apps.clips.models import Clip
from apps.core.events import record
from apps.teams.models import Team
from apps.teams.states import TeamStatus

log = structlog.get_logger(__name__)

CLIPS_PER_PASS = 100


def expire() -> int:
    """Mark as gone what has been in the trash for as long as its team keeps it; return how many.

    Teams that are archived or suspended keep theirs: nobody there could restore anything.
    """
    now = timezone.now()
    count = 0
    active = Team.objects.filter(status=TeamStatus.ACTIVE)
    for days in active.values_list("trash_days", flat=True).distinct().order_by():
        # Teams by their numbers, not by a join: the update must see a restore of this moment.
        teams = list(active.filter(trash_days=days).values_list("pk", flat=True))
        expired = Clip.objects.in_trash().filter(
            team__in=teams, trashed_at__lte=now - timedelta(days=days)
        )
        count += expired.update(gone_at=now, remove_at=now)
    return count


def remove_files() -> bool:
    """Remove the files of clips that are gone; return whether there may be more of them."""
    count = 0
    for clip in Clip.objects.claim_removals(limit=CLIPS_PER_PASS):
        count += 1
        try:
            remove_files_of(clip)
        except Exception:  # storage out of reach: tried again when the claim has run out
            log.exception("clip_not_removed", clip=str(clip.public_id))
    return count == CLIPS_PER_PASS


def remove_files_of(clip: Clip) -> None:
    """Remove the files of a clip that is gone, then note it in its row; safe to repeat."""
    for name in filter(None, (clip.file, clip.poster, clip.sprite)):
        default_storage.delete(name)
    with transaction.atomic():
        rows = Clip.objects.filter(pk=clip.pk, remove_at__isnull=False)
        if rows.update(remove_at=None, check_at=None, file="", poster="", sprite=""):
            record("wiped", clip)
