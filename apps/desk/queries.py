"""What waits for somebody."""

from typing import Any

from apps.gallery.queries import with_tiles
from apps.jobs.models import Clip, Job
from apps.jobs.states import MOVING, TROUBLED, Verdict
from apps.projects.models import Project
from apps.reviews.queries import waiting
from apps.teams.models import Member
from apps.teams.roles import Deed

SHOWN = 8


def desk_of(member: Member) -> dict[str, Any]:
    """Return what the first page shows: what waits for this person, what runs, what came of it."""
    mine = with_tiles(Job.objects.filter(created_by=member.user).order_by("-created_at", "-pk"))
    decided = Clip.objects.saved().filter(job__created_by=member.user).select_related("project")
    return {
        "to_decide": waiting()[:SHOWN] if member.may(Deed.DECIDE) else [],
        "to_decide_count": waiting().count() if member.may(Deed.DECIDE) else 0,
        "moving": mine.filter(state__in=MOVING)[:SHOWN],
        "trouble": mine.filter(state__in=TROUBLED)[:SHOWN],
        "to_change": decided.filter(verdict=Verdict.CHANGES).order_by("-created_at", "-pk")[:SHOWN],
        "approved": Clip.objects.saved().filter(verdict=Verdict.APPROVED).select_related("project")
        .order_by("-created_at", "-pk")[:SHOWN],
        "projects": Project.objects.for_list()[:SHOWN],
    }  # fmt: skip
