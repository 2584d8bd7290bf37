"""Extending a clip part by part, and retrying a part: it extends the same clip again."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.budgets import services as budgets
from apps.clips.models import Clip
from apps.core.database import after_commit
from apps.core.errors import DomainError
from apps.jobs.models import Chain, Job
from apps.jobs.parts import go_on, join_soon, parts_cancelled_with
from apps.jobs.queries.clips import job_of
from apps.jobs.services.ordering import ExtensionRequest, OrderRequest, order
from apps.jobs.states import ENDED, State
from apps.jobs.tasks import dispatch_joins, dispatch_lanes
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
    """Extend a clip by one part for each prompt; return the first of the new jobs."""
    member.require(Permission.CREATE)
    job = job_of(clip)
    if job is None or not job.vendor_job_id or clip.is_joined:
        raise DomainError(_("Only a clip that came straight from its vendor can be made longer."))
    request = ExtensionRequest(
        idempotency_key=idempotency_key,
        extends=job,
        take=clip.take,
        prompts=prompts,
        is_stepwise=is_stepwise,
        last_order_seen=last_order_seen,
    )
    return order(member, request)


def retry(
    member: Member, job: Job, idempotency_key: UUID, *, last_order_seen: int | None = None
) -> Job:
    """Order a job that ended without a clip again: same words and settings, today's price.

    The parts that were to follow it are planned again as well.
    """
    if job.state not in ENDED:
        raise DomainError(_("This job has not failed. There is nothing to retry."))
    further = [part.prompt_text for part in parts_cancelled_with(job)]
    is_stepwise = bool(job.chain and job.chain.is_stepwise)
    if job.part:
        words = [job.prompt_text, *further]
        clip = _clip_before(job)
        return extend(
            member,
            clip,
            words,
            idempotency_key=idempotency_key,
            is_stepwise=is_stepwise,
            last_order_seen=last_order_seen,
        )
    if job.image is None:
        raise DomainError(_("The source image was deleted. Choose another one."))
    request = OrderRequest(
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
    return order(member, request)


def _clip_before(part: Job) -> Clip:
    if part.extends is None:
        raise DomainError(_("The part before it is no longer here. There is nothing to extend."))
    clip = part.extends.clips.filter(take=part.extends_take or 1).first()
    if clip is None:
        raise DomainError(_("The part before it was not made. Retry that one first."))
    return clip


@transaction.atomic
def stop_chain(member: Member, chain: Chain) -> None:
    """Make no further part; parts on their way are still made, and saved ones are joined."""
    member.require(Permission.CREATE)
    if not Chain.objects.filter(pk=chain.pk, stopped_at=None).update(stopped_at=timezone.now()):
        return
    for part in chain.parts.filter(state=State.PLANNED):
        if part.move(State.CANCELLED, actor=member.user):
            budgets.void(part.public_id, 1, _("never sent"))
    join_soon(chain)
    after_commit(dispatch_joins)


@transaction.atomic
def choose_take(member: Member, part: Job, clip: Clip) -> None:
    """Let a waiting part extend this take of the part before it."""
    member.require(Permission.CREATE)
    before = part.extends
    if before is None or clip.order != before.public_id or before.state != State.SAVED:
        raise DomainError(_("The part before this one is not saved yet."))
    if part.state != State.PLANNED or not go_on(part, take=clip.take):
        raise DomainError(_("This part has begun already."))
    after_commit(dispatch_lanes, [part.account.lane_id])
