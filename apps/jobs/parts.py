"""The parts of a chain: the end of one part starts or cancels the next."""

from itertools import takewhile
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.budgets import services as budgets
from apps.jobs.models import Chain, Job
from apps.jobs.states import MOVING, State

ON_THE_WAY = MOVING | {State.UNCONFIRMED}


@transaction.atomic
def predecessor_saved(job: Job) -> None:
    """Let the next part begin, or have what there is joined."""
    if not job.chain_id or not job.chain:
        return
    # Locked: whoever stops the chain comes before this or after it.
    chain = Chain.objects.select_for_update(of=("self",)).get(pk=job.chain_id)
    waiting = Job.objects.filter(chain=chain, extends=job, state=State.PLANNED).first()
    if waiting is None:
        join_soon(chain)
    elif not chain.is_stepwise and not chain.stopped_at:
        go_on(waiting)


def go_on(part: Job, *, take: int | None = None) -> bool:
    """Queue a part whose predecessor is saved, going on from `take` where one is given."""
    changes: dict[str, Any] = {} if take is None else {"extends_take": take}
    return part.move(State.QUEUED, **changes)


@transaction.atomic
def predecessor_ended(job: Job) -> None:
    """Take back the parts that have nothing to go on from, and join those there are."""
    if not job.chain_id or not job.chain:
        return
    # The chain before its parts, as whoever stops it.
    Chain.objects.select_for_update(of=("self",)).get(pk=job.chain_id)
    for part in Job.objects.filter(chain=job.chain_id, state=State.PLANNED, part__gt=job.part):
        if part.move(State.CANCELLED, reason=_("The part before it was not made.")):
            budgets.void(part.public_id, 1, str(_("never sent")))
    join_soon(job.chain)


def planned_after(job: Job) -> list[Job]:
    """Return the parts that were planned together with this one to follow it, in their order."""
    later = Job.objects.filter(chain=job.chain_id, part__gt=job.part)
    return list(later.order_by("part")) if job.chain_id else []


def parts_cancelled_with(job: Job) -> list[Job]:
    """Return the parts that were taken back since this one came to nothing, up to one that a person took back."""
    if job.chain is None or job.chain.stopped_at:
        return []
    return list(takewhile(_was_taken_back, planned_after(job)))


def _was_taken_back(part: Job) -> bool:
    # Whoever cancels a part themselves gives no reason.
    return part.state == State.CANCELLED and not part.submission_number and bool(part.reason)


def join_soon(chain: Chain) -> None:
    """Have the saved parts of a chain joined, where one goes on from another and none is still on its way."""
    if chain.parts.filter(state__in=ON_THE_WAY).exists():
        return
    saved = chain.parts.filter(state=State.SAVED)
    if saved.filter(extends__isnull=False).exists() and saved.count() > chain.joined_parts:
        Chain.objects.filter(pk=chain.pk).update(join_at=timezone.now(), fault="")
