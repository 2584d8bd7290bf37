"""Scopes: rows belong to a team, and a query outside a team's scope refuses to run."""

from collections.abc import Collection
from typing import Any, TypeVar

from django.db import models
from django_scopes import ScopedManager, get_scope, scope, scopes_disabled
from django_scopes.exceptions import ScopeError

from apps.teams.models import Team

M = TypeVar("M", bound="models.Manager[Any]")


def scoped_manager(manager: type[M], *, project: str = "") -> M:
    """Return a manager of this class that sees only the team of the current scope.

    `project` names the column by which a row belongs to a project. Rows of projects that are
    hidden in the current scope are left out.
    """
    chosen = _without_hidden(manager, project) if project else manager
    proxy: M = ScopedManager(team="team", _manager_class=chosen)
    return proxy


def _without_hidden(manager: type[M], project: str) -> type[M]:
    """Return a manager class that leaves out rows of hidden projects."""

    class Visible(manager):  # type: ignore[misc, valid-type]  # a class made from an argument
        path_to_project = project

        def get_queryset(self) -> models.QuerySet[Any]:
            rows: models.QuerySet[Any] = super().get_queryset()
            hidden = hidden_projects()
            if not hidden:
                return rows
            # NOT IN is never true for NULL, so rows without a project need their own condition.
            without_project = models.Q(**{f"{project}__isnull": True})
            return rows.filter(without_project | ~models.Q(**{f"{project}__in": hidden}))

    return Visible


def hidden_projects() -> frozenset[int]:
    """Return the ids of the projects hidden in the current scope; raise without a scope."""
    current = get_scope()
    if not current:
        raise ScopeError("Hidden projects are only known inside a scope.")
    return current.get("hidden", frozenset()) if current.get("_enabled", True) else frozenset()


def current_team() -> Team | None:
    """Return the team of the current scope, None outside all scopes."""
    current = get_scope()
    return current.get("team") if current.get("_enabled", True) else None


def within(team: Team, *, hidden: Collection[int] | None = None) -> Any:
    """Enter the scope of a team, where queries return its rows without hidden projects.

    Inside a scope of the same team, its hidden projects stay hidden unless `hidden` is given.
    """
    if hidden is None:
        hidden = hidden_projects() if get_scope().get("team") == team else ()
    return scope(team=team, hidden=frozenset(hidden))


def everywhere() -> Any:
    """Leave all scopes, for workers that serve every team."""
    return scopes_disabled()


class TeamOwned(models.Model):
    """A row that belongs to a team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+", editable=False)

    class Meta:
        abstract = True

    @property
    def kind(self) -> str:
        """The model's name in lower case, as events store it."""
        return self._meta.model_name or ""

    @property
    def of_project(self) -> int | None:
        """The id of the row's project, None where it belongs to the team alone."""
        return getattr(self, "project_id", None)
