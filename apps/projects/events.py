"""Events of projects and their images."""

from django.utils.translation import gettext_lazy as _

from apps.core.event_registry import (
    Audience,
    Group,
    MailFrequency,
    RoomEvents,
    SubjectKind,
    SubjectPage,
    Topic,
    registry,
    verbs_in,
)
from apps.teams.events import PEOPLE

WORK = Group(key="work", label=_("Projects, images and prompts"), position=60)

PROJECT_SENTENCES = {
    "began": _("created the project %(name)s"),
    "made_private": _("made the project private"),
    "made_open": _("opened the project to the whole team"),
    "added": _("added the image %(title)s"),
}
# These verbs have other sentences for other kinds of subjects.
OWN_SENTENCES = {
    "changed": _("changed the project %(name)s"),
    "renamed": _("renamed the project to %(name)s"),
    "opened": _("opened the project to the whole team"),
}
MEMBER_SENTENCES = {
    "let_in": _("added %(person)s to the private project"),
    "let_out": _("removed someone from the private project"),
    "let_go": _("removed %(person)s from the private project"),
}
TOPICS = (
    Topic(
        key="let_in",
        label=_("I'm added to a private project"),
        position=90,
        verb="let_in",
        heard_by=Audience.NAMED,
        one=_("%(actor)s added you to %(project)s."),
        mail=MailFrequency.NOW,
    ),
)


def register() -> None:
    """Register this room's events."""
    registry.register(
        RoomEvents(
            groups=(WORK,),
            verbs=(
                *verbs_in(WORK, PROJECT_SENTENCES),
                *verbs_in(WORK, OWN_SENTENCES, kind="project"),
                *verbs_in(PEOPLE, MEMBER_SENTENCES),
            ),
            kinds=(
                SubjectKind(key="project", label=_("Project"), model="projects.Project"),
                SubjectKind(key="image", label=_("Image")),
            ),
            pages=(SubjectPage(kind="project", page="projects:show"),),
            topics=TOPICS,
        )
    )
