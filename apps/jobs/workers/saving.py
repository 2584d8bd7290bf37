"""Bringing the bytes home: from the vendor's address into storage, checked before they count.

Each clip of a job is fetched on its own. Every step may be repeated: files have names made from the
job, and what is saved is not saved again.
"""

from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

import structlog
from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import DomainError
from apps.core.outbound import FetchRefused, FetchTryLater, download
from apps.footage.examine import examine
from apps.footage.nudity import NSFW_THRESHOLD, nudity_of_clip
from apps.footage.probing import ClipFacts
from apps.footage.stills import Stills
from apps.jobs.models import Clip, Job
from apps.jobs.models.clips import ClipQuerySet
from apps.jobs.models.jobs import PATIENCE
from apps.jobs.parts import predecessor_ended, predecessor_saved
from apps.jobs.poll_schedule import retry_pause
from apps.jobs.states import Nsfw, State
from apps.vendors.types import Report

log = structlog.get_logger(__name__)

FETCH_SECONDS = 120.0
FEWEST = 3  # tries before a clip is called lost
CHECK_AGAIN = timedelta(hours=1)  # after a look that never came to its end


def save(clip: Clip) -> None:
    """Fetch one clip, check it and keep it; the job is saved when nothing of it is still to come."""
    job = clip.job
    if clip.saved_at or clip.lost_at or job is None or job.state != State.SAVING:
        return
    if _is_hopeless(clip, job):
        _lose(clip, job, clip.fault or _("Every try to read it ended the process that tried."))
        return
    _begin(clip)
    try:
        with NamedTemporaryFile(suffix=".mp4") as kept:
            facts, stills = _fetched(clip, job, Path(kept.name))
            kept_as = store(stem_of(job, clip.number), Path(kept.name), facts, stills)
    except DomainError as fault:
        log.warning("clip_not_saved", clip=str(clip.public_id), reason=str(fault))
        _keep_trying(clip, job, fault)
    except Exception as fault:  # a full disk, a store out of reach: never the clip's end
        log.exception("clip_not_kept", clip=str(clip.public_id))
        _keep_trying(clip, job, fault)
    else:
        with transaction.atomic():
            note_saved(clip, kept_as)
            _close(job)


def _begin(clip: Clip) -> None:
    """Count a try before it is made: a film that takes its worker with it comes back ever more rarely, too."""
    clip.attempts += 1
    again = timezone.now() + max(3 * settings.CLAIM, retry_pause(clip.attempts))
    _to_come(clip).update(attempts=clip.attempts, next_step_at=again)


def _to_come(clip: Clip) -> ClipQuerySet:
    """Return the row of a clip, unless it has come meanwhile, or somebody has stopped waiting for it."""
    return Clip.objects.filter(pk=clip.pk).to_come()


def _fetched(clip: Clip, job: Job, path: Path) -> tuple[ClipFacts, Stills]:
    """Write the bytes to `path` and return what they are."""
    with path.open("wb") as target:
        download(
            clip.vendor_url,
            target,
            max_bytes=settings.MAX_CLIP_BYTES,
            allow_private=job.account.is_sandbox,
            allow_inline=True,
            timeout=FETCH_SECONDS,
        )
    return examine(path)


def _keep_trying(clip: Clip, job: Job, fault: Exception) -> None:
    """Come again, ever more rarely, until the vendor's own copy must be gone."""
    words = _words(fault)
    if _is_gone(clip, job, fault):
        _lose(clip, job, words)
        return
    changes = {"fault": words}
    if isinstance(fault, FetchRefused) and (address := _new_address(clip, job)):
        changes["vendor_url"] = address
    again = timezone.now() + retry_pause(clip.attempts - 1)
    _to_come(clip).update(next_step_at=again, **changes)
    job.note(reason=words)


@transaction.atomic
def _lose(clip: Clip, job: Job, words: str) -> None:
    """Write down that a clip is not to be had any more, and why."""
    _to_come(clip).update(fault=words, lost_at=timezone.now(), next_step_at=None)
    _close(job)


@transaction.atomic
def leave_missing(job: Job, words: str) -> int:
    """Stop trying for the clips of a job that do not come, and return how many that are.

    Those on their very first way here are waited for.
    """
    missing = Clip.objects.filter(job=job, is_joined=False).to_come().exclude(fault="")
    count = missing.update(fault=words, lost_at=timezone.now(), next_step_at=None)
    _close(job)
    return count


def _is_gone(clip: Clip, job: Job, fault: Exception) -> bool:
    """Say whether the vendor will not hand it out any more; out of reach, or our own trouble, is not gone."""
    passing = isinstance(fault, FetchTryLater) or not isinstance(fault, DomainError)
    elapsed = timezone.now() - (job.done_at or clip.created_at)
    # Whoever comes late, because nothing ran here for weeks, tries more than once all the same.
    return clip.attempts > FEWEST and elapsed > job.retention * (PATIENCE if passing else 1)


def _is_hopeless(clip: Clip, job: Job) -> bool:
    """Say whether it has been tried beyond all patience, whatever became of the tries."""
    elapsed = timezone.now() - (job.done_at or clip.created_at)
    return clip.attempts > FEWEST and elapsed > job.retention * PATIENCE


def _words(fault: Exception) -> str:
    if isinstance(fault, DomainError):
        return str(fault)
    return _("It could not be kept here: %s.") % (
        getattr(fault, "strerror", None) or type(fault).__name__
    )


def _new_address(clip: Clip, job: Job) -> str:
    """Ask the vendor where the clip lies today: addresses expire before clips do; "" where it has no other."""
    try:
        outputs = async_to_sync(_report)(job).outputs
    except DomainError:
        return ""
    except Exception:  # an answer nobody foresaw: the old address is tried again, ever more rarely
        log.exception("address_not_asked", clip=str(clip.public_id))
        return ""
    return outputs[clip.number].url if clip.number < len(outputs) else ""


async def _report(job: Job) -> Report:
    async with job.account.vendor(job.schema_version) as vendor:
        return await vendor.report(job.vendor_job_id)


def _close(job: Job) -> None:
    """WebhookRequest the job saved when none of its clips is still to come, or failed when none came at all.

    Called in the transaction that settles a clip: a worker that dies in between would leave a job
    for ever.
    """
    # Two clips may arrive at once: who comes second sees what the first has written.
    Job.objects.select_for_update(of=("self",)).get(pk=job.pk)
    clips = Clip.objects.filter(job=job, is_joined=False)
    if clips.to_come().exists():
        return
    if clips.arrived().exists():
        if job.move(State.SAVED, saved_at=timezone.now(), reason=""):
            predecessor_saved(job)
    elif job.move(State.FAILED, reason=_("None of its clips could be fetched.")):
        predecessor_ended(job)


def stem_of(job: Job, name: object) -> str:
    """Return where the files of a clip lie, without their endings."""
    return f"clips/{job.created_at:%Y/%m}/{job.public_id}/{name}"


def store(stem: str, path: Path, facts: ClipFacts, stills: Stills) -> dict[str, object]:
    """Write a film and its stills into storage; return what is known of them by the names of a clip's columns."""
    names = {
        "file": f"{stem}.mp4",
        "poster": f"{stem}.poster.webp",
        "sprite": f"{stem}.sprite.webp",
    }
    with path.open("rb") as video:
        default_storage.save(names["file"], File(video))
    default_storage.save(names["poster"], ContentFile(stills.poster))
    default_storage.save(names["sprite"], ContentFile(stills.sprite))
    return _columns(facts, stills) | names


def note_saved(clip: Clip, kept: dict[str, object]) -> None:
    """WebhookRequest a clip saved: last of all, when everything it points at is there."""
    now = timezone.now()
    kept["check_at"] = now if settings.CHECK_NUDITY else None
    # Somebody may have stopped waiting for it while it was on its way.
    Clip.objects.filter(pk=clip.pk).update(
        **kept, saved_at=now, lost_at=None, next_step_at=None, fault=""
    )


def _columns(facts: ClipFacts, stills: Stills) -> dict[str, object]:
    """Return what a film is, by the names of a clip's columns."""
    return {
        "sprite_columns": stills.columns,
        "sprite_rows": stills.rows,
        "width": facts.width,
        "height": facts.height,
        "rate_num": facts.frame_rate.numerator,
        "rate_den": facts.frame_rate.denominator,
        "frames": facts.frames,
        "duration_ms": round(facts.duration * 1000),
        "size": facts.size,
        "sha256": facts.sha256,
    }


def check(clip: Clip) -> None:
    """Look for nudity ourselves: a second opinion beside the vendor's; "unknown" if the file can't be read."""
    if clip.check_at is None:
        return
    # A film that takes its worker with it is not looked at again and again.
    Clip.objects.filter(pk=clip.pk).update(check_at=timezone.now() + CHECK_AGAIN)
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
