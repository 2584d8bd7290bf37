"""What became of a sending, whenever and from whomever we hear of it: the vendor has it, or it never arrived.

The answer to an order may come late: its worker was taken for dead, a person has sent the job again
or given it up, the vendor's list was quicker. Every word of it counts, and counts once, whatever
the job has become meanwhile.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.events import record
from apps.jobs.models import Job, Sending
from apps.jobs.parts import predecessor_ended
from apps.jobs.states import ENDED, MOVES, Fate, State
from apps.jobs.workers import money

WAITS = {State.SUBMITTING, State.UNCONFIRMED}  # for the answer to its sending


def locked(job_id: int) -> Job:
    """Return a job that nobody else moves until this transaction ends."""
    rows = Job.objects.select_for_update(of=("self",))
    return rows.select_related("account__lane", "chain", "team", "project", "created_by").get(
        pk=job_id
    )


@transaction.atomic
def taken(
    sending: Sending, vendor_job_id: str, *, vendor_word: str, taken_at: datetime, **changes: Any
) -> bool:
    """Write down what the vendor calls this sending; return whether it could be believed.

    An id that another job has already is not: the vendor, or its list, is mistaken.
    """
    job = locked(sending.job_id)
    holder = Job.objects.filter(
        account__lane=job.account.lane_id, vendor_job_id=vendor_job_id
    ).first()
    if holder and holder.pk != job.pk:
        return False
    mine = Sending.objects.filter(pk=sending.pk, mark=sending.mark).exclude(fate=Fate.TAKEN)
    if not mine.update(fate=Fate.TAKEN, vendor_job_id=vendor_job_id, seek_at=None):
        return True
    facts = {"vendor_job_id": vendor_job_id, "vendor_word": vendor_word, "taken_at": taken_at}
    if holder:  # the vendor counts this sending and an earlier one as the same order
        money.cost_nothing(job, _("counted with another sending"), sending=sending.number)
    elif not _goes_on(job, sending, facts | changes):
        _twin(job, sending, facts)
    return True


def _goes_on(job: Job, sending: Sending, changes: dict[str, Any]) -> bool:
    """Move the job to its vendor, unless another sending of it is there or just on its way."""
    state = State(job.state)
    if job.vendor_job_id or State.AT_VENDOR not in MOVES[state]:
        return False
    if state == State.SUBMITTING and job.sending != sending.number:
        return False
    if state == State.QUEUED and job.sending > sending.number:
        # It was about to be sent again: now it need not be.
        money.cost_nothing(job, _("found before it was sent again"))
    late = {"is_late": True} if state in ENDED else {}
    cleared: dict[str, Any] = {"attempts": 0, "reason": "", "vendor_words": ""}
    return job.move(State.AT_VENDOR, **cleared | late | {"sending": sending.number} | changes)


def _twin(job: Job, sending: Sending, facts: dict[str, Any]) -> None:
    """Give what was paid a second time a job of its own, so that its clip is not lost either."""
    is_counted = not money.cost_nothing(job, _("counted with its twin"), sending=sending.number)
    twin = Job.objects.create(
        team_id=job.team_id,
        project_id=job.project_id,
        image_id=job.image_id,
        account=job.account,
        created_by_id=job.created_by_id,
        again_of=job,
        # What a person saw charged stands where they said so.
        price=Decimal(0) if is_counted else job.price,
        sending=1,
        is_late=True,
        state=State.AT_VENDOR,
        submitted_at=sending.sent_at,
        next_step_at=facts["taken_at"],
        **facts,
        **job.recipe(),
    )
    money.hold_found(twin)
    # What the vendor still says of this sending is said of the twin.
    Sending.objects.filter(pk=sending.pk).update(job=twin, number=1)
    record("found_twin", twin, of=str(job.public_id))


@transaction.atomic
def never(sending: Sending, to: State, *, reason: str, **changes: Any) -> None:
    """Write down that a sending never arrived, or was turned down, and where that leads its job.

    To QUEUED, where it may go out again under the same hold; anywhere else the hold is given back.
    """
    job = locked(sending.job_id)
    mine = Sending.objects.filter(pk=sending.pk, mark=sending.mark, fate=Fate.UNKNOWN)
    if not mine.update(fate=Fate.NEVER, seek_at=None):
        return
    waits = job.state in WAITS and job.sending == sending.number
    if (
        to == State.QUEUED
        and Job.objects.filter(again_of=job, sendings__sent_at__lte=sending.sent_at).exists()
    ):
        to, reason = State.FAILED, _("An earlier sending of it was found at the vendor.")
    if waits and to == State.QUEUED:
        job.move(to, reason=reason, **changes)
        return
    money.cost_nothing(job, reason, sending=sending.number)
    if waits and job.move(to, reason=reason, **_words(changes)):
        predecessor_ended(job)


@transaction.atomic
def unknowable(sending: Sending, reason: str) -> None:
    """Stop looking for a sending that nobody can look for; what it cost a person has to find out.

    Its hold stands until then: it may have been charged.
    """
    job = locked(sending.job_id)  # before its sending, as everywhere: no two wait for each other
    if not Sending.objects.filter(pk=sending.pk, fate=Fate.UNKNOWN).update(seek_at=None):
        return
    if (
        job.state == State.UNCONFIRMED
        and job.sending == sending.number
        and job.move(State.FAILED, reason=reason)
    ):
        predecessor_ended(job)


@transaction.atomic
def settled_by_hand(sending: Sending, *, was_charged: bool, reason: str) -> None:
    """Write down what a person found out about the money of a sending that nobody could look for."""
    if was_charged:
        money.lost(locked(sending.job_id), reason, sending=sending.number)
    else:
        never(sending, State.FAILED, reason=reason)


def _words(changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in changes.items() if name != "next_step_at"}
