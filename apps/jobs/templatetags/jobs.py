"""Template tags and filters for jobs."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.activity.models import Event
from apps.activity.sentences import short_form
from apps.jobs.queries import last_order_of

register = template.Library()
DAY, HOUR, MINUTE = 86_400, 3_600, 60


@register.simple_tag
def new_idempotency_key() -> UUID:
    """Return a new idempotency key for an order form: the same form sent twice is one order."""
    return uuid4()


@register.simple_tag(takes_context=True)
def last_order_seen(context: template.RequestContext) -> int:
    """Return the number of this person's last job, queried once for all forms of a page."""
    request: Any = context.request
    if not hasattr(request, "last_order_seen"):
        request.last_order_seen = last_order_of(request.member)
    last_order_seen: int = request.last_order_seen
    return last_order_seen


@register.filter
def in_short(event: Event) -> str:
    """Return an event in a few words."""
    return short_form(event.verb, event.facts, event.subject_kind)


@register.filter
def time_left(until: datetime) -> str:
    """Return the time left in its largest unit, rounded down: 6 d, 5 h, 12 min."""
    total = max(0, int((until - timezone.now()).total_seconds()))
    if total >= DAY:
        return _("%s d") % (total // DAY)
    return _("%s h") % (total // HOUR) if total >= HOUR else _("%s min") % (total // MINUTE)
