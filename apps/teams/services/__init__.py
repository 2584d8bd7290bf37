"""What a person can do about people."""

from apps.teams.services.originals import set_keeps_originals
from apps.teams.services.teams import add_member, found_team

__all__ = ["add_member", "found_team", "set_keeps_originals"]
