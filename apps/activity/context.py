"""Context of every page: the count of unread notices."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from apps.activity.models import Notice


def unread_notices(request: HttpRequest) -> dict[str, Any]:
    """Return the count of unread notices, read only by pages that show it."""
    # a request that a middleware refused has no member yet
    member = getattr(request, "member", None)
    if member is None:
        return {}
    return {"unread_count": SimpleLazyObject(lambda: Notice.objects.of(member).unread().count())}
