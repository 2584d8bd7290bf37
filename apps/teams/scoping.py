"""Rows belong to a team, and a query that names none refuses to run."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

from django.db import models
from django.utils.functional import Promise
from django_scopes import ScopedManager, get_scope, scope, scopes_disabled
from django_scopes.exceptions import ScopeError

from apps.teams.models import Team

M = TypeVar("M", bound="models.Manager[Any]")


def scoped(manager: type[M], *, project: str = "") -> M:
    """Return a manager of this class that sees only the team of the current scope.

    `project` names the column by which a row belongs to a project: rows of projects that are hidden
    from whoever asks are then not there either.
    """
    seen = _without_hidden(manager, project) if project else manager
    scoped_manager: M = ScopedManager(team="team", _manager_class=seen)
    return scoped_manager


def _without_hidden(manager: type[M], project: str) -> type[M]:
    """Return the class of manager that leaves out what belongs to a hidden project."""

    class Seen(manager):  # type: ignore[misc, valid-type]  # a class made from an argument
        path_to_project = project

        def get_queryset(self) -> models.QuerySet[Any]:
            rows: models.QuerySet[Any] = super().get_queryset()
            hidden = hidden_projects()
            if not hidden:
                return rows
            # Spelt out, because NOT IN is never true of a row without a project.
            of_none = models.Q(**{f"{project}__isnull": True})
            return rows.filter(of_none | ~models.Q(**{f"{project}__in": hidden}))

    return Seen


def hidden_projects() -> frozenset[int]:
    """Return the numbers of the projects that the current scope must not show; without a scope, refuse."""
    current = get_scope()
    if not current:
        raise ScopeError("Nobody knows what is hidden outside of all scopes.")
    return current.get("hidden", frozenset()) if current.get("_enabled", True) else frozenset()


def current_team() -> Team | None:
    """Return the team whose scope this is, None outside of all scopes."""
    current = get_scope()
    return current.get("team") if current.get("_enabled", True) else None


def within(team: Team, *, hidden: Collection[int] | None = None) -> Any:
    """Enter a scope: queries inside see this team's rows, without those of hidden projects, and nothing else.

    Inside a scope of the same team, what is hidden there stays hidden unless `hidden` says
    otherwise.
    """
    if hidden is None:
        hidden = hidden_projects() if get_scope().get("team") == team else ()
    return scope(team=team, hidden=frozenset(hidden))


def everywhere() -> Any:
    """Leave all scopes: for rounds, which serve every team."""
    return scopes_disabled()


@dataclass(frozen=True)
class Reassignable:
    """What somebody has to see to: the column that names them, what people call such rows, and which they are."""

    column: str
    label: Promise
    rows: models.Q = field(default_factory=models.Q)


class TeamOwned(models.Model):
    """A row that belongs to a team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+", editable=False)

    # What goes over to somebody else when a person goes; None where a name is history, and stays.
    reassignable: ClassVar["Reassignable | None"] = None

    class Meta:
        abstract = True

    @property
    def kind(self) -> str:
        """What sort of thing this is, in one word, as events keep it."""
        return self._meta.model_name or ""

    @property
    def of_project(self) -> int | None:
        """The number of the project this row belongs to, None where it belongs to the team alone."""
        return getattr(self, "project_id", None)
