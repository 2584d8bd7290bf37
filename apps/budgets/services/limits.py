"""Budgets: set, change, end."""

from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.budgets.models import Budget
from apps.budgets.states import Period
from apps.core.errors import DomainError
from apps.core.events import record
from apps.projects.models import Project
from apps.teams.models import Member, User
from apps.teams.roles import Permission


@transaction.atomic
def set_budget(
    member: Member,
    *,
    project: Project | None = None,
    person: User | None = None,
    period: Period,
    limit_usd: Decimal,
    warn_percent: int = 80,
) -> Budget:
    """Limit the spending of the team, a project or a person; one budget per period."""
    member.require(Permission.SPEND)
    budget = Budget(
        team=member.team,
        project=project,
        person=person,
        period=period,
        limit_usd=limit_usd,
        warn_percent=warn_percent,
        created_by=member.user,
    )
    try:
        with transaction.atomic():
            budget.save()
    except IntegrityError:
        raise DomainError(_("This budget already exists. Change it or end it first.")) from None
    _record(member, budget, "set")
    return budget


@transaction.atomic
def change_budget(member: Member, budget: Budget, *, limit_usd: Decimal, warn_percent: int) -> None:
    """Raise or lower a budget, from the next order on."""
    member.require(Permission.SPEND)
    budget.limit_usd = limit_usd
    budget.warn_percent = warn_percent
    budget.save(update_fields=["limit_usd", "warn_percent"])
    _record(member, budget, "changed")


@transaction.atomic
def end_budget(member: Member, budget: Budget) -> None:
    """End a budget; it limits nothing any more."""
    member.require(Permission.SPEND)
    if Budget.objects.filter(pk=budget.pk, is_active=True).update(is_active=False):
        _record(member, budget, "ended")


def _record(member: Member, budget: Budget, verb: str) -> None:
    facts = {"limit": str(budget.limit_usd), "warn_percent": budget.warn_percent}
    record(verb, budget, actor=member.user, **facts)
