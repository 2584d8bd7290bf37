"""What a person can do about people."""

from apps.teams.services.proofs import vouch_for
from apps.teams.services.teams import add_member, found_team
from apps.teams.services.tokens import deeds_to_give, make_token, revoke_token
from apps.teams.services.welcome import come_in_first, is_welcome, nobody_is_here, write_welcome

__all__ = [
    "add_member",
    "come_in_first",
    "deeds_to_give",
    "found_team",
    "is_welcome",
    "make_token",
    "nobody_is_here",
    "revoke_token",
    "vouch_for",
    "write_welcome",
]
