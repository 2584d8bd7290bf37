"""Everything a page tells of one job: where it stands, its clips, its money, and the parts it belongs to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from apps.activity.models import Event
from apps.budgets import services as budgets
from apps.budgets.states import CostState
from apps.clips.models import Clip
from apps.clips.queries import by_order
from apps.jobs.growth import why_cannot_grow
from apps.jobs.models import Chain, Job, Submission
from apps.jobs.parts import parts_cancelled_with
from apps.jobs.queries.clips import job_of
from apps.jobs.states import ENDED, FINAL, RequestKind, State, SubmissionOutcome
from apps.vendors.offer import Offer


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a longer clip, the seconds it fills, and the takes of the part before to choose from."""

    job: Job
    begin: int
    end: int
    takes: list[Clip]


@dataclass(frozen=True, slots=True)
class Doubt:
    """How many orders of one job may have arrived, and what the vendor may charge for them; None where unknown."""

    orders: int
    cost: Decimal | None
    cost_with_another: Decimal | None


@dataclass(frozen=True, slots=True)
class Together:
    """What all parts of a longer clip cost, and how much of it is only on hold so far."""

    held: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class Retry:
    """One more try: what a part costs today, None when nobody says, and how many there are with those that follow."""

    price: Decimal | None
    count: int

    @property
    def total(self) -> Decimal | None:
        """What all of them cost."""
        return None if self.price is None else self.count * self.price


def story_of(job: Job) -> dict[str, Any]:
    """Return what the page of a job shows."""
    clips = list(job.clips)
    outputs = list(job.outputs.select_related("clip").order_by("take"))
    submission, open_ones = _in_doubt(job), unsettled_submissions(job)
    cost = budgets.cost_of([job.public_id])[job.public_id]
    requests = {request.kind: request for request in job.vendor_requests.all()}
    return {
        "job": job,
        "stop_request": requests.get(RequestKind.STOP),
        "delete_request": requests.get(RequestKind.DELETE),
        "outputs": outputs,
        "saved_clips": clips,
        "missing": [one for one in outputs if one.is_downloading and one.fault],
        "has_files": any(not clip.gone_at for clip in clips),
        "is_in_trash": any(clip.trashed_at and not clip.gone_at for clip in clips),
        "shown_clips": [clip for clip in clips if not clip.trashed_at],
        "events": Event.objects.filter(
            subject_id__in=[job.public_id, *(clip.public_id for clip in clips)]
        )
        .select_related("actor")
        .order_by("pk"),
        "cost": cost,
        "correctable_charge": budgets.correctable_charge(job.public_id)
        if cost.state == CostState.UNKNOWN
        else None,
        "submission": submission,
        "unsettled": open_ones,
        "in_doubt": bool(submission or open_ones),
        "doubt": _doubt(job),
        "retry": retry_of(job) if _can_retry(job) else None,
        "waits_for": _waits_for(job),
        "went_on": job.next_parts.exclude(chain=job.chain).order_by("pk"),
        **(chain_of(job, job.chain) if job.chain else {}),
    }


def _in_doubt(job: Job) -> Submission | None:
    """Return the last submission that may have arrived, and is looked for."""
    sought = job.submissions.filter(outcome=SubmissionOutcome.UNKNOWN, search_at__isnull=False)
    return sought.order_by("-number").first() if job.submission_number else None


def _doubt(job: Job) -> Doubt | None:
    if job.state != State.UNCONFIRMED:
        return None
    orders = job.submissions.filter(outcome=SubmissionOutcome.UNKNOWN).count()
    costs = [None, None] if job.price is None else [job.price * orders, job.price * (orders + 1)]
    return Doubt(orders, *costs)


def unsettled_submissions(job: Job) -> list[Submission]:
    """Return the submissions of a job that has ended of which only a person can find out what they cost."""
    if job.state not in FINAL or not job.submission_number:
        return []
    unknown = list(
        job.submissions.filter(outcome=SubmissionOutcome.UNKNOWN, search_at=None).order_by("number")
    )
    on_hold = budgets.submissions_on_hold(job.public_id) if unknown else set()
    return [submission for submission in unknown if submission.number in on_hold]


def _can_retry(job: Job) -> bool:
    # What was moderated is moderated again: it is to be rephrased.
    return job.state in ENDED - {State.MODERATED} and _has_a_beginning(job)


def retry_of(job: Job) -> Retry:
    """Return what ordering it once more means today."""
    price = budgets.price_of(job.team, job.account.offer, job.parameters)
    return Retry(price, 1 + len(parts_cancelled_with(job)))


def _has_a_beginning(job: Job) -> bool:
    if job.part:
        return job.extends is not None and job.extends.state == State.SAVED
    return job.image_id is not None


def _waits_for(job: Job) -> str:
    """Say what a part of a longer clip needs before it goes out; "" for a job that waits for no other."""
    if job.state != State.PLANNED or not job.extends or not job.chain:
        return ""
    words = (
        _("Waits until someone chooses the take of part %s to continue.")
        if job.chain.is_stepwise
        else _("Sent when part %s is saved.")
    )
    return words % (job.extends.part + 1)


def chain_of(job: Job, chain: Chain) -> dict[str, Any]:
    """Return the parts of a longer clip, and the clip they were joined into."""
    jobs = list(chain.parts.order_by("part", "pk").select_related("extends"))
    orders = [part.public_id for part in jobs]
    takes = by_order(Clip.objects.visible().filter(is_joined=False), orders)
    parts = [*_before(jobs[0]), *jobs]
    joined = Clip.objects.visible().filter(order__in=orders, is_joined=True)
    return {
        "chain": chain,
        "parts": [_part(part, jobs, takes, job.account.offer) for part in parts],
        "together": _together(parts),
        "joined": joined.order_by("-pk").first(),
        "can_stop_chain": not chain.stopped_at
        and any(part.state == State.PLANNED for part in jobs),
        "chain_is_moving": any(part.state not in FINAL for part in jobs)
        or chain.join_at is not None,
    }


def _before(part: Job) -> list[Job]:
    """Return the jobs that a longer clip began from: it may have been made of a clip there was."""
    return [*_before(part.extends), part.extends] if part.extends else []


def _together(parts: Sequence[Job]) -> Together | None:
    """Return what the parts cost; None where nobody says it of one of them."""
    costs = budgets.cost_of(part.public_id for part in parts).values()
    if any(cost.state == CostState.UNKNOWN for cost in costs):
        return None
    held, spent = sum(cost.held for cost in costs), sum(cost.spent for cost in costs)
    return Together(Decimal(held), Decimal(held + spent))


def _part(part: Job, jobs: Sequence[Job], takes: Mapping[UUID, list[Clip]], offer: Offer) -> Part:
    before = next((one for one in jobs if one.pk == part.extends_id), None)
    to_choose = takes.get(before.public_id, []) if before and part.waits_for_choice else []
    end = offer.seconds_of(part.parameters, part.part)
    start = offer.seconds_of(part.parameters, part.part - 1) if part.part else 0
    return Part(part, start, end, to_choose)


def why_not_longer(clip: Clip) -> str:
    """Return why a clip cannot be made longer, in words for people; "" where it can."""
    if clip.trashed_at:
        return _("This clip is in the trash. Restore it first.")
    if clip.is_joined:
        return _(
            "This clip was joined from parts here. Open its last part and make that one longer."
        )
    job = job_of(clip)
    if job is None or not job.vendor_job_id:
        return _("Only a clip that came from its vendor as it is can be made longer.")
    growth = why_cannot_grow(job.account.offer, job.parameters, extensions=job.part)
    if growth or job.account.is_open:
        return growth
    return _("This vendor account is paused.")
