"""Ordering jobs: the price is held with the row, before anything is sent."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.budgets import services as budgets
from apps.core.errors import DomainError
from apps.core.events import record
from apps.jobs.models import Chain, Job, VendorAccount
from apps.jobs.states import State
from apps.jobs.tasks import dispatch_due
from apps.jobs.workers import money
from apps.projects.models import Image
from apps.prompts.models import Version
from apps.teams.models import Member
from apps.teams.roles import Permission
from apps.vendors.parameters import checked
from apps.vendors.types import Offer, Value


class DuplicateOrder(DomainError):
    """The same was ordered by the same person after this form had been opened: in another tab, most likely."""

    def __init__(self, job: Job) -> None:
        self.job, self.words = (
            job,
            _(
                "You have ordered exactly this since you opened this page: {order}. Press again to order it once more."
            ),
        )
        super().__init__(self.words.format(order=job))


def order(
    member: Member,
    *,
    idempotency_key: UUID,
    image: Image,
    account: VendorAccount,
    text: str,
    parameters: Mapping[str, object],
    version: Version | None = None,
    rerun_of: Job | None = None,
    is_urgent: bool = False,
    further: Sequence[str] = (),
    is_stepwise: bool = False,
    last_order_seen: int | None = None,
) -> Job:
    """Order one job, or a chain whose later prompts are `further`; return the first job, or raise OverBudget.

    The same idempotency_key and content again are the same order: a doubled click orders once. `last_order_seen` is
    the number of this person's last job when the form was opened: where another form has ordered
    the same since, raise DuplicateOrder.
    """
    member.require(Permission.CREATE)
    idempotency_key = _idempotency_key(
        idempotency_key, image.pk, account.pk, text, dict(parameters), list(further)
    )
    if known := Job.objects.filter(idempotency_key=idempotency_key).first():
        return known
    insist_on_open(account)
    values = checked(account.offer, parameters)
    insist_on_length(account.offer, 0, len(further))
    first = Job(
        team=member.team,
        idempotency_key=idempotency_key,
        created_by=member.user,
        rerun_of=rerun_of if rerun_of and rerun_of.project_id == image.project_id else None,
        is_urgent=is_urgent,
        price=price_of(account, values),
        state=State.QUEUED,
        next_step_at=timezone.now(),
        **_content(image, account, text, values, version),
    )
    return queued(member, first, further, is_stepwise=is_stepwise, last_order_seen=last_order_seen)


def _content(
    image: Image,
    account: VendorAccount,
    text: str,
    values: Mapping[str, Value],
    version: Version | None,
) -> dict[str, Any]:
    return {
        "project": image.project,
        "image": image,
        "account": account,
        "prompt_title": version.prompt.title if version else "",
        "prompt_number": version.number if version else None,
        "prompt_text": text,
        "vendor": account.kind,
        "model": account.offer.model_of(values),
        "schema_version": account.offer.schema_version,
        "parameters": values,
        "image_sha256": image.sha256,
        "image_title": image.title,
    }


def _idempotency_key(form: UUID, *content: object) -> UUID:
    """Return what makes an order itself: its form and what it says. A form changed and sent again is another."""
    return uuid5(form, json.dumps(content, sort_keys=True))


def _insist_on_once(first: Job, further: Sequence[str], last_order_seen: int | None) -> None:
    if last_order_seen is None:
        return
    for job in _same_since(last_order_seen, first):
        if _words_after(job) == list(further):
            raise DuplicateOrder(job)


def _same_since(last_order_seen: int, first: Job) -> QuerySet[Job]:
    """Return what begins as this order does, the latest first.

    Not the other half of a doubled click, which is this order.
    """
    names = ("image", "account", "prompt_text", "parameters", "part", "extends", "extends_take")
    content = {name: getattr(first, name) for name in names}
    own = Job.objects.filter(created_by=first.created_by, pk__gt=last_order_seen, **content)
    return own.exclude(idempotency_key=first.idempotency_key).order_by("-pk")


def _words_after(first: Job) -> list[str]:
    """Return the words of the parts that were ordered together with the first one."""
    parts = Job.objects.filter(chain=first.chain_id, part__gt=first.part)
    words = parts.order_by("part").values_list("prompt_text", flat=True)
    return list(words) if first.chain_id else []


def insist_on_open(account: VendorAccount) -> None:
    """Raise DomainError where an account takes no orders."""
    if not account.is_open:
        raise DomainError(_("This vendor account takes no orders at the moment."))


def insist_on_length(offer: Offer, parts_before: int, further: int) -> None:
    """Raise DomainError where a clip would grow longer than the model can make, or this vendor can't extend."""
    if not further:
        return
    if not offer.extension_seconds:
        raise DomainError(_("%s cannot make a clip longer.") % offer.vendor_name)
    seconds = offer.seconds_of({}, parts_before + further)
    if seconds > offer.max_seconds:
        raise DomainError(
            _("A clip can grow to %(most)s s; this would be %(seconds)s s.")
            % {"most": offer.max_seconds, "seconds": seconds}
        )


def queued(
    member: Member,
    first: Job,
    further: Sequence[str] = (),
    *,
    is_stepwise: bool = False,
    last_order_seen: int | None = None,
) -> Job:
    """Write an order down with the money for all of its parts; the workers hear of it when it is there."""
    try:
        with transaction.atomic():
            # Before all else: a tab that orders at this moment is waited for, and then seen.
            budgets.lock_team(first.team)
            _insist_on_once(first, further, last_order_seen)
            if further or first.extends:
                first.chain = Chain.objects.create(
                    team=member.team,
                    project=first.project,
                    created_by=member.user,
                    is_stepwise=is_stepwise,
                )
            _bought(member, first, parts=1 + len(further))
            before = first
            for text in further:
                before = _part(before, text)
                _bought(member, before)
            transaction.on_commit(dispatch_due, robust=True)
    except IntegrityError:  # the other half of a doubled click was a moment earlier
        known = Job.objects.filter(idempotency_key=first.idempotency_key).first()
        if known is None:
            raise
        return known
    return first


def _bought(member: Member, job: Job, parts: int = 1) -> None:
    """Write a job down and put its money aside; the first of several parts asks whether there is room for all."""
    job.save()
    money.hold(job, parts=parts)
    record("ordered", job, actor=member.user)


def _part(before: Job, text: str) -> Job:
    """Return the part that goes on from `before`: the same order with words of its own."""
    return Job(
        team=before.team,
        project=before.project,
        image=before.image,
        account=before.account,
        created_by=before.created_by,
        is_urgent=before.is_urgent,
        price=before.price,
        chain=before.chain,
        part=before.part + 1,
        extends=before,
        extends_take=1,
        state=State.PLANNED,
        **before.recipe() | {"prompt_text": text, "prompt_title": "", "prompt_number": None},
    )


def price_of(account: VendorAccount, parameters: Mapping[str, object]) -> Decimal | None:
    """Return what one job with these parameters costs today in USD; None when nobody says."""
    return budgets.price_of(account.team, account.offer, parameters)
