"""What every page tells a member about their notices."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from apps.activity.models import Notice


def unread_notices(request: HttpRequest) -> dict[str, Any]:
    """Return how many notices this person has not read, counted by pages that show it, nothing for strangers."""
    # a request refused at the outermost door has nobody yet
    member = getattr(request, "member", None)
    if member is None:
        return {}
    return {"unread_count": SimpleLazyObject(lambda: Notice.objects.of(member).unread().count())}
