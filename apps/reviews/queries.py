"""What waits for a decision."""

from django.db.models import QuerySet

from apps.clips.models import Clip
from apps.clips.states import Verdict


def waiting() -> QuerySet[Clip]:
    """Return the visible clips nobody has decided on, newest first."""
    undecided: QuerySet[Clip] = Clip.objects.visible().filter(verdict=Verdict.UNDECIDED)
    return undecided.select_related("project", "image").order_by("-pk")


def next_waiting(clip: Clip) -> Clip | None:
    """Return the undecided clip after `clip` in the queue; after the last, the first."""
    others = waiting().exclude(pk=clip.pk)
    return others.filter(pk__lt=clip.pk).first() or others.first()


def previous_waiting(clip: Clip) -> Clip | None:
    """Return the undecided clip before `clip` in the queue."""
    return waiting().filter(pk__gt=clip.pk).order_by("pk").first()
