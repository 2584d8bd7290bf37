"""What a person can do about people."""

from apps.teams.services.handing import hand_over_work, unfinished_in, work_of
from apps.teams.services.inviting import Asked, InvitationClosed, invite, join, link_of, mail, revoke
from apps.teams.services.people import (
    hand_over_ownership,
    heirs_of,
    is_only_owner,
    leave,
    remove,
    set_role,
)
from apps.teams.services.teams import (
    add_member,
    archive,
    found_another,
    found_team,
    lift_suspension,
    open_again,
    remember_team,
    rename,
    suspend,
)

__all__ = [
    "Asked",
    "InvitationClosed",
    "add_member",
    "archive",
    "found_another",
    "found_team",
    "hand_over_ownership",
    "hand_over_work",
    "heirs_of",
    "invite",
    "is_only_owner",
    "join",
    "leave",
    "lift_suspension",
    "link_of",
    "mail",
    "open_again",
    "remember_team",
    "remove",
    "rename",
    "revoke",
    "set_role",
    "suspend",
    "unfinished_in",
    "work_of",
]
