"""What a person can do about people."""

from apps.teams.services.proofs import vouch_for
from apps.teams.services.teams import add_member, found_team
from apps.teams.services.welcome import come_in_first, is_welcome, nobody_is_here, write_welcome

__all__ = [
    "add_member",
    "come_in_first",
    "found_team",
    "is_welcome",
    "nobody_is_here",
    "vouch_for",
    "write_welcome",
]
