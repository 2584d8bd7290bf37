"""Events of teams and their people, as the log and notifications say them."""

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
    registry,
    verbs_in,
)

ACCESS = Group(key="access", label=_("Signing in"), position=10)
PEOPLE = Group(key="people", label=_("People and roles"), position=20)
TEAM = Group(key="team", label=_("The team itself"), position=30)
MACHINES = Group(key="machines", label=_("Tokens and webhooks"), position=110)

ACCESS_SENTENCES = {
    "signed_in": _("signed in"),
    "sign_in_failed": _("failed to sign in"),
    "signed_out": _("signed out"),
    "password_changed": _("changed the password"),
    "address_changed": _("changed the email"),
    "factor_added": _("added a second sign-in step"),
    "factor_removed": _("removed a second sign-in step"),
    "sign_on_linked": _("linked single sign-on"),
    "sign_on_unlinked": _("unlinked single sign-on"),
    "session_ended": _("ended a session"),
}
PEOPLE_SENTENCES = {
    "invited": _("invited %(email)s"),
    "revoked": _("withdrew an invitation"),
    "joined": _("joined the team"),
    "role_changed": _("changed the role of %(person)s to %(role)s"),
    "handed_over": _("transferred ownership of the team to %(person)s"),
    "passed_on": _("transferred a leaving member's work to %(person)s"),
}
TEAM_SENTENCES = {
    "founded": _("created the team %(name)s"),
    "archived": _("archived the team"),
    "kept_events": _("set how long this log is kept"),
    "kept_trash": _("set how long the trash is kept, in days: %(days)s"),
    "opened": _("reopened the team"),
    "renamed": _("renamed it to %(name)s"),
}
MACHINE_SENTENCES = {
    "token_made": _("created the token %(name)s"),
    "token_revoked": _("revoked the token %(name)s"),
}
# Events after which a member may have lost access to the live stream.
ENDINGS = (
    Verb(
        key="removed",
        sentence=_("removed %(person)s from the team"),
        group=PEOPLE.key,
        ends_streams=True,
    ),
    Verb(key="left", sentence=_("left the team"), group=PEOPLE.key, ends_streams=True),
    Verb(key="suspended", sentence=_("suspended the team"), group=TEAM.key, ends_streams=True),
)
TOPICS = (
    Topic(
        key="role_changed",
        label=_("My role changes"),
        position=100,
        verb="role_changed",
        kind="member",
        heard_by=Audience.SUBJECT,
        one=_("%(actor)s changed your role in %(team)s."),
        mail=MailFrequency.NOW,
    ),
)


def register() -> None:
    """Register this room's events."""
    registry.register(
        RoomEvents(
            groups=(ACCESS, PEOPLE, TEAM, MACHINES),
            verbs=(
                *verbs_in(ACCESS, ACCESS_SENTENCES),
                *verbs_in(PEOPLE, PEOPLE_SENTENCES),
                *verbs_in(TEAM, TEAM_SENTENCES),
                *verbs_in(MACHINES, MACHINE_SENTENCES),
                *ENDINGS,
            ),
            kinds=(
                SubjectKind(key="team", label=_("Team")),
                SubjectKind(key="member", label=_("Member"), model="teams.Member"),
                SubjectKind(key="user", label=_("Person")),
                SubjectKind(key="invitation", label=_("Invitation")),
                SubjectKind(key="token", label=_("Token")),
            ),
            pages=(SubjectPage(kind="member", page="teams:people", takes_id=False),),
            topics=TOPICS,
        )
    )
