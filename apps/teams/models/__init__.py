"""People, teams, and who is what in which team."""

from apps.teams.models.teams import Member, Team
from apps.teams.models.tokens import Token
from apps.teams.models.users import User, UserManager
from apps.teams.models.welcome import Welcome

__all__ = ["Member", "Team", "Token", "User", "UserManager", "Welcome"]
