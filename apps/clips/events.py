"""Events of clips: decisions on them, and the trash."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from apps.clips.states import Verdict
from apps.core.event_registry import (
    Audience,
    Group,
    MailFrequency,
    RoomEvents,
    SubjectKind,
    Topic,
    registry,
    verbs_in,
)

DECISIONS = Group(
    key="decisions", label=_("Decisions and mentions"), position=80, also_verbs=("mentioned",)
)
TRASH = Group(key="trash", label=_("The trash"), position=90)
SHORT_FORMS = {
    "judged": _("%(verdict)s"),
    "trashed": _("Take %(take)s moved to trash"),
    "restored": _("Take %(take)s restored"),
}
DECISION_SENTENCES = {"judged": _("decided on a clip: %(verdict)s")}
TRASH_SENTENCES = {
    "trashed": _("moved a clip to the trash"),
    "restored": _("restored a clip from the trash"),
    "emptied": _("emptied the trash, clips in it: %(count)s"),
    "wiped": _("deleted a clip in the trash for good, with its files"),
}
TOPICS = (
    Topic(
        key="approved",
        label=_("One of my clips is approved"),
        for_webhooks=_("A clip is approved"),
        position=50,
        verb="judged",
        facts={"verdict": str(Verdict.APPROVED)},
        heard_by=Audience.AUTHOR,
        one=_("%(actor)s approved a clip in %(project)s."),
        many=ngettext_lazy(
            "%(count)d clip in %(project)s is approved.",
            "%(count)d clips in %(project)s are approved.",
            "count",
        ),
        many_on="clips",
        mail=MailFrequency.DAILY,
    ),
    Topic(
        key="changes",
        label=_("Changes requested on one of my clips"),
        for_webhooks=_("Changes requested on a clip"),
        position=60,
        verb="judged",
        facts={"verdict": str(Verdict.CHANGES)},
        heard_by=Audience.AUTHOR,
        one=_("%(actor)s requested changes to a clip in %(project)s."),
        mail=MailFrequency.HOURLY,
    ),
)


def register() -> None:
    """Register the events of clips."""
    registry.register(
        RoomEvents(
            groups=(DECISIONS, TRASH),
            verbs=(
                *verbs_in(DECISIONS, DECISION_SENTENCES),
                *verbs_in(TRASH, TRASH_SENTENCES),
            ),
            kinds=(
                SubjectKind(
                    key="clip",
                    label=_("Clip"),
                    model="clips.Clip",
                    linked_by="clip",  # events from before a clip was their subject
                    author_column="author",
                    streamed_as="clips",
                ),
            ),
            topics=TOPICS,
            short_forms=SHORT_FORMS,
            values={str(verdict): verdict.traits.in_log for verdict in Verdict},
        )
    )
