"""What a tile shows: one clip, or one job on its way, told in plain values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.core.formatting import seconds
from apps.jobs.models import Clip, Job
from apps.jobs.poll_schedule import Durations, durations_of_jobs
from apps.jobs.progress import progress_of
from apps.jobs.states import Nsfw, State, Verdict


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
    """The tiles of one job: its clips that are here, and the job itself while others are still to come.

    None at all where everything that came was thrown away.
    """

    job: Job
    tiles: list[Tile]


def stacks_of(jobs: Iterable[Job]) -> list[Stack]:
    """Return the tiles of jobs loaded by queries.with_tiles()."""
    jobs = list(jobs)
    durations, clips, thrown = durations_of_jobs(jobs), _clips_in_all(jobs), _thrown_away(jobs)
    return [
        Stack(job, []) if job.pk in thrown else _stack(job, durations, clips.get(job.pk, 0))
        for job in jobs
    ]


def _thrown_away(jobs: Iterable[Job]) -> set[int]:
    """Return those of the saved jobs without clips whose clips lie in the trash, or are gone."""
    empty = [job.pk for job in jobs if job.state == State.SAVED and not job.tiles]  # type: ignore[attr-defined]  # hung on by with_tiles()
    if not empty:
        return set()
    clips = Clip.objects.filter(job__in=empty, trashed_at__isnull=False)
    return {job for job in clips.values_list("job_id", flat=True) if job}


def _clips_in_all(jobs: Iterable[Job]) -> dict[int, int]:
    """Return how many clips each job has whose clips are just being saved."""
    saving = [job.pk for job in jobs if job.state == State.SAVING]
    if not saving:
        return {}
    wanted = Clip.objects.filter(job__in=saving, is_joined=False, trashed_at=None)
    counted = wanted.order_by().values_list("job_id")
    return dict(counted.annotate(count=Count("pk")))


def _stack(
    job: Job, durations: Mapping[tuple[int, str], Durations | None], clips_in_all: int
) -> Stack:
    clips: list[Clip] = job.tiles  # type: ignore[attr-defined]  # hung on by with_tiles()
    tiles = [tile_of(clip, job) for clip in clips]
    if tiles and job.state != State.SAVING:
        return Stack(job, tiles)
    rest = _tile_of_job(job, durations.get((job.account_id, job.resolution)))
    if tiles:
        words = _("%(saved)s of %(all)s saved") % {"saved": len(tiles), "all": clips_in_all}
        rest = replace(rest, eta=words, percent=round(100 * len(tiles) / max(clips_in_all, 1)))
    return Stack(job, [*tiles, rest])


def tile_of(clip: Clip, job: Job | None = None) -> Tile:
    """Return the tile of a saved clip of `job`; where that is not at hand, it and its image come with the clip."""
    job = job or clip.job

    def address(kind: str) -> str:
        return reverse("jobs:clip_file", args=[clip.public_id, kind])

    return Tile(
        id=clip.public_id,
        job=job.public_id if job else clip.public_id,
        url=clip.get_absolute_url(),
        state=State.SAVED,
        state_label=str(State.SAVED.label),
        title=clip.image_title,
        prompt=clip.prompt_text,
        poster=address("poster"),
        width=clip.width,
        height=clip.height,
        colour=job.image.colour if job and job.image else "",
        sprite=address("sprite"),
        columns=clip.sprite_columns,
        rows=clip.sprite_rows,
        video=address("video"),
        length=seconds(clip.duration_ms),
        nsfw=clip.nsfw,
        nsfw_label=clip.get_nsfw_display(),
        veil=clip.is_veiled,
        veil_label=_("Flagged")
        if Nsfw.FLAGGED in {clip.nsfw, clip.house_nsfw}
        else _("Not checked"),
        verdict=clip.verdict,
        verdict_label=clip.get_verdict_display(),
        is_late=bool(job and job.is_late),
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
