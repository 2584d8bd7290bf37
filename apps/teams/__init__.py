"""Users, teams, roles, invitations and tokens."""
