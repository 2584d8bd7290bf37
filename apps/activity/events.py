"""Events of webhooks, exports, mentions and the log itself."""

from django.utils.translation import gettext_lazy as _

from apps.core.event_registry import (
    Audience,
    Group,
    MailFrequency,
    RoomEvents,
    SubjectKind,
    SubjectPage,
    Topic,
    Verb,
    Words,
    registry,
    verbs_in,
)
from apps.teams.events import MACHINES, TEAM
from apps.teams.roles import Permission

EXPORTS = Group(key="exports", label=_("Exports"), position=100)

WEBHOOK_SENTENCES = {
    "hook_made": _("created the webhook %(name)s to %(host)s"),
    "hook_changed": _("changed the webhook %(name)s to %(host)s"),
    "hook_removed": _("deleted the webhook %(name)s"),
    "hook_tested": _("sent a test to the webhook %(name)s"),
    "hook_failed": _("switched off the webhook %(name)s, which failed for days"),
}
OTHER_VERBS = (
    Verb(key="exported", sentence=_("exported %(what)s as %(format)s"), group=EXPORTS.key),
    Verb(
        key="forgot",
        sentence=_("deleted %(count)s events older than %(days)s days"),
        group=TEAM.key,
    ),
    Verb(key="mentioned", sentence=_("mentioned %(names)s")),
)
VALUES: dict[str, Words] = {
    "True": _("yes"),
    "False": _("no"),
    "audit": _("the audit log"),
    "csv": "CSV",
    "json": "JSON",
}
TOPICS = (
    Topic(
        key="mentioned",
        label=_("Someone mentions me"),
        position=80,
        verb="mentioned",
        heard_by=Audience.NAMED,
        one=_("%(actor)s mentioned you in %(project)s."),
        mail=MailFrequency.NOW,
    ),
    Topic(
        key="hook_off",
        label=_("A webhook is switched off"),
        position=150,
        verb="hook_failed",
        kind="hook",
        heard_by=Permission.GOVERN,
        one=_("The webhook %(name)s failed for days and was switched off."),
        mail=MailFrequency.NOW,
    ),
)


def register() -> None:
    """Register this room's events."""
    registry.register(
        RoomEvents(
            groups=(EXPORTS,),
            verbs=(*verbs_in(MACHINES, WEBHOOK_SENTENCES), *OTHER_VERBS),
            kinds=(SubjectKind(key="hook", label=_("Webhook"), model="activity.Webhook"),),
            pages=(SubjectPage(kind="hook", page="activity:webhook"),),
            topics=TOPICS,
            values=VALUES,
        )
    )
