"""The ledger's lines written many at a time, and for what was bought before anybody could be asked."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.budgets.models import Line
from apps.budgets.queries import NOTHING, exact
from apps.budgets.services.ledger import Purchase
from apps.budgets.states import Kind


@transaction.atomic
def hold_anyway(purchase: Purchase, usd: Decimal | None) -> None:
    """Put the price aside without asking any budget: it is bought already, and shall not go uncounted."""
    price = None if usd is None else exact(usd)
    Line.objects.bulk_create(
        [
            Line(
                team=purchase.team,
                order=purchase.order,
                sending=purchase.sending,
                kind=Kind.HOLD,
                usd=price,
                held=price or NOTHING,
                spent=NOTHING,
                project=purchase.project,
                person=purchase.person,
                vendor=purchase.vendor,
                account=purchase.account,
                model=purchase.model,
                resolution=purchase.resolution,
                bought_at=timezone.now(),
            )
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def charge_all(sendings: Iterable[tuple[UUID, int]]) -> None:
    """Charge each sending what was held for it; what is charged already stays as it is.

    Where the money was expected back, it does not come: the vendor has delivered after all.
    """
    wanted = set(sendings)
    lines = Line.objects.filter(order__in={order for order, _number in wanted})
    # Locked by one question, in one order, so that two of these never wait for each other; read by the next,
    # which sees what those wrote who had the lock before.
    list(lines.filter(kind=Kind.HOLD).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    before: dict[tuple[UUID, int], dict[Kind, Line]] = {}
    for line in lines:
        before.setdefault((line.order, line.sending), {})[Kind(line.kind)] = line
    mine = [kinds for key, kinds in before.items() if key in wanted]
    charges = [_charge(kinds) for kinds in mine if Kind.CHARGE not in kinds]
    missed = [_missed(kinds) for kinds in mine if Kind.REFUND in kinds and Kind.MISSED not in kinds]
    Line.objects.bulk_create(charges + missed)


def _charge(kinds: dict[Kind, Line]) -> Line:
    hold = kinds[Kind.HOLD]
    held = sum((line.held for line in kinds.values()), NOTHING)
    return _after(hold, Kind.CHARGE, held=-held, spent=hold.usd or NOTHING)


def _missed(kinds: dict[Kind, Line]) -> Line:
    refund = kinds[Kind.REFUND]
    why = _("The vendor delivered after all.")
    return _after(refund, Kind.MISSED, held=NOTHING, spent=refund.usd or NOTHING, why=why)


def _after(before: Line, kind: Kind, **facts: Any) -> Line:
    names = ("team_id", "order", "sending", "usd", "project_id", "person_id", "vendor", "account", "model")
    same = {name: getattr(before, name) for name in (*names, "resolution", "bought_at")}
    return Line(kind=kind, **same, **facts)
