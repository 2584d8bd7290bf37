"""The pages about people and their teams."""

from apps.teams.views.choosing import choose, found, go
from apps.teams.views.invitations import invitation, join
from apps.teams.views.me import profile
from apps.teams.views.members import leave, member, remove
from apps.teams.views.people import invite, people, revoke
from apps.teams.views.settings import archive, hand_over, open_again, settings

__all__ = [
    "archive",
    "choose",
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
    "settings",
]
