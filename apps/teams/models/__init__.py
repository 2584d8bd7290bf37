"""Users, teams, members, invitations and tokens."""

from apps.teams.models.first_owner import FirstOwnerClaim
from apps.teams.models.invitations import Invitation
from apps.teams.models.teams import Member, Team
from apps.teams.models.tokens import Token
from apps.teams.models.users import User, UserManager

__all__ = ["FirstOwnerClaim", "Invitation", "Member", "Team", "Token", "User", "UserManager"]
