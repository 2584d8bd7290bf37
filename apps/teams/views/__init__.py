"""The pages about people and their teams."""

from apps.teams.views.choosing import choose, found, go
from apps.teams.views.invitations import invitation, join
from apps.teams.views.me import profile
from apps.teams.views.members import leave, member, remove
from apps.teams.views.people import invite, people, revoke
from apps.teams.views.security import end_others, end_session, security
from apps.teams.views.settings import archive, hand_over, open_again, settings
from apps.teams.views.tokens import revoke_token, tokens
from apps.teams.views.welcome import welcome

__all__ = [
    "archive",
    "choose",
    "end_others",
    "end_session",
    "found",
    "go",
    "hand_over",
    "invitation",
    "invite",
    "join",
    "leave",
    "member",
    "open_again",
    "people",
    "profile",
    "remove",
    "revoke",
    "revoke_token",
    "security",
    "settings",
    "tokens",
    "welcome",
]
