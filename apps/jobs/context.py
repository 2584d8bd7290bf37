"""Facts about the team's vendors for every page."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from apps.jobs.queries import broken_lanes, has_play_money


def vendors_out_of_order(request: HttpRequest) -> dict[str, Any]:
    """Return the vendors out of order, queried only by pages that show them; none for strangers."""
    # A request that a middleware refused has no member.
    member = getattr(request, "member", None)
    if member is None:
        return {}
    return {"broken_accounts": SimpleLazyObject(lambda: broken_lanes(member.team))}


def play_money(request: HttpRequest) -> dict[str, Any]:
    """Return whether the team has a sandbox account, queried only by pages about money."""
    member = getattr(request, "member", None)
    if member is None:
        return {}
    return {"has_play_money": SimpleLazyObject(lambda: has_play_money(member.team))}
