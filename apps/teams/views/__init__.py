"""The pages about people."""

from apps.teams.views.me import profile
from apps.teams.views.originals import originals
from apps.teams.views.people import people

__all__ = ["originals", "people", "profile"]
