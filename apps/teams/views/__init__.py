"""The pages about people."""

from apps.teams.views.me import profile
from apps.teams.views.people import people

__all__ = ["people", "profile"]
