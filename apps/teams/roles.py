"""Who may do what: one table, role by permission."""

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


class Permission(StrEnum):
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


PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.PRODUCER: frozenset(
        {
            Permission.CREATE,
            Permission.DECIDE,
            Permission.DISCARD,
            Permission.PLAN,
            Permission.SPEND,
            Permission.INVITE,
            Permission.AUTOMATE,
        }
    ),
    Role.CREATOR: frozenset(
        {Permission.CREATE, Permission.DISCARD, Permission.PLAN, Permission.AUTOMATE}
    ),
    Role.REVIEWER: frozenset({Permission.DECIDE}),
    Role.VIEWER: frozenset(),
}

# What still can be done where nothing is to change any more.
ALLOWED_WHEN_ARCHIVED = frozenset({Permission.SPEND, Permission.AUDIT, Permission.GOVERN})

# What the table of roles calls each permission, in the order of its columns.
PERMISSION_NAMES = {
    Permission.CREATE: _("Add and order"),
    Permission.DECIDE: _("Decide"),
    Permission.DISCARD: _("Trash"),
    Permission.PLAN: _("Plan projects"),
    Permission.SPEND: _("Money"),
    Permission.CONNECT: _("Connect vendors"),
    Permission.INVITE: _("Invite people"),
    Permission.AUTOMATE: _("Make tokens"),
    Permission.AUDIT: _("Audit log"),
    Permission.GOVERN: _("Team settings"),
}

# What a person reads who is stopped.
DENIED = {
    Permission.CREATE: _(
        "Your role can look at this team's work but not add to it. Ask an owner for the creator role."
    ),
    Permission.DECIDE: _(
        "Deciding on clips is for reviewers, producers and owners. Ask one of them."
    ),
    Permission.DISCARD: _(
        "Clips are moved to the trash, and brought back, by creators, producers and owners. Ask one of them."
    ),
    Permission.PLAN: _(
        "Projects are begun and changed by creators, producers and owners. Ask one of them."
    ),
    Permission.SPEND: _(
        "Prices, budgets and what was spent are for producers and owners. Ask one of them."
    ),
    Permission.CONNECT: _("Only an owner can connect vendors. Ask one of them."),
    Permission.INVITE: _(
        "People are asked in, and let go, by producers and owners. Ask one of them."
    ),
    Permission.AUTOMATE: _("Tokens are made by creators, producers and owners. Ask one of them."),
    Permission.AUDIT: _("Who did what is for owners to see. Ask one of them."),
    Permission.GOVERN: _("The team itself is changed by its owners. Ask one of them."),
}
DENIED_ARCHIVED = _(
    "This team is archived: its work can be seen, and nothing changed. An owner can open it again."
)
DENIED_TO_TOKEN = _("This token does not reach that far: make one that may do this too.")


DENIED_SUSPENDED = _("This team is closed by the operators of this installation. Ask them.")
DENIED_ABOVE = _(
    "Somebody above you is not yours to change, and nobody is given more than you are."
)


def permissions_of(role: Role, *, is_archived: bool) -> frozenset[Permission]:
    """Return what a role may do in a team."""
    return PERMISSIONS[role] & ALLOWED_WHEN_ARCHIVED if is_archived else PERMISSIONS[role]
