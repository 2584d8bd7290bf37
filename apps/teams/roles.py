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

    def is_above(self, other: "Role") -> bool:
        """Whether this role stands above another: they are written down from the highest to the lowest."""
        ladder = list(Role)
        return ladder.index(self) < ladder.index(other)

    @property
    def and_below(self) -> "list[Role]":
        """What its holder may give to others: the same, or something under it."""
        return [role for role in Role if not role.is_above(self)]


class Deed(StrEnum):
    """Something that not everybody may do; seeing the team's work is open to every member."""

    CREATE = "create"  # upload images, write prompts, order jobs
    DECIDE = "decide"  # approve clips, ask for changes
    DISCARD = "discard"  # move clips to the trash, and bring them back
    PLAN = "plan"  # begin and change projects
    SPEND = "spend"  # set prices and budgets, see what was spent by whom
    CONNECT = "connect"  # connect vendors: other people's keys and the team's money
    INVITE = "invite"  # ask people in, give them roles up to one's own, let them go
    AUTOMATE = "automate"  # make tokens for machines
    AUDIT = "audit"  # see and export who did what, and from where
    # the team itself: its name, its settings, its outgoing hooks, its trash, its end
    GOVERN = "govern"


DEEDS: dict[Role, frozenset[Deed]] = {
    Role.OWNER: frozenset(Deed),
    Role.PRODUCER: frozenset(
        {Deed.CREATE, Deed.DECIDE, Deed.DISCARD, Deed.PLAN, Deed.SPEND, Deed.INVITE, Deed.AUTOMATE}
    ),
    Role.CREATOR: frozenset({Deed.CREATE, Deed.DISCARD, Deed.PLAN, Deed.AUTOMATE}),
    Role.REVIEWER: frozenset({Deed.DECIDE}),
    Role.VIEWER: frozenset(),
}

# What still can be done where nothing is to change any more.
OF_ARCHIVED = frozenset({Deed.SPEND, Deed.AUDIT, Deed.GOVERN})

# What the table of roles calls each deed, in the order of its columns.
DEED_NAMES = {
    Deed.CREATE: _("Add and order"),
    Deed.DECIDE: _("Decide"),
    Deed.DISCARD: _("Trash"),
    Deed.PLAN: _("Plan projects"),
    Deed.SPEND: _("Money"),
    Deed.CONNECT: _("Connect vendors"),
    Deed.INVITE: _("Invite people"),
    Deed.AUTOMATE: _("Make tokens"),
    Deed.AUDIT: _("Audit log"),
    Deed.GOVERN: _("Team settings"),
}

# What a person reads who is stopped.
WHY_NOT = {
    Deed.CREATE: _(
        "Your role can look at this team's work but not add to it. Ask an owner for the creator role."
    ),
    Deed.DECIDE: _("Deciding on clips is for reviewers, producers and owners. Ask one of them."),
    Deed.DISCARD: _(
        "Clips are moved to the trash, and brought back, by creators, producers and owners. Ask one of them."
    ),
    Deed.PLAN: _(
        "Projects are begun and changed by creators, producers and owners. Ask one of them."
    ),
    Deed.SPEND: _(
        "Prices, budgets and what was spent are for producers and owners. Ask one of them."
    ),
    Deed.CONNECT: _("Only an owner can connect vendors. Ask one of them."),
    Deed.INVITE: _("People are asked in, and let go, by producers and owners. Ask one of them."),
    Deed.AUTOMATE: _("Tokens are made by creators, producers and owners. Ask one of them."),
    Deed.AUDIT: _("Who did what is for owners to see. Ask one of them."),
    Deed.GOVERN: _("The team itself is changed by its owners. Ask one of them."),
}
WHY_NOT_ARCHIVED = _(
    "This team is archived: its work can be seen, and nothing changed. An owner can open it again."
)
WHY_NOT_BY_TOKEN = _("This token does not reach that far: make one that may do this too.")


WHY_NOT_SUSPENDED = _("This team is closed by the operators of this installation. Ask them.")
WHY_NOT_ABOVE = _(
    "Somebody above you is not yours to change, and nobody is given more than you are."
)


def deeds_of(role: Role, *, is_archived: bool) -> frozenset[Deed]:
    """Return what a role may do in a team."""
    return DEEDS[role] & OF_ARCHIVED if is_archived else DEEDS[role]
