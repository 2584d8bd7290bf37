"""Events of budgets, prices and the ledger."""

from django.utils.translation import gettext_lazy as _

from apps.core.event_registry import (
    Group,
    MailFrequency,
    RoomEvents,
    SubjectKind,
    SubjectPage,
    Topic,
    registry,
    verbs_in,
)
from apps.teams.roles import Permission

MONEY = Group(key="money", label=_("Money"), position=50)

SENTENCES = {
    "set": _("set a budget of $%(limit)s"),
    "changed": _("changed a budget to $%(limit)s"),
    "ended": _("ended a budget of $%(limit)s"),
    "warned": _("saw the budget of %(whose)s pass its warning level: %(percent)s %% used"),
    "used_up": _("saw the budget of %(whose)s used up"),
    "priced": _("set the price of %(model)s %(resolution)s to $%(usd)s (%(source)s)"),
    "missed": _("recorded that a refund of $%(usd)s is missing"),
    "stated": _("recorded that a job of unknown price cost $%(usd)s"),
}
SHORT_FORMS = {
    "missed": _("Refund missing"),
    "stated": _("Cost entered: $%(usd)s"),
}
TOPICS = (
    Topic(
        key="budget_warned",
        label=_("A budget passes its warning level"),
        for_webhooks=_("A budget passes its warning level"),
        position=110,
        verb="warned",
        kind="budget",
        heard_by=Permission.SPEND,
        one=_("The budget of %(whose)s is past its warning level: %(percent)s %% used."),
        mail=MailFrequency.DAILY,
    ),
    Topic(
        key="budget_stopped",
        label=_("A budget is used up"),
        for_webhooks=_("A budget is used up"),
        position=120,
        verb="used_up",
        kind="budget",
        heard_by=Permission.SPEND,
        one=_("The budget of %(whose)s is used up. New orders against it are blocked."),
        mail=MailFrequency.NOW,
    ),
)


def register() -> None:
    """Register this room's events."""
    registry.register(
        RoomEvents(
            groups=(MONEY,),
            verbs=verbs_in(MONEY, SENTENCES),
            short_forms=SHORT_FORMS,
            kinds=(SubjectKind(key="budget", label=_("Budget"), model="budgets.Budget"),),
            pages=(SubjectPage(kind="budget", page="budgets:budgets", takes_id=False),),
            topics=TOPICS,
            values={"money": _("the ledger")},
        )
    )
