"""Counts of a team's jobs that are not finished."""

from django.db.models import Count, Q

from apps.jobs.models import Job
from apps.jobs.states import UNFINISHED, UNSENT
from apps.teams.models import Team
from apps.teams.scoping import within


def unfinished_counts(team: Team) -> tuple[int, int]:
    """Return how many jobs of a team are not sent yet, and how many are at a vendor or on the way.

    Jobs of hidden projects count, too: archiving concerns them all.
    """
    with within(team, hidden=()):
        counts = Job.objects.aggregate(
            queued=Count("pk", filter=Q(state__in=UNSENT)),
            running=Count("pk", filter=Q(state__in=UNFINISHED - UNSENT)),
        )
    return counts["queued"], counts["running"]
