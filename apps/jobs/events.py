"""Events of jobs and vendor accounts."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from apps.budgets.events import MONEY
from apps.core.event_registry import (
    Audience,
    Group,
    MailFrequency,
    RoomEvents,
    SubjectKind,
    SubjectPage,
    Topic,
    Verb,
    registry,
    verbs_in,
)
from apps.jobs.states import State
from apps.teams.roles import Permission

VENDORS = Group(key="vendors", label=_("Vendor accounts"), position=40)
ORDERS = Group(key="jobs", label=_("Orders"), position=70)
# Left out of the log until somebody asks for it; what a person did by hand counts as an order.
STEPS = Group(
    key="steps", label=_("Steps of jobs"), position=120, is_routine=True, by_hand_in=ORDERS.key
)

ACCOUNT_SENTENCES = {
    "connected": _("connected the vendor account %(name)s"),
    "edited": _("changed the vendor account %(name)s"),
    "key_replaced": _("replaced the key of the vendor account %(name)s"),
    "unlocked": _("activated the vendor account %(name)s"),
    "locked": _("paused the vendor account %(name)s"),
    "limited": _("set the limits of the vendor account %(name)s: %(limits)s"),
    "broke": _("found the vendor of %(name)s out of order: %(words)s"),
    "recovered": _("found the vendor of %(name)s working again"),
    "ran_low": _("found only $%(left)s left on the vendor account %(name)s"),
}
ORDER_SENTENCES = {
    "asked_to_stop": _("asked the vendor to cancel a job"),
    "asked_to_forget": _("asked the vendor to delete a job"),
    "gave_up": _("gave up an unconfirmed job"),
    "named": _("entered a job's id at the vendor: %(id)s"),
    "stopped_fetching": _("stopped retrying the missing clips of a job"),
}
STEP_SENTENCES = {
    "moved": _("moved a job to: %(to)s"),
    "not_stopped": _("learned from the vendor that a job was not cancelled"),
    "forgotten": _("learned from the vendor that a job was deleted there"),
    "not_forgotten": _("could not delete a job at the vendor: %(why)s"),
    "found_twin": _("found the same job at the vendor twice"),
}
MONEY_SENTENCES = {"settled": _("recorded whether the vendor charged for a job: %(was_charged)s")}
SHORT_FORMS = {
    "ordered": _("Ordered"),
    "moved": _("%(to)s"),
    "asked_to_stop": _("Asked the vendor to cancel"),
    "not_stopped": _("The vendor did not cancel it"),
    "asked_to_forget": _("Asked the vendor to delete it"),
    "forgotten": _("Deleted at the vendor"),
    "not_forgotten": _("The vendor did not delete it: %(why)s"),
    "settled": _("Marked as charged: %(was_charged)s"),
    "named": _("Matched to %(id)s at the vendor"),
    "stopped_fetching": _("Stopped downloading missing clips"),
    "gave_up": _("Given up while unconfirmed"),
    "found_twin": _("Found with another job"),
}
STATES = {
    State.PLANNED: _("planned"),
    State.QUEUED: _("queued"),
    State.SUBMITTING: _("submitting"),
    State.UNCONFIRMED: _("unconfirmed"),
    State.AT_VENDOR: _("at vendor"),
    State.SAVING: _("saving"),
    State.SAVED: _("saved"),
    State.MODERATED: _("moderated"),
    State.FAILED: _("failed"),
    State.CANCELLED: _("cancelled"),
}
FORMER_VALUES = {"draft": _("planned")}  # in events from before the state had its name

JOB_TOPICS = (
    Topic(
        key="saved",
        label=_("One of my clips is saved"),
        for_webhooks=_("A clip is saved"),
        position=10,
        verb="moved",
        kind="job",
        facts={"to": str(State.SAVED)},
        heard_by=Audience.AUTHOR,
        one=_("New clip in %(project)s."),
        many=ngettext_lazy(
            "%(count)d new clip in %(project)s.", "%(count)d new clips in %(project)s.", "count"
        ),
        many_on="clips",
    ),
    Topic(
        key="failed",
        label=_("One of my jobs failed"),
        for_webhooks=_("A job failed"),
        position=20,
        verb="moved",
        kind="job",
        facts={"to": str(State.FAILED)},
        heard_by=Audience.AUTHOR,
        one=_("A job in %(project)s failed."),
        many=ngettext_lazy(
            "%(count)d job in %(project)s failed.", "%(count)d jobs in %(project)s failed.", "count"
        ),
        many_on="clips",
        mail=MailFrequency.HOURLY,
    ),
    Topic(
        key="moderated",
        label=_("One of my jobs is moderated"),
        for_webhooks=_("A job is moderated"),
        position=30,
        verb="moved",
        kind="job",
        facts={"to": str(State.MODERATED)},
        heard_by=Audience.AUTHOR,
        one=_("A job in %(project)s was moderated."),
        many=ngettext_lazy(
            "%(count)d job moderated in %(project)s.",
            "%(count)d jobs moderated in %(project)s.",
            "count",
        ),
        many_on="clips",
        mail=MailFrequency.HOURLY,
    ),
    Topic(
        key="unconfirmed",
        label=_("One of my jobs is unconfirmed"),
        for_webhooks=_("A job is unconfirmed"),
        position=40,
        verb="moved",
        kind="job",
        facts={"to": str(State.UNCONFIRMED)},
        heard_by=Audience.AUTHOR,
        one=_("A job in %(project)s is unconfirmed. Check it before resending."),
        mail=MailFrequency.NOW,
    ),
)
ACCOUNT_TOPICS = (
    Topic(
        key="account_broken",
        label=_("A vendor is out of order"),
        for_webhooks=_("A vendor is out of order"),
        position=130,
        verb="broke",
        kind="account",
        heard_by=Permission.CONNECT,
        one=_(
            "The vendor of the account %(name)s is out of order. "
            "Jobs wait and continue automatically."
        ),
        mail=MailFrequency.NOW,
    ),
    Topic(
        key="balance_low",
        label=_("Vendor balance is low"),
        for_webhooks=_("Vendor balance is low"),
        position=140,
        verb="ran_low",
        kind="account",
        heard_by=Permission.SPEND,
        one=_("The balance of the vendor account %(name)s is low: $%(left)s."),
        mail=MailFrequency.DAILY,
    ),
)


def register() -> None:
    """Register this room's events."""
    registry.register(
        RoomEvents(
            groups=(VENDORS, ORDERS, STEPS),
            verbs=(
                *verbs_in(VENDORS, ACCOUNT_SENTENCES),
                Verb(
                    key="ordered", sentence=_("ordered a clip"), group=ORDERS.key, makes_author=True
                ),
                *verbs_in(ORDERS, ORDER_SENTENCES),
                *verbs_in(STEPS, STEP_SENTENCES),
                *verbs_in(MONEY, MONEY_SENTENCES),
            ),
            kinds=(
                SubjectKind(key="job", label=_("Job"), model="jobs.Job", streamed_as="jobs"),
                SubjectKind(key="account", label=_("Vendor account"), model="jobs.VendorAccount"),
            ),
            pages=(
                SubjectPage(kind="job", page="jobs:show"),
                SubjectPage(kind="account", page="jobs:accounts", takes_id=False),
            ),
            topics=JOB_TOPICS + ACCOUNT_TOPICS,
            short_forms=SHORT_FORMS,
            values={str(state): words for state, words in STATES.items()} | FORMER_VALUES,
        )
    )
