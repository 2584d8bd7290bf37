"""What a person can do about people."""

from apps.teams.services.teams import add_member, found_team

__all__ = ["add_member", "found_team"]
