"""The ledger's lines written many at a time."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from apps.budgets.models import Line
from apps.budgets.services.lines import charge_line, missed_line
from apps.budgets.states import Kind


@transaction.atomic
def charge_all(sendings: Iterable[tuple[UUID, int]]) -> None:
    """Charge each sending what was held for it; what is charged already stays as it is.

    Where the money was expected back, it does not come: the vendor has delivered after all.
    """
    wanted = set(sendings)
    lines = Line.objects.filter(order__in={order for order, _number in wanted})
    # Locked by one question, in one order, so that two of these never wait for each other; read by
    # the next, which sees what those wrote who had the lock before.
    list(
        lines.filter(kind=Kind.HOLD).order_by("pk").select_for_update(no_key=True).values_list("pk")
    )
    before: dict[tuple[UUID, int], dict[Kind, Line]] = {}
    for line in lines:
        before.setdefault((line.order, line.sending), {})[Kind(line.kind)] = line
    mine = [kinds for key, kinds in before.items() if key in wanted]
    why = _("The vendor delivered after all.")
    charges = [charge_line(kinds) for kinds in mine if Kind.CHARGE not in kinds]
    missed = [
        missed_line(kinds, why)
        for kinds in mine
        if Kind.REFUND in kinds and Kind.MISSED not in kinds
    ]
    Line.objects.bulk_create(charges + missed)
