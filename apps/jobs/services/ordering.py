"""Ordering jobs: one way for one order and for many.

An order is written down with its price on hold, before anything is sent. All orders of one call
share one transaction, one lock of the team and so one budget decision.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from apps.budgets import services as budgets
from apps.budgets.services import OverBudget
from apps.core.errors import DomainError
from apps.core.events import record
from apps.jobs.growth import why_cannot_grow
from apps.jobs.models import Chain, Job, VendorAccount
from apps.jobs.states import State
from apps.jobs.tasks import dispatch_lanes
from apps.jobs.workers import money
from apps.projects.models import Image
from apps.prompts.models import Version
from apps.teams.models import Member
from apps.teams.roles import Permission
from apps.vendors.parameters import check_parameters


class DuplicateOrder(DomainError):
    """The same person ordered the same after this form had been opened, probably in another tab."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.words = _(
            "You have ordered exactly this since you opened this page: {order}. "
            "Press again to order it once more."
        )
        super().__init__(self.words.format(order=job))


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """One order: a job, or a chain whose later prompts are `further`.

    `idempotency_key` comes with the form: the same key with the same content is the same order.
    `last_order_seen` is the number of this person's last job when the form was opened, None where
    nobody asks; see DuplicateOrder.
    """

    idempotency_key: UUID
    account: VendorAccount
    image: Image
    text: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    version: Version | None = None
    rerun_of: Job | None = None
    is_urgent: bool = False
    further: Sequence[str] = ()
    is_stepwise: bool = False
    last_order_seen: int | None = None

    def key(self) -> UUID:
        """Return the key of this order: a form that was changed and sent again is another order."""
        content = [
            self.image.pk,
            self.account.pk,
            self.text,
            dict(self.parameters),
            list(self.further),
        ]
        return uuid5(self.idempotency_key, json.dumps(content, sort_keys=True))

    def why_not(self) -> str:
        """Return why this cannot be ordered; "" where it can."""
        return _why_closed(self.account) or why_cannot_grow(
            self.account.offer, self.parameters, extensions=0, further=len(self.further)
        )

    def content(self) -> dict[str, Any]:
        """Return the columns of the first job that say what is ordered."""
        account = self.account
        values = check_parameters(account.offer, self.parameters)
        rerun_of = self.rerun_of
        if rerun_of and rerun_of.project_id != self.image.project_id:
            rerun_of = None
        return {
            "project": self.image.project,
            "image": self.image,
            "account": account,
            "rerun_of": rerun_of,
            "is_urgent": self.is_urgent,
            "prompt_title": self.version.prompt.title if self.version else "",
            "prompt_number": self.version.number if self.version else None,
            "prompt_text": self.text,
            "vendor": account.kind,
            "model": account.offer.model_of(values),
            "schema_version": account.offer.schema_version,
            "parameters": values,
            "image_sha256": self.image.sha256,
            "image_title": self.image.title,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionRequest:
    """One order that extends a take of a saved job by one part for each prompt."""

    idempotency_key: UUID
    extends: Job
    take: int
    prompts: Sequence[str]
    is_stepwise: bool = False
    last_order_seen: int | None = None

    @property
    def account(self) -> VendorAccount:
        """The account of the job that is extended: no other vendor has that clip."""
        return self.extends.account

    @property
    def further(self) -> Sequence[str]:
        """The prompts of the parts after the first."""
        return self.prompts[1:]

    def key(self) -> UUID:
        """Return the key of this order: a form that was changed and sent again is another order."""
        content = [str(self.extends.public_id), self.take, *self.prompts]
        return uuid5(self.idempotency_key, json.dumps(content))

    def why_not(self) -> str:
        """Return why this cannot be ordered; "" where it can."""
        if not self.prompts:
            return _("Write what happens in at least one more part.")
        job = self.extends
        return _why_closed(job.account) or why_cannot_grow(
            job.account.offer, job.parameters, extensions=job.part, further=len(self.prompts)
        )

    def content(self) -> dict[str, Any]:
        """Return the columns of the first job that say what is ordered."""
        return _content_of_next_part(self.extends, self.take, self.prompts[0])


Request = OrderRequest | ExtensionRequest


def order(member: Member, request: Request) -> Job:
    """Order one job or chain; return its first job, or raise OverBudget or DuplicateOrder."""
    (job,) = order_many(member, [request])
    return job


def order_many(
    member: Member, requests: Iterable[Request], *, up_to_budget: bool = False
) -> list[Job]:
    """Order several jobs or chains; return the first job of each.

    All or nothing: OverBudget and any other refusal leave nothing ordered. With `up_to_budget`,
    the orders before the first one that no budget has room for are kept.
    """
    member.require(Permission.CREATE)
    jobs: list[Job] = []
    with transaction.atomic():
        # Before all else: an order from another tab at this moment is waited for, and then seen.
        budgets.lock_team(member.team)
        for request in requests:
            try:
                with transaction.atomic():
                    jobs.append(_place(member, request))
            except OverBudget:
                if not up_to_budget:
                    raise
                break
        lane_ids = {job.account.lane_id for job in jobs}
        transaction.on_commit(partial(dispatch_lanes, lane_ids), robust=True)
    return jobs


def _place(member: Member, request: Request) -> Job:
    """Write one order down with all its parts, unless it is here already."""
    key = request.key()
    if known := Job.objects.filter(idempotency_key=key).first():
        return known
    if why := request.why_not():
        raise DomainError(why)
    first = _new_job(member, State.QUEUED, idempotency_key=key, **request.content())
    _refuse_duplicate(first, request)
    if request.further or first.extends:
        first.chain = Chain.objects.create(
            team=member.team,
            project=first.project,
            created_by=member.user,
            is_stepwise=request.is_stepwise,
        )
    _buy(member, first, parts=1 + len(request.further))
    part = first
    for text in request.further:
        content = _content_of_next_part(part, 1, text)
        part = _new_job(
            member, State.PLANNED, chain=first.chain, is_urgent=first.is_urgent, **content
        )
        _buy(member, part)
    return first


def _new_job(member: Member, state: State, **facts: Any) -> Job:
    """Return a new job at today's price, not yet saved."""
    price = price_of(facts["account"], facts["parameters"])
    return Job.new(state, team=member.team, created_by=member.user, price=price, **facts)


def _content_of_next_part(before: Job, take: int, text: str) -> dict[str, Any]:
    """Return the content of the part that extends `before`: the same order with its own words."""
    words = {"prompt_text": text, "prompt_title": "", "prompt_number": None}
    return {
        "project": before.project,
        "image": before.image,
        "account": before.account,
        "part": before.part + 1,
        "extends": before,
        "extends_take": take,
        **before.recipe(),
        **words,
    }


def _buy(member: Member, job: Job, parts: int = 1) -> None:
    """Save a job and hold its price; the first of several parts asks for room for all of them."""
    job.save()
    money.hold(job, parts=parts)
    record("ordered", job, actor=member.user)


def _refuse_duplicate(first: Job, request: Request) -> None:
    """Raise DuplicateOrder where this person ordered the same since the form was opened."""
    if request.last_order_seen is None:
        return
    names = ("image", "account", "prompt_text", "parameters", "part", "extends", "extends_take")
    content = {name: getattr(first, name) for name in names}
    own = Job.objects.filter(created_by=first.created_by, pk__gt=request.last_order_seen, **content)
    # A job with the same key is the other half of a double click: that is this order.
    for job in own.exclude(idempotency_key=first.idempotency_key).order_by("-pk"):
        if _words_after(job) == list(request.further):
            raise DuplicateOrder(job)


def _words_after(first: Job) -> list[str]:
    """Return the words of the parts that were ordered together with the first one."""
    if not first.chain_id:
        return []
    parts = Job.objects.filter(chain=first.chain_id, part__gt=first.part)
    return list(parts.order_by("part").values_list("prompt_text", flat=True))


def _why_closed(account: VendorAccount) -> str:
    return "" if account.is_open else _("This vendor account is paused.")


def price_of(account: VendorAccount, parameters: Mapping[str, object]) -> Decimal | None:
    """Return what one job with these parameters costs today in USD; None when nobody says."""
    return budgets.price_of(account.team, account.offer, parameters)
