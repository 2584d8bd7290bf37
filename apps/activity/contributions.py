"""Contributions of this room to the room of teams."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.activity.workers.erasing import erase_person
from apps.core.slots import Link
from apps.teams.roles import Permission
from apps.teams.slots import ERASING, PERSONAL_TABS, TABS, is_member


def register() -> None:
    """Add the log, webhooks and notification settings, and erase people from events."""
    ERASING.fill("events", erase_person)
    log = Link(key="log", label=_("Audit log"), page="activity:log", is_shown=_may_audit)
    webhooks = Link(
        key="webhooks", label=_("Webhooks"), page="activity:webhooks", is_shown=_may_govern
    )
    notifications = Link(
        key="notifications",
        label=_("Notifications"),
        page="activity:preferences",
        is_shown=is_member,
    )
    TABS.fill("log", log, position=30)
    TABS.fill("webhooks", webhooks, position=40)
    PERSONAL_TABS.fill("notifications", notifications, position=20)


def _may_audit(request: HttpRequest) -> bool:
    return is_member(request) and request.member.may(Permission.AUDIT)  # type: ignore[attr-defined]


def _may_govern(request: HttpRequest) -> bool:
    return is_member(request) and request.member.may(Permission.GOVERN)  # type: ignore[attr-defined]
