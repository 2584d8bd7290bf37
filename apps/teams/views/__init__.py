"""Pages about people and teams."""

from apps.teams.views.first_owner import welcome
from apps.teams.views.invitations import invitation, join
from apps.teams.views.me import profile
from apps.teams.views.members import leave, member, remove
from apps.teams.views.people import invite, people, revoke
from apps.teams.views.security import end_others, end_session, security
from apps.teams.views.settings import archive, original_files, reopen, retention, settings, transfer
from apps.teams.views.team_switching import create, go, switch
from apps.teams.views.tokens import revoke_token, tokens

__all__ = [
    "archive",
    "create",
    "end_others",
    "end_session",
    "go",
    "invitation",
    "invite",
    "join",
    "leave",
    "member",
    "original_files",
    "people",
    "profile",
    "remove",
    "reopen",
    "retention",
    "revoke",
    "revoke_token",
    "security",
    "settings",
    "switch",
    "tokens",
    "transfer",
    "welcome",
]
