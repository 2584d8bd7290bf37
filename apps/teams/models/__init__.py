"""People, teams, and who is what in which team."""

from apps.teams.models.teams import Member, Team
from apps.teams.models.tokens import Token
from apps.teams.models.users import User, UserManager

__all__ = ["Member", "Team", "Token", "User", "UserManager"]
