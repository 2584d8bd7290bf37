"""The data of a job's page: its status, clips, cost, and the longer clip it belongs to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.activity.models import Event
from apps.budgets import services as budgets
from apps.budgets.models import LedgerEntry
from apps.budgets.services import Cost
from apps.budgets.states import CostState
from apps.clips.models import Clip
from apps.clips.queries import by_order
from apps.jobs.growth import why_cannot_grow
from apps.jobs.models import Chain, Job, Output, Submission, VendorRequest
from apps.jobs.parts import parts_cancelled_with
from apps.jobs.states import ENDED, FINAL, RequestKind, State, SubmissionOutcome
from apps.vendors.offer import Offer


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a longer clip, its seconds, and the takes it may go on from."""

    job: Job
    begin: int
    end: int
    takes: list[Clip]


@dataclass(frozen=True, slots=True)
class Doubt:
    """The orders of one job that may have been received, and their cost; None where unknown."""

    orders: int
    cost: Decimal | None
    cost_with_another: Decimal | None


@dataclass(frozen=True, slots=True)
class Together:
    """The cost of all parts of a longer clip, and the share that is on hold."""

    held: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class Retry:
    """One more try: today's price of a part, None where unknown, and the number of parts."""

    price: Decimal | None
    count: int

    @property
    def total(self) -> Decimal | None:
        """The price of all parts."""
        return None if self.price is None else self.count * self.price


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainPage:
    """The parts of a longer clip, and the clip they were joined into."""

    parts: list[Part]
    together: Together | None
    joined: Clip | None
    can_stop: bool
    # Something will still happen to it without anybody's doing.
    is_moving: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPage:
    """Everything that the page of one job shows."""

    job: Job
    clips: list[Clip]
    outputs: list[Output]
    events: QuerySet[Event]
    cost: Cost
    # The charge to which somebody may enter the cost; None where it is known.
    correctable_charge: LedgerEntry | None
    stop_request: VendorRequest | None
    delete_request: VendorRequest | None
    # The last submission that may have been received, and is searched for.
    searched_submission: Submission | None
    # Submissions that are searched for no more, whose cost only a person can find out.
    unsettled: list[Submission]
    doubt: Doubt | None
    retry: Retry | None
    # What a part of a longer clip needs before it is sent; "" for a job that waits for no other.
    waits_for: str
    # Longer clips that were made of this job's clips.
    went_on: QuerySet[Job]
    chain: ChainPage | None

    @property
    def in_doubt(self) -> bool:
        """Whether an order of this job may have been received without our knowing."""
        return bool(self.searched_submission or self.unsettled)

    @property
    def missing_outputs(self) -> list[Output]:
        """The outputs whose download failed, and is tried again."""
        return [output for output in self.outputs if output.is_downloading and output.fault]

    @property
    def shown_clips(self) -> list[Clip]:
        """The clips that are not in the trash."""
        return [clip for clip in self.clips if not clip.trashed_at]

    @property
    def has_files(self) -> bool:
        """Whether the file of any clip is still here."""
        return any(not clip.gone_at for clip in self.clips)

    @property
    def is_in_trash(self) -> bool:
        """Whether a clip is in the trash, from which it can be restored."""
        return any(clip.trashed_at and not clip.gone_at for clip in self.clips)


def job_page(job: Job) -> JobPage:
    """Return the data of one job's page."""
    clips = list(job.clips)
    cost = budgets.cost_of([job.public_id])[job.public_id]
    is_unknown = cost.state == CostState.UNKNOWN
    by_kind = {request.kind: request for request in job.vendor_requests.all()}
    subjects = [job.public_id, *(clip.public_id for clip in clips)]
    events = Event.objects.filter(subject_id__in=subjects).select_related("actor")
    return JobPage(
        job=job,
        clips=clips,
        outputs=list(job.outputs.select_related("clip").order_by("take")),
        events=events.order_by("pk"),
        cost=cost,
        correctable_charge=budgets.correctable_charge(job.public_id) if is_unknown else None,
        stop_request=by_kind.get(RequestKind.STOP),
        delete_request=by_kind.get(RequestKind.DELETE),
        searched_submission=_searched_submission(job),
        unsettled=unsettled_submissions(job),
        doubt=_doubt(job),
        retry=retry_of(job) if _can_retry(job) else None,
        waits_for=_waits_for(job),
        went_on=job.next_parts.exclude(chain=job.chain).order_by("pk"),
        chain=_chain_page(job, job.chain) if job.chain else None,
    )


def _searched_submission(job: Job) -> Submission | None:
    unknown = job.submissions.filter(outcome=SubmissionOutcome.UNKNOWN)
    searched = unknown.filter(search_at__isnull=False)
    return searched.order_by("-number").first() if job.submission_number else None


def _doubt(job: Job) -> Doubt | None:
    if job.state != State.UNCONFIRMED:
        return None
    orders = job.submissions.filter(outcome=SubmissionOutcome.UNKNOWN).count()
    costs = [None, None] if job.price is None else [job.price * orders, job.price * (orders + 1)]
    return Doubt(orders, *costs)


def unsettled_submissions(job: Job) -> list[Submission]:
    """Return the submissions of an ended job whose cost only a person can find out."""
    if job.state not in FINAL or not job.submission_number:
        return []
    unknown = list(
        job.submissions.filter(outcome=SubmissionOutcome.UNKNOWN, search_at=None).order_by("number")
    )
    on_hold = budgets.submissions_on_hold(job.public_id) if unknown else set()
    return [submission for submission in unknown if submission.number in on_hold]


def _can_retry(job: Job) -> bool:
    # A moderated prompt would be moderated again: it has to be rephrased.
    return job.state in ENDED - {State.MODERATED} and _has_source(job)


def retry_of(job: Job) -> Retry:
    """Return the price and the parts of ordering the job once more."""
    price = budgets.price_of(job.team, job.account.offer, job.parameters)
    return Retry(price, 1 + len(parts_cancelled_with(job)))


def _has_source(job: Job) -> bool:
    if job.part:
        return job.extends is not None and job.extends.state == State.SAVED
    return job.image_id is not None


def _waits_for(job: Job) -> str:
    """Return what a part needs before it is sent; "" for a job that waits for no other."""
    if job.state != State.PLANNED or not job.extends or not job.chain:
        return ""
    words = (
        _("Waits until someone chooses the take of part %s to continue.")
        if job.chain.is_stepwise
        else _("Sent when part %s is saved.")
    )
    return words % (job.extends.part + 1)


def _chain_page(job: Job, chain: Chain) -> ChainPage:
    jobs = list(chain.parts.order_by("part", "pk").select_related("extends"))
    orders = [part.public_id for part in jobs]
    takes = by_order(Clip.objects.visible().filter(is_joined=False), orders)
    parts = [*_before(jobs[0]), *jobs]
    joined = Clip.objects.visible().filter(order__in=orders, is_joined=True)
    is_planned = any(part.state == State.PLANNED for part in jobs)
    is_moving = any(part.state not in FINAL for part in jobs)
    return ChainPage(
        parts=[_part(part, jobs, takes, job.account.offer) for part in parts],
        together=_together(parts),
        joined=joined.order_by("-pk").first(),
        can_stop=is_planned and not chain.stopped_at,
        is_moving=is_moving or chain.join_at is not None,
    )


def _before(part: Job) -> list[Job]:
    """Return the jobs before the first part: a longer clip may extend an older clip."""
    return [*_before(part.extends), part.extends] if part.extends else []


def _together(parts: Sequence[Job]) -> Together | None:
    """Return the cost of the parts; None where that of one is unknown."""
    costs = budgets.cost_of(part.public_id for part in parts).values()
    if any(cost.state == CostState.UNKNOWN for cost in costs):
        return None
    held = sum((cost.held for cost in costs), Decimal(0))
    spent = sum((cost.spent for cost in costs), Decimal(0))
    return Together(held, held + spent)


def _part(part: Job, jobs: Sequence[Job], takes: Mapping[UUID, list[Clip]], offer: Offer) -> Part:
    before = next((one for one in jobs if one.pk == part.extends_id), None)
    to_choose = takes.get(before.public_id, []) if before and part.waits_for_choice else []
    end = offer.seconds_of(part.parameters, part.part)
    start = offer.seconds_of(part.parameters, part.part - 1) if part.part else 0
    return Part(part, start, end, to_choose)


def why_not_longer(clip: Clip, job: Job | None) -> str:
    """Return why a clip of this job cannot be made longer, for people; "" where it can."""
    if clip.trashed_at:
        return _("This clip is in the trash. Restore it first.")
    if clip.is_joined:
        return _("This clip was joined from parts. Open its last part and make that one longer.")
    if job is None or not job.vendor_job_id:
        return _("Only a clip that came straight from its vendor can be made longer.")
    growth = why_cannot_grow(job.account.offer, job.parameters, extensions=job.part)
    if growth or job.account.is_open:
        return growth
    return _("This vendor account is paused.")
