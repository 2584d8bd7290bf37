"""What a person can do about people."""

from apps.teams.services.teams import add_member, found_team
from apps.teams.services.tokens import deeds_to_give, make_token, revoke_token

__all__ = ["add_member", "deeds_to_give", "found_team", "make_token", "revoke_token"]
