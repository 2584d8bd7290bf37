"""Bringing the bytes home: from the vendor's address into storage, checked before they count.

Only tasks come in here. Every step may be repeated: files have names made from the job, and what is
saved is not saved again.
"""

from pathlib import Path
from tempfile import NamedTemporaryFile

import structlog
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.utils import timezone

from apps.core.errors import DomainError
from apps.core.outbound import download
from apps.footage.clips import ClipFacts
from apps.footage.examine import examine
from apps.footage.nudity import NSFW_THRESHOLD, nudity_of_clip
from apps.footage.stills import Stills
from apps.jobs.models import Clip, Job
from apps.jobs.models.jobs import RETENTION
from apps.jobs.pace import pause_after_trouble
from apps.jobs.states import Nsfw, State

log = structlog.get_logger(__name__)

FETCH_SECONDS = 120.0
MAX_CLIP_BYTES = 512 * 1024 * 1024


def save(job: Job) -> None:
    """Save each clip that isn't saved yet, on its own; the job is saved when all of them are."""
    if job.state != State.SAVING:
        return
    faults = [
        fault for clip in job.clips.filter(saved_at=None).order_by("number") if (fault := _saved(job, clip))
    ]
    if not faults:
        job.move(State.SAVED, saved_at=timezone.now(), reason="")
        return
    _keep_trying(job, faults[0])


def _keep_trying(job: Job, fault: DomainError) -> None:
    """Come again, ever more rarely, until the vendor's own copy must be gone."""
    if job.done_at and timezone.now() - job.done_at > RETENTION:
        job.move(State.FAILED, reason=str(fault))
        return
    pause = pause_after_trouble(job.attempts)
    job.note(reason=str(fault), attempts=job.attempts + 1, next_step_at=timezone.now() + pause)


def _saved(job: Job, clip: Clip) -> DomainError | None:
    with NamedTemporaryFile(suffix=".mp4") as kept:
        path = Path(kept.name)
        try:
            with path.open("wb") as target:
                download(
                    clip.vendor_url,
                    target,
                    max_bytes=MAX_CLIP_BYTES,
                    allow_private=job.account.is_sandbox,
                    timeout=FETCH_SECONDS,
                )
            facts, stills = examine(path)
            _store(clip, job, path, facts, stills)
        except DomainError as fault:
            log.warning("clip_not_saved", clip=str(clip.public_id), reason=str(fault))
            return fault
    return None


def _store(clip: Clip, job: Job, path: Path, facts: ClipFacts, stills: Stills) -> None:
    stem = f"clips/{job.created_at:%Y/%m}/{job.public_id}/{clip.number}"
    names = {"file": f"{stem}.mp4", "poster": f"{stem}.poster.webp", "sprite": f"{stem}.sprite.webp"}
    with path.open("rb") as video:
        default_storage.save(names["file"], File(video))
    default_storage.save(names["poster"], ContentFile(stills.poster))
    default_storage.save(names["sprite"], ContentFile(stills.sprite))
    now = timezone.now()
    # All at once and last: a clip counts as saved when everything it points at is there.
    Clip.objects.filter(pk=clip.pk).update(
        **names,
        sprite_columns=stills.columns,
        sprite_rows=stills.rows,
        width=facts.width,
        height=facts.height,
        rate_num=facts.frame_rate.numerator,
        rate_den=facts.frame_rate.denominator,
        frames=facts.frames,
        duration_ms=round(facts.duration * 1000),
        size=facts.size,
        sha256=facts.sha256,
        saved_at=now,
        check_at=now,
    )


def check(clip: Clip) -> None:
    """Look for nudity ourselves: a second opinion beside the vendor's; "unknown" if the file can't be read."""
    if clip.check_at is None:
        return
    try:
        score = _score(clip)
    except (DomainError, FileNotFoundError) as fault:
        log.warning("clip_not_checked", clip=str(clip.public_id), reason=str(fault))
        Clip.objects.filter(pk=clip.pk).update(check_at=None)
        return
    Clip.objects.filter(pk=clip.pk).update(
        house_score=score, house_nsfw=Nsfw.of(score >= NSFW_THRESHOLD), check_at=None
    )


def _score(clip: Clip) -> float:
    with NamedTemporaryFile(suffix=".mp4") as kept, default_storage.open(clip.file) as video:
        for chunk in video.chunks():
            kept.write(chunk)
        kept.flush()
        return nudity_of_clip(Path(kept.name))
