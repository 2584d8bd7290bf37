"""Contributions of this room to the room of teams."""

from django.utils.translation import gettext_lazy as _

from apps.core.slots import Link
from apps.teams.slots import PERSONAL_TABS


def register() -> None:
    """Add the page of a person's own data to their settings."""
    privacy = Link(key="privacy", label=_("Privacy"), page="operations:privacy")
    PERSONAL_TABS.fill("privacy", privacy, position=50)
