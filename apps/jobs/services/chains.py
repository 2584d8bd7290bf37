"""Making a clip longer, part by part; and ordering once more, which goes on from the same clip."""

from collections.abc import Sequence
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.budgets import services as budgets
from apps.clips.models import Clip
from apps.core.errors import DomainError
from apps.jobs.models import Chain, Job
from apps.jobs.parts import go_on, join_soon, taken_back_with
from apps.jobs.queries.clips import job_of
from apps.jobs.services.ordering import insist_on_length, insist_on_open, order, price_of, queued
from apps.jobs.states import ENDED, State
from apps.jobs.tasks import dispatch_due
from apps.teams.models import Member
from apps.teams.roles import Permission


def extend(
    member: Member,
    clip: Clip,
    prompts: Sequence[str],
    *,
    idempotency_key: UUID,
    is_stepwise: bool = False,
    last_order_seen: int | None = None,
) -> Job:
    """Go on from a clip with one part for each prompt; return the first of the new jobs.

    `last_order_seen` is the last job the form knows of, as in `order`.
    """
    member.require(Permission.CREATE)
    job = job_of(clip)
    if job is None or not job.vendor_job_id or clip.is_joined:
        raise DomainError(_("Only a clip that came from its vendor as it is can be made longer."))
    if not prompts:
        raise DomainError(_("Write what happens in at least one more part."))
    insist_on_open(job.account)
    insist_on_length(job.account.offer, job.part, len(prompts))
    idempotency_key = uuid5(idempotency_key, "\n".join([str(clip.public_id), *prompts]))
    if known := Job.objects.filter(idempotency_key=idempotency_key).first():
        return known
    first = Job(
        team=member.team,
        idempotency_key=idempotency_key,
        project=job.project,
        image=job.image,
        account=job.account,
        created_by=member.user,
        price=price_of(job.account, job.parameters),
        part=job.part + 1,
        extends=job,
        extends_take=clip.take,
        state=State.QUEUED,
        next_step_at=timezone.now(),
        **job.recipe() | {"prompt_text": prompts[0], "prompt_title": "", "prompt_number": None},
    )
    return queued(
        member, first, prompts[1:], is_stepwise=is_stepwise, last_order_seen=last_order_seen
    )


def retry(
    member: Member, job: Job, idempotency_key: UUID, *, last_order_seen: int | None = None
) -> Job:
    """Order once more what came to nothing, with the same words and settings, at today's price.

    What was to follow it is planned again as well. `last_order_seen` is the last job the form knows of, as
    in `order`.
    """
    if job.state not in ENDED:
        raise DomainError(_("This job has not ended in vain: there is nothing to retry."))
    further = [part.prompt_text for part in taken_back_with(job)]
    is_stepwise = bool(job.chain and job.chain.is_stepwise)
    if job.part:
        words = [job.prompt_text, *further]
        clip = _gone_on_from(job)
        return extend(
            member,
            clip,
            words,
            idempotency_key=idempotency_key,
            is_stepwise=is_stepwise,
            last_order_seen=last_order_seen,
        )
    if job.image is None:
        raise DomainError(_("The source image was deleted: choose another one."))
    return order(
        member,
        idempotency_key=idempotency_key,
        image=job.image,
        account=job.account,
        text=job.prompt_text,
        parameters=job.parameters,
        rerun_of=job,
        further=further,
        is_stepwise=is_stepwise,
        last_order_seen=last_order_seen,
    )


def _gone_on_from(part: Job) -> Clip:
    if part.extends is None:
        raise DomainError(
            _("The part before it is no longer here: there is nothing to go on from.")
        )
    clip = part.extends.clips.filter(take=part.extends_take or 1).first()
    if clip is None:
        raise DomainError(_("The part before it was not made: retry that one first."))
    return clip


@transaction.atomic
def stop_chain(member: Member, chain: Chain) -> None:
    """Make no further part; what is on its way is still made, and what there is gets joined."""
    member.require(Permission.CREATE)
    if not Chain.objects.filter(pk=chain.pk, stopped_at=None).update(stopped_at=timezone.now()):
        return
    for part in chain.parts.filter(state=State.PLANNED):
        if part.move(State.CANCELLED, actor=member.user):
            budgets.void(part.public_id, 1, _("never sent"))
    join_soon(chain)
    transaction.on_commit(dispatch_due, robust=True)


@transaction.atomic
def choose_take(member: Member, part: Job, clip: Clip) -> None:
    """Let a part that waits go on from this take of the part before it."""
    member.require(Permission.CREATE)
    before = part.extends
    if before is None or clip.order != before.public_id or before.state != State.SAVED:
        raise DomainError(_("The part before this one is not saved yet."))
    if part.state != State.PLANNED or not go_on(part, take=clip.take):
        raise DomainError(_("This part has begun already."))
    transaction.on_commit(dispatch_due, robust=True)
