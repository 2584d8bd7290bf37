"""Contents of the first page."""

from typing import Any

from django.db.models import QuerySet

from apps.clips.models import Clip
from apps.clips.states import Verdict
from apps.gallery.queries import with_tiles
from apps.gallery.tiles import Tile, stacks_of, tile_of
from apps.jobs.models import Job
from apps.jobs.states import MOVING, TROUBLED
from apps.projects.models import Project
from apps.reviews.queries import waiting
from apps.teams.models import Member
from apps.teams.roles import Permission

SHOWN = 8


def desk_of(member: Member) -> dict[str, Any]:
    """Return the sections of the first page: open decisions, running jobs, and results."""
    mine = with_tiles(Job.objects.filter(created_by=member.user).order_by("-created_at", "-pk"))
    approved = Clip.objects.visible().filter(verdict=Verdict.APPROVED).select_related("image")
    own = Clip.objects.visible().filter(author=member.user).select_related("image").order_by("-pk")
    decides = member.may(Permission.DECIDE)
    return {
        "to_decide": _tiles(waiting()) if decides else [],
        "to_decide_count": waiting().count() if decides else 0,
        "moving": stacks_of(mine.filter(state__in=MOVING)[:SHOWN]),
        "trouble": stacks_of(mine.filter(state__in=TROUBLED)[:SHOWN]),
        "to_change": _tiles(own.filter(verdict=Verdict.CHANGES)),
        "in_review": [] if decides else _tiles(own.filter(verdict=Verdict.UNDECIDED)),
        "approved": _tiles(approved.order_by("-pk")),
        "late_count": Job.objects.filter(is_late=True).count(),
        "first_use": not Job.objects.exists(),
        "projects": Project.objects.for_list()[:SHOWN],
    }


def _tiles(clips: QuerySet[Clip]) -> list[Tile]:
    return [tile_of(clip) for clip in clips[:SHOWN]]
