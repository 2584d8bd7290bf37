"""Rows belong to a team, and a query that names none refuses to run."""

from typing import Any, TypeVar

from django.db import models
from django_scopes import ScopedManager, scope, scopes_disabled

from apps.teams.models import Team

M = TypeVar("M", bound="models.Manager[Any]")


def scoped(manager: type[M]) -> M:
    """Return a manager of this class that sees only the team of the current scope."""
    scoped_manager: M = ScopedManager(team="team", _manager_class=manager)
    return scoped_manager


def within(team: Team) -> Any:
    """Enter a scope: queries inside see this team's rows and nothing else."""
    return scope(team=team)


def everywhere() -> Any:
    """Leave all scopes: for rounds, which serve every team."""
    return scopes_disabled()


class TeamOwned(models.Model):
    """A row that belongs to a team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+", editable=False)

    class Meta:
        abstract = True
