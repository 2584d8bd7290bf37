"""The pages about people."""

from apps.teams.views.founding import found
from apps.teams.views.me import profile
from apps.teams.views.people import people
from apps.teams.views.security import end_others, end_session, security
from apps.teams.views.tokens import revoke, tokens
from apps.teams.views.welcome import welcome

__all__ = [
    "end_others",
    "end_session",
    "found",
    "people",
    "profile",
    "revoke",
    "security",
    "tokens",
    "welcome",
]
