"""Late jobs: they had ended, and then the vendor found them or delivered a clip."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.activity.models import Event
from apps.budgets import services as budgets
from apps.budgets.services import Cost
from apps.clips.models import Clip
from apps.clips.queries import by_order
from apps.jobs.models import Job
from apps.jobs.states import LATE, State

# What happened, by how the job had ended and where it went on.
HAPPENED: dict[tuple[str, str], Promise] = {
    (State.FAILED, State.AT_VENDOR): _("It was given up. Then it was found at the vendor."),
    (State.CANCELLED, State.AT_VENDOR): _("It was cancelled. Then it was found at the vendor."),
    (State.FAILED, State.SAVING): _("It failed. Then the vendor delivered a clip."),
    (State.MODERATED, State.SAVING): _("The vendor declined it. Then it delivered a clip."),
    (State.CANCELLED, State.SAVING): _("It was cancelled. Then the vendor delivered a clip."),
}
TWIN = _("The vendor received the order twice. This is the second result, with a cost of its own.")
SOMEHOW = _("It had ended. Then the vendor delivered a clip.")


@dataclass(frozen=True, slots=True)
class LateStory:
    """One late job, what happened to it, what it costs, and its first clip if that is here."""

    job: Job
    words: str
    cost: Cost
    clip: Clip | None


def late_jobs() -> QuerySet[Job]:
    """Return the jobs that came late and that nobody has taken note of."""
    late: QuerySet[Job] = Job.objects.filter(is_late=True)
    return late.select_related("project", "image", "account")


def late_stories(jobs: Sequence[Job]) -> list[LateStory]:
    """Return the story of each of these late jobs, in three queries however many there are."""
    ids = [job.public_id for job in jobs]
    costs = budgets.cost_of(ids)
    words = _words(ids)
    clips = by_order(Clip.objects.visible(), ids)
    return [
        LateStory(
            job,
            words[job.public_id],
            costs[job.public_id],
            next(iter(clips.get(job.public_id, [])), None),
        )
        for job in jobs
    ]


def _words(ids: Sequence[UUID]) -> dict[UUID, str]:
    words: dict[UUID, str] = defaultdict(lambda: str(SOMEHOW))
    stood: dict[UUID, str] = {}
    events = Event.objects.filter(subject_id__in=ids, verb__in=["moved", "found_twin"]).order_by(
        "pk"
    )
    for event in events.only("subject_id", "verb", "facts"):
        job, to = event.subject_id, event.facts.get("to", "")
        if event.verb == "found_twin":
            words[job] = str(TWIN)
        elif to in LATE and (happened := HAPPENED.get((stood.get(job, ""), to))):
            words[job] = str(happened)
        stood[job] = to
    return words
