"""Roles and permissions: one table says what each role may do."""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """A person's role in a team, from the highest to the lowest."""

    OWNER = "owner", _("Owner")
    PRODUCER = "producer", _("Producer")
    CREATOR = "creator", _("Creator")
    REVIEWER = "reviewer", _("Reviewer")
    VIEWER = "viewer", _("Viewer")

    def is_above(self, other: "Role") -> bool:
        """Whether this role stands above another."""
        ladder = list(Role)
        return ladder.index(self) < ladder.index(other)

    @property
    def grantable_roles(self) -> "list[Role]":
        """The roles that its holder may give to others: the same one and those below it."""
        return [role for role in Role if not role.is_above(self)]


class Permission(StrEnum):
    """An act that not every member may do; every member may see the team's work."""

    CREATE = "create"  # upload images, write prompts, order jobs
    DECIDE = "decide"  # approve clips, ask for changes
    DISCARD = "discard"  # move clips to the trash, and bring them back
    PLAN = "plan"  # create and change projects
    SPEND = "spend"  # set prices and budgets, see who spent how much
    CONNECT = "connect"  # connect vendor accounts with their keys
    INVITE = "invite"  # invite and remove people, give roles up to one's own
    AUTOMATE = "automate"  # create tokens for scripts
    AUDIT = "audit"  # see and export the audit log
    GOVERN = "govern"  # change the team: name, settings, webhooks, trash, archive


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

# What an archived team still allows.
ALLOWED_WHEN_ARCHIVED = frozenset({Permission.SPEND, Permission.AUDIT, Permission.GOVERN})

# Column titles of the table of roles, in this order.
PERMISSION_NAMES = {
    Permission.CREATE: _("Add and order"),
    Permission.DECIDE: _("Approve clips"),
    Permission.DISCARD: _("Trash clips"),
    Permission.PLAN: _("Plan projects"),
    Permission.SPEND: _("Money"),
    Permission.CONNECT: _("Connect vendors"),
    Permission.INVITE: _("Invite people"),
    Permission.AUTOMATE: _("Create tokens"),
    Permission.AUDIT: _("Audit log"),
    Permission.GOVERN: _("Team settings"),
}

# The message to a person without the permission.
DENIED = {
    Permission.CREATE: _(
        "Your role can look at this team's work but not add to it. "
        "Ask an owner for the creator role."
    ),
    Permission.DECIDE: _("Only reviewers, producers and owners can approve."),
    Permission.DISCARD: _("Only creators, producers and owners can trash or restore clips."),
    Permission.PLAN: _("Only creators, producers and owners can create or change projects."),
    Permission.SPEND: _("Only producers and owners can see prices, budgets and spend."),
    Permission.CONNECT: _("Only owners can connect vendors."),
    Permission.INVITE: _("Only producers and owners can invite or remove people."),
    Permission.AUTOMATE: _("Only creators, producers and owners can create tokens."),
    Permission.AUDIT: _("Only owners can see the audit log."),
    Permission.GOVERN: _("Only owners can change the team."),
}
DENIED_ARCHIVED = _(
    "This team is archived. You can see its work but can't change it. An owner can reopen it."
)
DENIED_TO_TOKEN = _("This token lacks the scope for this. Create one that has it.")


DENIED_SUSPENDED = _("The operators of this installation have suspended this team.")
DENIED_ABOVE = _("You can't change someone above your role, or give a role above your own.")


def permissions_of(role: Role, *, is_archived: bool) -> frozenset[Permission]:
    """Return the permissions of a role, fewer where the team is archived."""
    return PERMISSIONS[role] & ALLOWED_WHEN_ARCHIVED if is_archived else PERMISSIONS[role]
