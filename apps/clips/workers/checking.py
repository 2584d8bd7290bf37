"""Our own check for nudity: a second opinion beside the vendor's flag."""

from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

import structlog
from django.core.files.storage import default_storage
from django.utils import timezone

from apps.clips.models import Clip
from apps.clips.states import Nsfw
from apps.core.errors import DomainError
from apps.footage.nudity import NSFW_THRESHOLD, nudity_of_clip

log = structlog.get_logger(__name__)

CHECK_AGAIN_AFTER = timedelta(hours=1)  # after a check whose worker died


def check(clip: Clip) -> None:
    """Check a clip and note the answer; it stays unknown where the file cannot be read."""
    if clip.check_at is None:
        return
    # Postponed before the check: a film that ends its worker is not checked again and again.
    Clip.objects.filter(pk=clip.pk).update(check_at=timezone.now() + CHECK_AGAIN_AFTER)
    try:
        score = _score(clip)
    except (DomainError, FileNotFoundError) as fault:
        log.warning("clip_not_checked", clip=str(clip.public_id), reason=str(fault))
        Clip.objects.filter(pk=clip.pk).update(check_at=None)
        return
    is_flagged = score >= NSFW_THRESHOLD
    Clip.objects.filter(pk=clip.pk).update(
        our_score=score, our_nsfw=Nsfw.of(is_flagged), check_at=None
    )


def _score(clip: Clip) -> float:
    with NamedTemporaryFile(suffix=".mp4") as copy, default_storage.open(clip.file) as video:
        for chunk in video.chunks():
            copy.write(chunk)
        copy.flush()
        return nudity_of_clip(Path(copy.name))
