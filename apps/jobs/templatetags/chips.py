"""The tag that shows where a job stands."""

from django import template
from django.utils.safestring import SafeString

from apps.core.looks import UNKNOWN_VALUE, Look
from apps.core.templatetags.components import chip
from apps.jobs.states import State

register = template.Library()
STATE_LOOKS: dict[str, Look] = {
    State.PLANNED: Look("draft"),
    State.QUEUED: Look("queued"),
    State.SUBMITTING: Look("send", "accent"),
    State.AT_VENDOR: Look("cloud", "accent"),
    "still_at_vendor": Look("hourglass", "warn"),
    State.SAVING: Look("download", "accent"),
    State.SAVED: Look("saved", "good"),
    State.MODERATED: Look("shield", "held"),
    State.FAILED: Look("alert", "bad"),
    State.UNCONFIRMED: Look("question", "warn"),
    State.CANCELLED: Look("ban"),
}


@register.simple_tag
def state_chip(value: str, label: str) -> SafeString:
    """Return where a job stands."""
    look = STATE_LOOKS.get(value, UNKNOWN_VALUE)
    return chip(label, icon=look.icon, tone=look.tone, value=value)
