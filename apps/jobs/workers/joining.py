"""Joining the saved parts of a chain into one clip of the house's own."""

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog
from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.claims import claim_due
from apps.core.errors import DomainError
from apps.footage.examine import examine
from apps.footage.joining import join
from apps.jobs.models import Chain, Clip, Job
from apps.jobs.states import Nsfw, State
from apps.jobs.workers.saving import note_saved, stem_of, store

log = structlog.get_logger(__name__)

AFTER_TROUBLE = timedelta(minutes=5)
JOINED = 100  # its number among the clips of the last part: no vendor makes so many
# seconds; a vendor that hands out more has put the earlier parts in front already
LONGEST_PART = 6.5


def claim_joins() -> list[int]:
    """Return each chain whose parts are to be joined now, to one caller only; joining takes its time."""
    due = Chain.objects.only("pk", "join_at")
    return [chain.pk for chain in claim_due(due, "join_at", lasts=3 * settings.CLAIM, limit=20)]


def join_parts(chain: Chain) -> None:
    """Join what is saved of a chain, in order; doing it again writes the same."""
    if chain.join_at is None:
        return
    takes, fault, again = _takes(chain), "", None
    try:
        if len(takes) > 1 and not _is_thrown_away(takes[-1]):
            _joined(takes)
    except DomainError as error:
        fault = str(error)
    except Exception as error:  # a full disk, a storage out of reach: it passes
        log.exception("parts_not_joined", chain=str(chain.public_id))
        fault, again = str(error), timezone.now() + AFTER_TROUBLE
    joined = 0 if fault else chain.parts.filter(state=State.SAVED).count()
    mine = Chain.objects.filter(pk=chain.pk, join_at=chain.join_at)
    mine.update(join_at=again, joined_parts=joined, fault=fault)


def _takes(chain: Chain) -> list[Clip]:
    """Return what the last saved part goes back to, from the first part on: one take of each."""
    part: Job | None = chain.parts.filter(state=State.SAVED).order_by("-part").first()
    number, takes = 0, list[Clip]()
    while part is not None:
        clips = Clip.objects.arrived().filter(job=part, is_joined=False).order_by("number")
        take = clips.filter(number=number).first() or clips.first()
        if take is None:
            break
        takes.append(take)
        number, part = (part.extends_take or 1) - 1, part.extends
    return takes[::-1]


def _is_thrown_away(last: Clip) -> bool:
    """Whether these parts were joined before, and somebody did not want what came of it."""
    return Clip.objects.filter(job=last.job, number=JOINED, trashed_at__isnull=False).exists()


def _joined(takes: list[Clip]) -> None:
    if any(take.gone_at for take in takes):
        raise DomainError(
            _("One of the parts was removed from the trash for good: they can't be joined.")
        )
    last: Job = takes[-1].job  # type: ignore[assignment]  # a part's clip has its job
    with TemporaryDirectory() as folder:
        paths = [
            _brought(take, Path(folder) / f"{number}.mp4")
            for number, take in enumerate(_shown(takes))
        ]
        target = Path(folder) / "joined.mp4"
        join(paths, target)
        facts, stills = examine(target)
        kept = store(stem_of(last, "joined"), target, facts, stills)
        note_saved(_clip(last, takes), kept)


def _shown(takes: list[Clip]) -> list[Clip]:
    """Leave out what a longer part shows already: some vendors hand out an extension with all before it."""
    for index in range(len(takes) - 1, 0, -1):
        if takes[index].duration_ms > LONGEST_PART * 1000:
            return takes[index:]
    return takes


def _brought(take: Clip, path: Path) -> Path:
    with path.open("wb") as target, default_storage.open(take.file) as video:
        for chunk in video.chunks():
            target.write(chunk)
    return path


def _clip(last: Job, takes: list[Clip]) -> Clip:
    """Return the row of the joined clip, made now or by an earlier try."""
    recipe = last.recipe() | {"prompt_text": "\n\n".join(take.prompt_text for take in takes)}
    opinions = {take.nsfw for take in takes}
    nsfw = next(
        (one for one in (Nsfw.FLAGGED, Nsfw.UNKNOWN, Nsfw.CLEAR) if one in opinions), Nsfw.UNKNOWN
    )
    clip, _made = Clip.objects.update_or_create(
        job=last,
        number=JOINED,
        defaults={
            "team_id": last.team_id, "project_id": last.project_id, "is_joined": True, "nsfw": nsfw,
            "vendor_url": "", "created_at": timezone.now(), **recipe,
        },
    )  # fmt: skip
    return clip
