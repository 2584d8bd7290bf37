"""Services about people, teams, invitations and tokens."""

from apps.teams.services.email_verification import mark_email_verified
from apps.teams.services.erasing import erase, teams_needing_an_owner, teams_without_others
from apps.teams.services.first_owner import (
    create_first_owner,
    has_no_users,
    is_first_owner_token,
    new_first_owner_token,
)
from apps.teams.services.inviting import (
    InvitationClosed,
    InvitationRequest,
    invitation_link,
    invite,
    join,
    mail,
    revoke,
)
from apps.teams.services.people import (
    is_only_owner,
    leave,
    remove,
    set_role,
    successors_of,
    transfer_ownership,
)
from apps.teams.services.reassigning import reassign_work, reassignable_counts
from apps.teams.services.retention import set_event_days, set_keep_originals, set_trash_days
from apps.teams.services.teams import (
    add_member,
    archive,
    create_another_team,
    create_team,
    lift_suspension,
    lock_team,
    remember_team,
    rename,
    reopen,
    suspend,
)
from apps.teams.services.tokens import create_token, grantable_permissions, revoke_token

__all__ = [
    "InvitationClosed",
    "InvitationRequest",
    "add_member",
    "archive",
    "create_another_team",
    "create_first_owner",
    "create_team",
    "create_token",
    "erase",
    "grantable_permissions",
    "has_no_users",
    "invitation_link",
    "invite",
    "is_first_owner_token",
    "is_only_owner",
    "join",
    "leave",
    "lift_suspension",
    "lock_team",
    "mail",
    "mark_email_verified",
    "new_first_owner_token",
    "reassign_work",
    "reassignable_counts",
    "remember_team",
    "remove",
    "rename",
    "reopen",
    "revoke",
    "revoke_token",
    "set_event_days",
    "set_keep_originals",
    "set_role",
    "set_trash_days",
    "successors_of",
    "suspend",
    "teams_needing_an_owner",
    "teams_without_others",
    "transfer_ownership",
]
