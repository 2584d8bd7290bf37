"""The pages about people."""

from apps.teams.views.me import profile
from apps.teams.views.people import people
from apps.teams.views.tokens import revoke, tokens

__all__ = ["people", "profile", "revoke", "tokens"]
