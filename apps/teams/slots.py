"""Slots of this room: menus, pages, and steps when a member leaves or is erased."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.db.models import Model, Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.core.event_registry import Words
from apps.core.slots import Link, Slot, link_slot, panel_slot
from apps.teams.models import Member, User


@dataclass(frozen=True, slots=True)
class OpenWork:
    """Rows that a successor gets when a member leaves: a model, and its column of the person.

    The label is what people call these rows; `rows` says which of them are still open.
    """

    model: type[Model]
    column: str
    label: Words
    rows: Q = field(default_factory=Q)


# What a member who leaves hands over; in rows of all other models, names are history.
OPEN_WORK: Slot[OpenWork] = Slot("teams.open_work")
# Called with the member who leaves, their successor and the actor, before the member is removed.
LEAVING: Slot[Callable[[Member, Member, User], None]] = Slot("teams.leaving")
# Called with the user, to take their name and addresses out of the rooms above.
ERASING: Slot[Callable[[User], None]] = Slot("teams.erasing")

ACCOUNT_MENU = link_slot("teams.account_menu")
TABS = link_slot("teams.tabs")
PERSONAL_TABS = link_slot("teams.personal_tabs")
# What is unfinished when a team is archived; the panels get the team.
ARCHIVING = panel_slot("teams.archiving")


def is_member(request: HttpRequest) -> bool:
    """Whether the person of this request is in a team."""
    return getattr(request, "member", None) is not None


def register() -> None:
    """Put this room's own pages in its menus."""
    TABS.fill("people", Link(key="people", label=_("People"), page="teams:people"), position=10)
    TABS.fill(
        "settings", Link(key="settings", label=_("Settings"), page="teams:settings"), position=20
    )
    own_pages = (
        ("profile", _("Profile"), "teams:profile", 10, is_member),
        ("security", _("Sign-in and security"), "teams:security", 30, lambda _request: True),
        ("tokens", _("Tokens"), "teams:tokens", 40, is_member),
    )
    for key, label, page, position, is_shown in own_pages:
        link = Link(key=key, label=label, page=page, is_shown=is_shown)
        PERSONAL_TABS.fill(key, link, position=position)
