"""Joining the saved parts of a chain into one clip of our own."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import structlog
from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.clips.models import Clip, ClipQuerySet
from apps.clips.states import Nsfw
from apps.clips.workers.storing import store
from apps.core.claims import claim_due
from apps.core.errors import DomainError
from apps.footage.examine import examine
from apps.footage.joining import join
from apps.jobs.models import Chain, Job
from apps.jobs.states import State
from apps.jobs.workers.saving import stem_of, values_of_order

log = structlog.get_logger(__name__)

RETRY_AFTER_FAULT = timedelta(minutes=5)
# A longer part already contains the parts before it.
LONGEST_PART_SECONDS = 6.5


def claim_joins() -> list[int]:
    """Return each chain whose parts are to be joined now, to one caller only."""
    due = Chain.objects.only("pk", "join_at")
    return [chain.pk for chain in claim_due(due, "join_at", lasts=3 * settings.CLAIM, limit=20)]


def join_parts(chain: Chain) -> None:
    """Join the saved parts of a chain, in order; doing it again writes the same."""
    if chain.join_at is None:
        return
    last = chain.parts.filter(state=State.SAVED).order_by("-part").first()
    takes = _takes_up_to(last)
    fault, again = "", None
    try:
        if last and len(takes) > 1 and not _was_moved_to_trash(last):
            _join(last, takes)
    except DomainError as error:
        fault = str(error)
    except Exception as error:  # a full disk, a storage out of reach: it passes
        log.exception("parts_not_joined", chain=str(chain.public_id))
        fault = str(error)
        again = timezone.now() + RETRY_AFTER_FAULT
    joined = 0 if fault else chain.parts.filter(state=State.SAVED).count()
    mine = Chain.objects.filter(pk=chain.pk, join_at=chain.join_at)
    mine.update(join_at=again, joined_parts=joined, fault=fault)


def _takes_up_to(part: Job | None) -> list[Clip]:
    """Return one take of each part that `part` goes back to, from the first part on."""
    number = 1
    takes = list[Clip]()
    while part is not None:
        clips = Clip.objects.ever_saved().of_order(part.public_id)
        take = clips.filter(take=number).first() or clips.first()
        if take is None:
            break
        takes.append(take)
        number = part.extends_take or 1
        part = part.extends
    return takes[::-1]


def _was_moved_to_trash(last: Job) -> bool:
    """Whether these parts were joined before, and somebody moved the joined clip to the trash."""
    return joined_clips([last.public_id]).filter(trashed_at__isnull=False).exists()


def joined_clips(orders: Iterable[UUID]) -> ClipQuerySet:
    """Return the clips joined from parts of which one of these orders is the last."""
    clips: ClipQuerySet = Clip.objects.filter(order__in=list(orders), is_joined=True)
    return clips


def _join(last: Job, takes: list[Clip]) -> None:
    if any(take.gone_at for take in takes):
        raise DomainError(_("One of the parts was deleted for good. The parts can't be joined."))
    with TemporaryDirectory() as folder:
        paths = [
            _copy(take, Path(folder) / f"{number}.mp4")
            for number, take in enumerate(_without_repeated_parts(takes))
        ]
        target = Path(folder) / "joined.mp4"
        join(paths, target)
        facts, stills = examine(target)
        stored = store(stem_of(last, "joined"), target, facts, stills)
    _keep_joined(last, takes, stored)


def _without_repeated_parts(takes: list[Clip]) -> list[Clip]:
    """Leave out parts that a longer part contains: some vendors repeat them in an extension."""
    for index in range(len(takes) - 1, 0, -1):
        if takes[index].duration_ms > LONGEST_PART_SECONDS * 1000:
            return takes[index:]
    return takes


def _copy(take: Clip, path: Path) -> Path:
    with path.open("wb") as target, default_storage.open(take.file) as video:
        for chunk in video.chunks():
            target.write(chunk)
    return path


def _keep_joined(last: Job, takes: list[Clip], stored: dict[str, object]) -> None:
    """Make the row of the joined clip, or write it anew after an earlier try."""
    flags = {take.nsfw for take in takes}
    loudest_first = (Nsfw.FLAGGED, Nsfw.UNKNOWN, Nsfw.CLEAR)
    now = timezone.now()
    values = values_of_order(last) | stored
    values["prompt_text"] = "\n\n".join(take.prompt_text for take in takes)
    values["nsfw"] = next((flag for flag in loudest_first if flag in flags), Nsfw.UNKNOWN)
    values["check_at"] = now if settings.CHECK_NUDITY else None
    values["saved_at"] = now
    Clip.objects.update_or_create(
        order=values.pop("order"), is_joined=True, take=1, defaults=values
    )
