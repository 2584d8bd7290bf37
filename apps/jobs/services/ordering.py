"""Ordering jobs: one way for one order and for many.

An order is written down with its price on hold, before anything is sent. All orders of one call
share one transaction, one lock of the team and one budget decision, and their rows are written
together: twenty orders take as many queries as two.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import takewhile, zip_longest
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.budgets import services as budgets
from apps.core.database import after_commit
from apps.core.errors import DomainError
from apps.core.events import record_all
from apps.jobs.growth import why_cannot_grow
from apps.jobs.models import Chain, Job, VendorAccount
from apps.jobs.services.duplicate_orders import refuse_duplicates
from apps.jobs.states import State
from apps.jobs.tasks import dispatch_lanes
from apps.jobs.workers import money
from apps.projects.models import Image
from apps.prompts.models import Version
from apps.teams.models import Member
from apps.teams.roles import Permission
from apps.vendors.parameters import check_parameters


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
    the orders before the first one that a budget has no room for are kept.
    """
    member.require(Permission.CREATE)
    keyed = [(request.key(), request) for request in requests]
    with transaction.atomic():
        # Before all else: an order from another tab at this moment is waited for, and then seen.
        budgets.lock_team(member.team)
        ordered = {job.idempotency_key: job for job in _jobs_with_keys(key for key, _ in keyed)}
        new = {key: request for key, request in keyed if key not in ordered}
        ordered |= _order_new(member, new, up_to_budget=up_to_budget)
        lane_ids = {job.account.lane_id for job in ordered.values()}
        after_commit(dispatch_lanes, lane_ids)
    return [ordered[key] for key, _ in takewhile(lambda one: one[0] in ordered, keyed)]


def _jobs_with_keys(keys: Iterable[UUID]) -> QuerySet[Job]:
    jobs: QuerySet[Job] = Job.objects.filter(idempotency_key__in=list(keys))
    return jobs.select_related("account")


def _order_new(
    member: Member, requests: Mapping[UUID, Request], *, up_to_budget: bool
) -> dict[UUID, Job]:
    """Write these orders down with all their parts; return the first job of each by its key."""
    for request in requests.values():
        if why := request.why_not():
            raise DomainError(why)
    prices = _PriceList()
    orders = [_parts_of(member, key, request, prices) for key, request in requests.items()]
    seen = [request.last_order_seen for request in requests.values()]
    refuse_duplicates(
        member.user,
        [(number, parts) for number, parts in zip(seen, orders, strict=True) if number is not None],
    )
    count = money.hold_orders(orders, up_to_budget=up_to_budget)
    _save(member, orders[:count])
    return {parts[0].idempotency_key: parts[0] for parts in orders[:count]}


class _PriceList:
    """Today's prices, each asked for once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str, str], Decimal | None] = {}

    def price_of(self, account: VendorAccount, parameters: Mapping[str, object]) -> Decimal | None:
        """Return what one job with these parameters costs; None where unknown."""
        offer = account.offer
        key = account.pk, offer.model_of(parameters), offer.variant_for(parameters)
        if key not in self._known:
            self._known[key] = price_of(account, parameters)
        return self._known[key]


def _parts_of(member: Member, key: UUID, request: Request, prices: _PriceList) -> list[Job]:
    """Return the jobs of one order, the first of them to be sent at once; none is saved yet."""

    def new_job(state: State, **facts: Any) -> Job:
        price = prices.price_of(facts["account"], facts["parameters"])
        return Job.new(state, team=member.team, created_by=member.user, price=price, **facts)

    first = new_job(State.QUEUED, idempotency_key=key, **request.content())
    if request.further or first.extends:
        first.chain = Chain(
            team=member.team,
            project=first.project,
            created_by=member.user,
            is_stepwise=request.is_stepwise,
        )
    parts = [first]
    for text in request.further:
        content = _content_of_next_part(parts[-1], 1, text)
        parts.append(
            new_job(State.PLANNED, chain=first.chain, is_urgent=first.is_urgent, **content)
        )
    return parts


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


def _save(member: Member, orders: Sequence[Sequence[Job]]) -> None:
    """Save the jobs of some orders with their chains, in as many queries as an order has parts."""
    Chain.objects.bulk_create(parts[0].chain for parts in orders if parts[0].chain)
    # A part refers to the part before it, which is saved first.
    for jobs in zip_longest(*orders):
        Job.objects.bulk_create(job for job in jobs if job)
    record_all("ordered", [job for parts in orders for job in parts], actor=member.user)


def _why_closed(account: VendorAccount) -> str:
    return "" if account.is_open else _("This vendor account is paused.")


def price_of(account: VendorAccount, parameters: Mapping[str, object]) -> Decimal | None:
    """Return what one job with these parameters costs today in USD; None where unknown."""
    return budgets.price_of(account.team, account.offer, parameters)
