"""Teams and their members."""

import uuid
from urllib.parse import urlencode

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.core.errors import NotAllowed
from apps.teams.models.users import User
from apps.teams.roles import (
    DENIED,
    DENIED_ARCHIVED,
    DENIED_SUSPENDED,
    DENIED_TO_TOKEN,
    Permission,
    Role,
    permissions_of,
)
from apps.teams.states import TeamStatus

TRASH_DAYS = [
    (1, _("1 day")),
    (7, _("7 days")),
    (30, _("30 days")),
    (90, _("90 days")),
    (365, _("1 year")),
]
EVENT_DAYS = [
    (90, _("90 days")),
    (365, _("1 year")),
    (730, _("2 years")),
    (2555, _("7 years")),
]


class Team(models.Model):
    """People who share projects, prompts, vendors and money."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=100)
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=TeamStatus.choices,
        default=TeamStatus.ACTIVE,
        editable=False,
    )
    # The operators' reason for a suspension, and the status before it.
    suspension_reason = models.TextField(blank=True, editable=False)
    status_before_suspension = models.CharField(
        max_length=10, choices=TeamStatus.choices, blank=True, editable=False
    )
    # Days that events are kept; None for forever.
    event_days = models.PositiveIntegerField(
        _("keep the audit log for"), null=True, blank=True, choices=EVENT_DAYS
    )
    # Days that trashed clips can be restored.
    trash_days = models.PositiveSmallIntegerField(
        _("keep the trash for"), default=30, db_default=30, choices=TRASH_DAYS
    )
    keeps_originals = models.BooleanField(
        _("keep original files"),
        default=False,
        help_text=_(
            "Also keep each file as it was uploaded. Anyone who can add work can download it. "
            "It is never sent to a vendor. It keeps its metadata, which often says where and when "
            "the photo was taken."
        ),
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=TeamStatus.values), name="team_status_is_known"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_archived(self) -> bool:
        """Whether it is open for reading only."""
        return self.status == TeamStatus.ARCHIVED

    @property
    def is_suspended(self) -> bool:
        """Whether the operators have suspended it."""
        return self.status == TeamStatus.SUSPENDED

    def link_to(self, path: str) -> str:
        """Return a URL for mails to a page of this team; it offers to switch to the team."""
        redirect = reverse("teams:go", args=[self.public_id])
        return f"{settings.PUBLIC_URL}{redirect}?{urlencode({'next': path})}"

    @property
    def team_id(self) -> int:
        """Its own id: events about a team belong to that team."""
        return self.pk

    kind = "team"
    of_project = None


class Member(models.Model):
    """A person in a team, with a role."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "user"], name="member_once_per_team"),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="member_role_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()}, {self.team})"

    kind = "member"
    of_project = None

    # The permissions of the token that acts for this member; None in a session.
    token_permissions: frozenset[Permission] | None = None

    @property
    def permissions(self) -> frozenset[Permission]:
        """The permissions of this member."""
        if self.team.is_suspended:
            return frozenset()
        permissions = permissions_of(Role(self.role), is_archived=self.team.is_archived)
        return (
            permissions if self.token_permissions is None else permissions & self.token_permissions
        )

    @property
    def is_machine(self) -> bool:
        """Whether a token acts for this member."""
        return self.token_permissions is not None

    def may(self, permission: Permission) -> bool:
        """Whether this member has `permission`."""
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Raise NotAllowed, with the reason, unless this member has `permission`."""
        if self.may(permission):
            return
        if self.team.is_suspended:
            raise NotAllowed(str(DENIED_SUSPENDED))
        if permission not in permissions_of(Role(self.role), is_archived=False):
            raise NotAllowed(str(DENIED[permission]))
        raise NotAllowed(str(DENIED_ARCHIVED if self.team.is_archived else DENIED_TO_TOKEN))

    def may_change(self, other: "Member") -> bool:
        """Whether this member may change the role of `other`, or remove them."""
        return self.may(Permission.INVITE) and not Role(other.role).is_above(Role(self.role))

    @property
    def can(self) -> dict[str, bool]:
        """The permissions by name, for templates: `{% if request.member.can.create %}`."""
        return {permission.value: self.may(permission) for permission in Permission}
