"""Who may do what: one table, role by deed."""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What somebody is in a team."""

    OWNER = "owner", _("Owner")
    PRODUCER = "producer", _("Producer")
    CREATOR = "creator", _("Creator")
    REVIEWER = "reviewer", _("Reviewer")
    VIEWER = "viewer", _("Viewer")


class Deed(StrEnum):
    """Something that not everybody may do; seeing the team's work is open to every member."""

    CREATE = "create"  # upload images, write prompts, order jobs
    DECIDE = "decide"  # approve clips, ask for changes
    PLAN = "plan"  # begin and change projects
    CONNECT = "connect"  # connect vendors: other people's keys and the team's money
    SPEND = "spend"  # set prices and budgets, see what was spent by whom


DEEDS: dict[Role, frozenset[Deed]] = {
    Role.OWNER: frozenset(Deed),
    Role.PRODUCER: frozenset({Deed.CREATE, Deed.DECIDE, Deed.PLAN, Deed.SPEND}),
    Role.CREATOR: frozenset({Deed.CREATE, Deed.PLAN}),
    Role.REVIEWER: frozenset({Deed.DECIDE}),
    Role.VIEWER: frozenset(),
}

# What a person reads who is stopped.
WHY_NOT = {
    Deed.CREATE: _(
        "Your role can look at this team's work but not add to it. Ask an owner for the creator role."
    ),
    Deed.DECIDE: _("Deciding on clips is for reviewers, producers and owners. Ask one of them."),
    Deed.PLAN: _("Projects are begun and changed by creators, producers and owners. Ask one of them."),
    Deed.CONNECT: _("Only an owner can connect vendors. Ask one of them."),
    Deed.SPEND: _("Prices, budgets and what was spent are for producers and owners. Ask one of them."),
}
