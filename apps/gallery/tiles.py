"""What a tile shows: one clip, or one job on its way, told in plain values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.core.templatetags.house import seconds
from apps.jobs.models import Clip, Job
from apps.jobs.pace import Pace, paces_of, progress_of
from apps.jobs.states import Nsfw, State


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


@dataclass(frozen=True, slots=True)
class Stack:
    """The tiles of one job: the job itself until its clips are there."""

    job: Job
    tiles: list[Tile]


def stacks_of(jobs: Iterable[Job]) -> list[Stack]:
    """Return the tiles of jobs loaded by queries.with_tiles()."""
    jobs = list(jobs)
    paces = paces_of(jobs)
    return [_stack(job, paces) for job in jobs]


def _stack(job: Job, paces: Mapping[tuple[int, str], Pace | None]) -> Stack:
    clips: list[Clip] = job.tiles  # type: ignore[attr-defined]  # hung on by with_tiles()
    if clips:
        return Stack(job, [tile_of(clip) for clip in clips])
    return Stack(job, [_tile_of_job(job, paces.get((job.account_id, job.resolution)))])


def tile_of(clip: Clip) -> Tile:
    """Return the tile of a saved clip, its job and the job's image loaded with it."""

    def address(kind: str) -> str:
        return reverse("jobs:clip_file", args=[clip.public_id, kind])

    return Tile(
        id=clip.public_id,
        job=clip.job.public_id if clip.job else clip.public_id,
        url=clip.get_absolute_url(),
        state=State.SAVED,
        state_label=str(State.SAVED.label),
        title=clip.image_title,
        prompt=clip.prompt_text,
        poster=address("poster"),
        width=clip.width,
        height=clip.height,
        colour=clip.job.image.colour if clip.job and clip.job.image else "",
        sprite=address("sprite"),
        columns=clip.sprite_columns,
        rows=clip.sprite_rows,
        video=address("video"),
        length=seconds(clip.duration_ms),
        nsfw=clip.nsfw,
        nsfw_label=clip.get_nsfw_display(),
        veil=clip.is_veiled,
        veil_label=_("Flagged") if Nsfw.FLAGGED in {clip.nsfw, clip.house_nsfw} else _("Not checked"),
        verdict=clip.verdict,
        verdict_label=clip.get_verdict_display(),
    )


def _tile_of_job(job: Job, pace: Pace | None) -> Tile:
    state, label = job.chip
    thumbnail = job.image.thumbnail_size if job.image else (0, 0)
    percent, eta = progress_of(job, pace)
    return Tile(
        id=job.public_id,
        job=job.public_id,
        url=job.get_absolute_url(),
        state=state,
        state_label=str(label),
        title=job.image_title,
        prompt=job.prompt_text,
        poster=reverse("projects:image", args=[job.image.public_id, "thumbnail"]) if job.image else "",
        width=thumbnail[0],
        height=thumbnail[1],
        colour=job.image.colour if job.image else "",
        is_moving=job.is_moving,
        since=job.created_at,
        percent=percent,
        eta=eta,
        reason=job.reason,
    )
