"""What a person can do with jobs and vendor accounts. Views call these and nothing else."""

import json
from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.activity.services import record
from apps.core.errors import DomainError
from apps.jobs.models import Clip, Job, VendorAccount
from apps.jobs.states import State, Verdict
from apps.jobs.tasks import hand_on
from apps.projects.models import Image
from apps.prompts.models import Version
from apps.teams.models import Member
from apps.teams.roles import Deed
from apps.teams.scoping import everywhere
from apps.vendors.parameters import checked
from apps.vendors.registry import offer_of
from apps.vendors.types import Value


def order(
    member: Member,
    *,
    ticket: UUID,
    image: Image,
    account: VendorAccount,
    text: str,
    parameters: Mapping[str, object],
    version: Version | None = None,
    again_of: Job | None = None,
) -> Job:
    """Order one job. The same ticket and content again are the same job: a doubled click orders once."""
    member.require(Deed.CREATE)
    ticket = _ticket(ticket, image.pk, account.pk, text, dict(parameters))
    if known := Job.objects.filter(ticket=ticket).first():
        return known
    if not account.is_open:
        raise DomainError(_("This vendor account takes no orders at the moment."))
    values = checked(account.offer, parameters)
    job = Job(
        team=member.team,
        ticket=ticket,
        project=image.project,
        image=image,
        account=account,
        created_by=member.user,
        again_of=again_of,
        price=price_of(account, values),
        state=State.QUEUED,
        next_step_at=timezone.now(),
        **_recipe(image, account, text, values, version),
    )
    return _queued(member, job)


def _recipe(
    image: Image, account: VendorAccount, text: str, values: Mapping[str, Value], version: Version | None
) -> dict[str, Any]:
    return {
        "prompt_title": version.prompt.title if version else "",
        "prompt_number": version.number if version else None,
        "prompt_text": text,
        "vendor": account.kind,
        "model": account.offer.model,
        "schema_version": account.offer.schema_version,
        "parameters": values,
        "image_sha256": image.sha256,
        "image_title": image.title,
    }


def _ticket(form: UUID, *content: object) -> UUID:
    """Return what makes an order itself: its form and what it says. A form changed and sent again is another."""
    return uuid5(form, json.dumps(content, sort_keys=True))


def _queued(member: Member, job: Job) -> Job:
    try:
        with transaction.atomic():
            job.save()
            record(member.team, "ordered", subject=("job", job.public_id), actor=member.user)
            transaction.on_commit(partial(take_next_step, job.pk), robust=True)
    except IntegrityError:  # the other half of a doubled click was a moment earlier
        return Job.objects.get(ticket=job.ticket)
    return job


def take_next_step(job_id: int) -> None:
    """Tell the workers at once what the next round would tell them anyway."""
    with everywhere():
        hand_on(Job.objects.filter(pk=job_id))


def price_of(account: VendorAccount, parameters: Mapping[str, Value]) -> Decimal | None:
    """Return the documented price in USD of one job with these parameters; None when nobody says."""
    return account.offer.prices.get(str(parameters.get("resolution", "")))


def cancel(member: Member, job: Job) -> None:
    """Take back a job that has not been sent."""
    member.require(Deed.CREATE)
    if job.state not in {State.DRAFT, State.QUEUED} or not job.move(State.CANCELLED, actor=member.user):
        raise DomainError(_("This job has been sent: the vendor is at work on it and will charge for it."))


def send_again(member: Member, job: Job) -> None:
    """Send an unconfirmed job once more, by somebody who was told that it may be charged twice."""
    member.require(Deed.CREATE)
    _from_doubt(member, job, State.QUEUED)
    transaction.on_commit(partial(take_next_step, job.pk), robust=True)


def give_up(member: Member, job: Job) -> None:
    """Stop waiting for an unconfirmed job."""
    member.require(Deed.CREATE)
    _from_doubt(member, job, State.FAILED)


def _from_doubt(member: Member, job: Job, to: State) -> None:
    if job.state != State.UNCONFIRMED or not job.move(to, actor=member.user):
        raise DomainError(_("This job is no longer in doubt: look at where it stands now."))


def set_verdict(member: Member, clip: Clip, verdict: Verdict) -> None:
    """Write the team's verdict beside the clip, where lists can find it; the reviews room decides it."""
    Clip.objects.filter(pk=clip.pk).update(verdict=verdict)
    if clip.job:
        subject = ("job", clip.job.public_id)
        record(clip.team_id, "judged", subject=subject, actor=member.user, verdict=str(verdict))


@transaction.atomic
def connect_account(member: Member, *, name: str, kind: str, key: str, base_url: str) -> VendorAccount:
    """Connect a vendor; the key is sealed before it is stored and never shown again."""
    member.require(Deed.CONNECT)
    if VendorAccount.objects.filter(name=name).exists():
        raise DomainError(_("There is an account of that name already."))
    offer_of(kind)
    account = VendorAccount(team=member.team, name=name, kind=kind, base_url=base_url)
    account.set_key(key)
    try:
        with transaction.atomic():
            account.save()
    except IntegrityError:  # the same name, a moment earlier
        raise DomainError(_("There is an account of that name already.")) from None
    return account


def set_open(member: Member, account: VendorAccount, *, is_open: bool) -> None:
    """Let an account take orders, or not; jobs already ordered are followed to their end."""
    member.require(Deed.CONNECT)
    VendorAccount.objects.filter(pk=account.pk).update(is_open=is_open)
