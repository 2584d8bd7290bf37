"""Contributions of this room to the rooms below it."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.core.slots import Link, Panel
from apps.jobs.models import Chain, Job
from apps.jobs.queries.unfinished import unfinished_counts
from apps.jobs.states import UNFINISHED
from apps.teams.slots import ACCOUNT_MENU, ARCHIVING, OPEN_WORK, OpenWork, is_member


def register() -> None:
    """Add vendor accounts to the account menu, and unfinished work to archiving and leaving."""
    accounts = Link(
        key="accounts",
        label=_("Vendor accounts"),
        page="jobs:accounts",
        icon="plug",
        is_shown=is_member,
    )
    ACCOUNT_MENU.fill("accounts", accounts)
    ARCHIVING.fill("jobs", _unfinished_jobs)
    chains = OpenWork(Chain, "created_by", _("longer clips"))
    jobs = OpenWork(Job, "created_by", _("jobs not yet finished"), Q(state__in=UNFINISHED))
    OPEN_WORK.fill("chains", chains, position=30)
    OPEN_WORK.fill("jobs", jobs, position=40)


def _unfinished_jobs(request: HttpRequest, team: Any) -> Panel | None:  # noqa: ARG001  # owners
    queued, running = unfinished_counts(team)
    counts = {"queued": queued, "running": running}
    return Panel("jobs/unfinished.html", {"team": team, **counts}) if queued or running else None
