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
    """Queue the next part, or have the saved parts joined."""
    if not job.chain_id or not job.chain:
        return
    # Locked, so that nobody stops the chain in between.
    chain = Chain.objects.select_for_update(of=("self",)).get(pk=job.chain_id)
    waiting = Job.objects.filter(chain=chain, extends=job, state=State.PLANNED).first()
    if waiting is None:
        join_soon(chain)
    elif not chain.is_stepwise and not chain.stopped_at:
        go_on(waiting)


def go_on(part: Job, *, take: int | None = None) -> bool:
    """Queue a part whose predecessor is saved, to extend `take` where one is given."""
    changes: dict[str, Any] = {} if take is None else {"extends_take": take}
    return part.move(State.QUEUED, **changes)


@transaction.atomic
def predecessor_ended(job: Job) -> None:
    """Cancel the parts that have nothing to extend, and join the saved ones."""
    if not job.chain_id or not job.chain:
        return
    # The chain is locked before its parts, as where it is stopped.
    Chain.objects.select_for_update(of=("self",)).get(pk=job.chain_id)
    for part in Job.objects.filter(chain=job.chain_id, state=State.PLANNED, part__gt=job.part):
        if part.move(State.CANCELLED, reason=_("The part before it was not made.")):
            budgets.void(part.public_id, 1, str(_("never sent")))
    join_soon(job.chain)


def planned_after(job: Job) -> list[Job]:
    """Return the parts of the same chain after this one, in their order."""
    later = Job.objects.filter(chain=job.chain_id, part__gt=job.part)
    return list(later.order_by("part")) if job.chain_id else []


def parts_cancelled_with(job: Job) -> list[Job]:
    """Return the parts cancelled with this one, up to the first that a person cancelled."""
    if job.chain is None or job.chain.stopped_at:
        return []
    return list(takewhile(_was_cancelled_by_us, planned_after(job)))


def _was_cancelled_by_us(part: Job) -> bool:
    # A part that a person cancelled has no reason.
    return part.state == State.CANCELLED and not part.submission_number and bool(part.reason)


def join_soon(chain: Chain) -> None:
    """Have the saved parts of a chain joined, unless a part is still on its way."""
    if chain.parts.filter(state__in=ON_THE_WAY).exists():
        return
    saved = chain.parts.filter(state=State.SAVED)
    if saved.filter(extends__isnull=False).exists() and saved.count() > chain.joined_parts:
        Chain.objects.filter(pk=chain.pk).update(join_at=timezone.now(), fault="")
