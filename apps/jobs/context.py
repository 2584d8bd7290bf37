"""Facts about the team's vendors for every page."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from apps.jobs.queries import broken_lanes, has_play_money


def vendors_out_of_order(request: HttpRequest) -> dict[str, Any]:
    """Return which vendors are out of order, asked only by pages that show it, and nothing for strangers."""
    # a request refused at the outermost door has nobody yet
    member = getattr(request, "member", None)
    if member is None:
        return {}
    return {"broken_accounts": SimpleLazyObject(lambda: broken_lanes(member.team))}


def play_money(request: HttpRequest) -> dict[str, Any]:
    """Return whether the team orders from a sandbox too, asked only by pages that count its money."""
    member = getattr(request, "member", None)
    if member is None:
        return {}
    return {"has_play_money": SimpleLazyObject(lambda: has_play_money(member.team))}
