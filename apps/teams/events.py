"""Writing down what happens to teams and people: the room that keeps events stands above, so settings name it."""

from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from apps.teams.models import Invitation, Member, Team, User


def record(
    verb: str, subject: Team | Member | Invitation, *, actor: User | None = None, **facts: Any
) -> None:
    """Add one event, in the transaction of the deed."""
    import_string(settings.EVENT_RECORDER)(verb, subject, actor=actor, **facts)
