"""Background tasks of the clips room: our check of clips, and emptying the trash."""

from datetime import timedelta

from django.conf import settings

from apps.clips.models import Clip
from apps.clips.workers import checking, trash
from apps.core.background import background_task
from apps.teams.scoping import everywhere


@background_task("checks", limit_seconds=50)
def check(clip_id: int) -> None:
    """Check one clip for nudity."""
    with everywhere():
        checking.check(Clip.objects.get(pk=clip_id))


@background_task("post", limit_seconds=240, every=timedelta(minutes=5), expires_seconds=300)
def empty() -> None:
    """Every five minutes, and when somebody empties a trash: remove what is past its days."""
    with everywhere():
        trash.expire()
        if trash.remove_files():
            empty.delay()


def dispatch_checks() -> None:
    """Send a task for each clip that our check is due for. Its message expires with its claim."""
    with everywhere():
        for clip_id in Clip.objects.claim_checks():
            check.apply_async((clip_id,), expires=settings.CLAIM.total_seconds())
