"""Contributions of this room to the rooms below it."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.core.slots import Link, Panel
from apps.jobs.queries.unfinished import unfinished_counts
from apps.teams.slots import ACCOUNT_MENU, ARCHIVING, is_member


def register() -> None:
    """Add vendor accounts to the account menu, and unfinished jobs to a team's archiving."""
    accounts = Link(
        key="accounts",
        label=_("Vendor accounts"),
        page="jobs:accounts",
        icon="plug",
        is_shown=is_member,
    )
    ACCOUNT_MENU.fill("accounts", accounts)
    ARCHIVING.fill("jobs", _unfinished_jobs)


def _unfinished_jobs(request: HttpRequest, team: Any) -> Panel | None:  # noqa: ARG001  # owners
    queued, running = unfinished_counts(team)
    counts = {"queued": queued, "running": running}
    return Panel("jobs/unfinished.html", {"team": team, **counts}) if queued or running else None
