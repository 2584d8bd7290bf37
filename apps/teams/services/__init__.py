"""What a person can do about people."""

from apps.teams.services.erasing import erase, teams_in_the_way, teams_left_empty
from apps.teams.services.handing import hand_over_work, unfinished_in, work_of
from apps.teams.services.inviting import (
    Asked,
    InvitationClosed,
    invite,
    join,
    link_of,
    mail,
    revoke,
)
from apps.teams.services.keeping import keep_events, keep_trash
from apps.teams.services.originals import set_keeps_originals
from apps.teams.services.people import (
    hand_over_ownership,
    heirs_of,
    is_only_owner,
    leave,
    remove,
    set_role,
)
from apps.teams.services.proofs import vouch_for
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
from apps.teams.services.tokens import grantable_permissions, make_token, revoke_token
from apps.teams.services.welcome import come_in_first, is_welcome, nobody_is_here, write_welcome

__all__ = [
    "Asked",
    "InvitationClosed",
    "add_member",
    "archive",
    "come_in_first",
    "erase",
    "found_another",
    "found_team",
    "grantable_permissions",
    "hand_over_ownership",
    "hand_over_work",
    "heirs_of",
    "invite",
    "is_only_owner",
    "is_welcome",
    "join",
    "keep_events",
    "keep_trash",
    "leave",
    "lift_suspension",
    "link_of",
    "mail",
    "make_token",
    "nobody_is_here",
    "open_again",
    "remember_team",
    "remove",
    "rename",
    "revoke",
    "revoke_token",
    "set_keeps_originals",
    "set_role",
    "suspend",
    "teams_in_the_way",
    "teams_left_empty",
    "unfinished_in",
    "vouch_for",
    "work_of",
    "write_welcome",
]
