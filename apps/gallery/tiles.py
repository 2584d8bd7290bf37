"""What a tile shows: one clip, or one job on its way, told in plain values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.clips.models import Clip, ClipQuerySet
from apps.clips.queries import by_order
from apps.clips.states import Verdict
from apps.core.formatting import seconds
from apps.gallery.queries import late_orders
from apps.jobs.models import Job, Output
from apps.jobs.poll_schedule import Durations, durations_of_jobs
from apps.jobs.progress import progress_of
from apps.jobs.states import State
from apps.vendors.offer import PriceValues


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One picture in the grid; a fact that is not known yet is empty."""

    id: UUID
    job: UUID
    url: str
    state: str
    state_label: str
    prompt: str
    title: str = ""
    poster: str = ""
    width: int = 0
    height: int = 0
    colour: str = ""
    sprite: str = ""
    columns: int = 0
    rows: int = 0
    video: str = ""
    length: str = ""
    nsfw: str = ""
    nsfw_label: str = ""
    veil: bool = False
    veil_label: str = ""
    verdict: str = ""
    verdict_label: str = ""
    is_moving: bool = False
    since: datetime | None = None
    percent: int | None = None
    eta: str = ""
    reason: str = ""
    is_late: bool = False
    is_urgent: bool = False
    is_joined: bool = False

    @property
    def is_saved(self) -> bool:
        """It is a clip, not a job on its way."""
        return self.state == State.SAVED

    @property
    def is_moderated(self) -> bool:
        """The vendor declined the prompt or the image."""
        return self.state == State.MODERATED

    @property
    def is_unconfirmed(self) -> bool:
        """The order was sent; whether it arrived is unknown."""
        return self.state == State.UNCONFIRMED

    @property
    def is_decided(self) -> bool:
        """Somebody decided on the clip, and the decision stands."""
        return bool(self.verdict) and self.verdict != Verdict.UNDECIDED


@dataclass(frozen=True, slots=True)
class Stack:
    """The tiles of one job: its stored clips, and the job itself while others are in progress.

    None at all where every clip is in the trash.
    """

    job: Job
    tiles: list[Tile]


def stacks_of(jobs: Iterable[Job], clips: ClipQuerySet | None = None) -> list[Stack]:
    """Return the tiles of jobs loaded by queries.with_tiles(), with those of their clips.

    `clips` are the clips to show; without it, all that are visible.
    """
    jobs = list(jobs)
    shown = by_order(
        Clip.objects.visible() if clips is None else clips, (job.public_id for job in jobs)
    )
    durations = durations_of_jobs(jobs)
    counts = _counts_of_outputs(jobs)
    empty = _orders_in_trash(jobs, shown)
    return [
        Stack(job, [])
        if job.public_id in empty
        else _stack(job, shown.get(job.public_id, []), durations, counts.get(job.pk, 0))
        for job in jobs
    ]


def _orders_in_trash(jobs: Iterable[Job], shown: Mapping[UUID, list[Clip]]) -> set[UUID]:
    """Return the saved jobs without visible clips: all are in the trash or deleted."""
    orders = [job.public_id for job in jobs if job.state == State.SAVED]
    orders = [order for order in orders if not shown.get(order)]
    if not orders:
        return set()
    trashed = Clip.objects.filter(order__in=orders, trashed_at__isnull=False)
    return {order for order in trashed.values_list("order", flat=True) if order}


def _counts_of_outputs(jobs: Iterable[Job]) -> dict[int, int]:
    """Return how many outputs each job has that is being saved, without those in the trash."""
    saving = [job.pk for job in jobs if job.state == State.SAVING]
    if not saving:
        return {}
    outputs = Output.objects.filter(job__in=saving).exclude(clip__trashed_at__isnull=False)
    return dict(outputs.order_by().values_list("job_id").annotate(count=Count("pk")))


def _stack(
    job: Job,
    clips: list[Clip],
    durations: Mapping[tuple[int, PriceValues], Durations | None],
    count_of_outputs: int,
) -> Stack:
    tiles = [tile_of(clip, is_late=job.is_late) for clip in clips]
    if tiles and job.state != State.SAVING:
        return Stack(job, tiles)
    rest = _tile_of_job(job, durations.get((job.account_id, job.price_values)))
    if tiles:
        words = _("%(saved)s of %(all)s saved") % {"saved": len(tiles), "all": count_of_outputs}
        percent = round(100 * len(tiles) / max(count_of_outputs, 1))
        rest = replace(rest, eta=words, percent=percent)
    return Stack(job, [*tiles, rest])


def tiles_of(clips: Sequence[Clip]) -> list[Tile]:
    """Return the tiles of clips that were loaded with their images."""
    late = late_orders(clips)
    return [tile_of(clip, is_late=clip.order in late) for clip in clips]


def tile_of(clip: Clip, *, is_late: bool = False) -> Tile:
    """Return the tile of a clip, which was loaded with its image; `is_late`: its job came late."""

    def address(kind: str) -> str:
        return reverse("clips:file", args=[clip.public_id, kind])

    return Tile(
        id=clip.public_id,
        job=clip.order or clip.public_id,
        url=clip.get_absolute_url(),
        state=State.SAVED,
        state_label=str(State.SAVED.label),
        title=clip.image_title,
        prompt=clip.prompt_text,
        poster=address("poster"),
        width=clip.width,
        height=clip.height,
        colour=clip.image.colour if clip.image else "",
        sprite=address("sprite"),
        columns=clip.sprite_columns,
        rows=clip.sprite_rows,
        video=address("video"),
        length=seconds(clip.duration_ms),
        nsfw=clip.nsfw,
        nsfw_label=clip.get_nsfw_display(),
        veil=clip.is_veiled,
        veil_label=_("Flagged") if clip.is_flagged else _("Not checked"),
        verdict=clip.verdict,
        verdict_label=clip.get_verdict_display(),
        is_late=is_late,
        is_joined=clip.is_joined,
    )


def _tile_of_job(job: Job, durations: Durations | None) -> Tile:
    state, label = job.chip
    thumbnail = job.image.thumbnail_size if job.image else (0, 0)
    percent, eta = progress_of(job, durations)
    return Tile(
        id=job.public_id,
        job=job.public_id,
        url=job.get_absolute_url(),
        state=state,
        state_label=str(label),
        title=job.image_title,
        prompt=job.prompt_text,
        poster=reverse("projects:image", args=[job.image.public_id, "thumbnail"])
        if job.image
        else "",
        width=thumbnail[0],
        height=thumbnail[1],
        colour=job.image.colour if job.image else "",
        is_moving=job.is_moving,
        since=job.created_at,
        percent=percent,
        eta=eta,
        reason=job.reason,
        is_late=job.is_late,
        is_urgent=job.is_urgent and job.is_moving,
    )
