"""People, teams, who is what in which team, and who is asked in."""

from apps.teams.models.invitations import Invitation
from apps.teams.models.teams import Member, Team
from apps.teams.models.tokens import Token
from apps.teams.models.users import User, UserManager
from apps.teams.models.welcome import Welcome

__all__ = ["Invitation", "Member", "Team", "Token", "User", "UserManager", "Welcome"]
