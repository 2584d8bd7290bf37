"""What waits for a decision."""

from django.db.models import Q, QuerySet

from apps.jobs.models import Clip
from apps.jobs.states import Verdict


def waiting() -> QuerySet[Clip]:
    """Return the saved clips nobody has decided on, newest first."""
    undecided: QuerySet[Clip] = Clip.objects.saved().filter(verdict=Verdict.UNDECIDED)
    return undecided.select_related("project", "job").order_by("-created_at", "-pk")


def next_waiting(clip: Clip) -> Clip | None:
    """Return the undecided clip that follows `clip` in the queue, from the top again after the last."""
    older = Q(created_at__lt=clip.created_at) | Q(created_at=clip.created_at, pk__lt=clip.pk)
    others = waiting().exclude(pk=clip.pk)
    return others.filter(older).first() or others.first()


def previous_waiting(clip: Clip) -> Clip | None:
    """Return the undecided clip before `clip` in the queue."""
    newer = Q(created_at__gt=clip.created_at) | Q(created_at=clip.created_at, pk__gt=clip.pk)
    return waiting().filter(newer).order_by("created_at", "pk").first()
