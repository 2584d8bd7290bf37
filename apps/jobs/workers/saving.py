"""Downloading: from the vendor's address into storage, checked before it counts.

Each output of a job is downloaded on its own. Every step may be repeated: files have names made
from the job, and what is saved is not saved again.
"""

from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import structlog
from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.budgets.services import cost_of
from apps.budgets.states import CostState
from apps.clips.models import Clip
from apps.clips.workers.storing import store
from apps.core.errors import DomainError
from apps.core.outbound import FetchRefused, FetchTryLater, download
from apps.footage.examine import examine
from apps.footage.probing import ClipFacts
from apps.footage.stills import Stills
from apps.jobs.models import Job, Output
from apps.jobs.models.outputs import OutputQuerySet
from apps.jobs.models.vendor_side import PATIENCE_FACTOR
from apps.jobs.parts import predecessor_ended, predecessor_saved
from apps.jobs.poll_schedule import retry_pause
from apps.jobs.states import State
from apps.vendors.types import Report

log = structlog.get_logger(__name__)

DOWNLOAD_SECONDS = 120.0
FEWEST_TRIES = 3  # before an output is given up


def save(output: Output) -> None:
    """Download one output, check it and keep it as a clip.

    The job is saved when none of its outputs is still to be downloaded.
    """
    job = output.job
    if not output.is_downloading or job.state != State.SAVING:
        return
    if _is_hopeless(output, job):
        _give_up(
            output,
            job,
            output.fault or _("The file could not be read. Each try stopped the worker."),
        )
        return
    _count_try(output)
    try:
        with NamedTemporaryFile(suffix=".mp4") as copy:
            facts, stills = _fetch(output, job, Path(copy.name))
            stored = store(stem_of(job, f"take-{output.take}"), Path(copy.name), facts, stills)
    except DomainError as fault:
        log.warning("output_not_saved", output=str(output), reason=str(fault))
        _keep_trying(output, job, fault)
    except Exception as fault:  # a full disk, storage out of reach: never the end of an output
        log.exception("output_not_stored", output=str(output))
        _keep_trying(output, job, fault)
    else:
        _keep(output, job, stored)


def _count_try(output: Output) -> None:
    """Count a try before it is made: a file that crashes its worker is tried ever more rarely."""
    output.tries += 1
    again = timezone.now() + max(3 * settings.CLAIM, retry_pause(output.tries))
    _still_downloading(output).update(tries=output.tries, next_try_at=again)


def _still_downloading(output: Output) -> OutputQuerySet:
    """Return the row of an output, unless it was saved or given up meanwhile."""
    return Output.objects.filter(pk=output.pk).downloading()


def _fetch(output: Output, job: Job, path: Path) -> tuple[ClipFacts, Stills]:
    """Write the bytes to `path` and return what they are."""
    with path.open("wb") as target:
        download(
            output.vendor_url,
            target,
            max_bytes=settings.MAX_CLIP_BYTES,
            allow_private=job.account.is_sandbox,
            allow_inline=True,
            timeout=DOWNLOAD_SECONDS,
        )
    return examine(path)


@transaction.atomic
def _keep(output: Output, job: Job, stored: dict[str, object]) -> None:
    """Make the clip of an output whose files are stored, once, and close its job with it."""
    locked = _lock(job)
    clip = Clip.objects.of_order(job.public_id).filter(take=output.take).first()
    if clip is None:
        made = values_of_order(locked) | stored
        clip = Clip.objects.create(
            take=output.take,
            nsfw=output.nsfw,
            cost_usd=_share_of_cost(job),
            saved_at=timezone.now(),
            check_at=timezone.now() if settings.CHECK_NUDITY else None,
            **made,
        )
    # Somebody may have stopped waiting for it while it was downloaded.
    Output.objects.filter(pk=output.pk).update(
        clip=clip, next_try_at=None, given_up_at=None, fault=""
    )
    _close(job)


def values_of_order(job: Job) -> dict[str, Any]:
    """Return the values that a clip copies from its job, by the names of its columns."""
    return {
        "team_id": job.team_id,
        "project_id": job.project_id,
        "image_id": job.image_id,
        "author_id": job.created_by_id,
        "order": job.public_id,
        "seed": job.seed_asked_for,
        "ordered_at": job.created_at,
        "submitted_at": job.submitted_at,
        "accepted_at": job.accepted_at,
        "done_at": job.done_at,
        "inference_ms": job.inference_ms,
    } | job.recipe()


def _share_of_cost(job: Job) -> Any:
    """Return the cost of one take of a job so far; None where unknown."""
    cost = cost_of([job.public_id])[job.public_id]
    if cost.state == CostState.UNKNOWN:
        return None
    return cost.spent / max(1, Output.objects.filter(job=job).count())


def _keep_trying(output: Output, job: Job, fault: Exception) -> None:
    """Try again, ever more rarely, until the vendor's copy must be gone."""
    words = _words(fault)
    if _is_gone(output, job, fault):
        _give_up(output, job, words)
        return
    changes = {"fault": words}
    if isinstance(fault, FetchRefused) and (address := _new_address(output, job)):
        changes["vendor_url"] = address
    again = timezone.now() + retry_pause(output.tries - 1)
    _still_downloading(output).update(next_try_at=again, **changes)
    job.note(reason=words)


@transaction.atomic
def _give_up(output: Output, job: Job, words: str) -> None:
    """Note that an output can no longer be downloaded, and why."""
    _lock(job)
    _still_downloading(output).update(fault=words, given_up_at=timezone.now(), next_try_at=None)
    _close(job)


@transaction.atomic
def give_up_missing(job: Job, words: str) -> int:
    """Give up the outputs of a job whose download failed; return their count.

    Outputs at their first try are waited for.
    """
    _lock(job)
    missing = Output.objects.filter(job=job).downloading().exclude(fault="")
    count = missing.update(fault=words, given_up_at=timezone.now(), next_try_at=None)
    _close(job)
    return count


def _is_gone(output: Output, job: Job, fault: Exception) -> bool:
    """Whether the vendor's copy must be gone.

    A vendor out of reach or a fault of ours proves that only after a much longer time.
    """
    passing = isinstance(fault, FetchTryLater) or not isinstance(fault, DomainError)
    # Also after weeks without a worker, it is tried more than once.
    return output.tries > FEWEST_TRIES and _time_waited(job) > job.retention * (
        PATIENCE_FACTOR if passing else 1
    )


def _is_hopeless(output: Output, job: Job) -> bool:
    """Whether it was tried for longer than any vendor keeps a copy, with whatever result."""
    return output.tries > FEWEST_TRIES and _time_waited(job) > job.retention * PATIENCE_FACTOR


def _time_waited(job: Job) -> timedelta:
    return timezone.now() - (job.done_at or job.created_at)


def _words(fault: Exception) -> str:
    if isinstance(fault, DomainError):
        return str(fault)
    return _("The file could not be saved: %s.") % (
        getattr(fault, "strerror", None) or type(fault).__name__
    )


def _new_address(output: Output, job: Job) -> str:
    """Ask the vendor for today's address of an output; "" where it has no other.

    Addresses expire before the files do.
    """
    try:
        offered = async_to_sync(_report)(job).outputs
    except DomainError:
        return ""
    except Exception:  # an unforeseen answer: the old address is tried again, ever more rarely
        log.exception("address_not_asked", output=str(output))
        return ""
    return offered[output.take - 1].url if output.take <= len(offered) else ""


async def _report(job: Job) -> Report:
    async with job.account.vendor(job.schema_version) as vendor:
        return await vendor.report(job.vendor_job_id)


def _lock(job: Job) -> Job:
    """Lock a job's row: of two outputs saved at once, the second sees what the first wrote."""
    locked: Job = Job.objects.select_for_update(of=("self",)).get(pk=job.pk)
    return locked


def _close(job: Job) -> None:
    """Call the job saved when none of its outputs is downloading, or failed when none was saved.

    Called with the job locked, in the transaction that settles an output: a worker that dies in
    between would leave the job open for ever.
    """
    outputs = Output.objects.filter(job=job)
    if outputs.downloading().exists():
        return
    if outputs.filter(clip__isnull=False).exists():
        if job.move(State.SAVED, saved_at=timezone.now(), reason=""):
            predecessor_saved(job)
    elif job.move(State.FAILED, reason=_("None of its clips could be downloaded.")):
        predecessor_ended(job)


def stem_of(job: Job, name: str) -> str:
    """Return the path of a clip's files, without their endings."""
    return f"clips/{job.created_at:%Y/%m}/{job.public_id}/{name}"
