"""Tags that show where a job stands, what a team decided and what a clip shows."""

from typing import NamedTuple

from django import template
from django.utils.safestring import SafeString

from apps.clips.states import Nsfw, Verdict
from apps.core.templatetags.components import chip
from apps.jobs.states import State

register = template.Library()


class Look(NamedTuple):
    """The icon and the tone of a value; its words come with the value."""

    icon: str
    tone: str = ""


UNKNOWN_VALUE = Look("question")
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
VERDICT_LOOKS: dict[str, Look] = {
    Verdict.UNDECIDED: Look("eye", "accent"),
    Verdict.CHANGES: Look("edit", "warn"),
    Verdict.APPROVED: Look("check", "good"),
}
NSFW_LOOKS: dict[str, Look] = {
    Nsfw.CLEAR: Look("eye", "good"),
    Nsfw.FLAGGED: Look("flag", "bad"),
    Nsfw.UNKNOWN: Look("question", "warn"),
}


@register.simple_tag
def state_chip(value: str, label: str) -> SafeString:
    """Return where a job stands."""
    return _chip(STATE_LOOKS, value, label)


@register.simple_tag
def verdict_chip(value: str, label: str) -> SafeString:
    """Return what the team decided on a clip."""
    return _chip(VERDICT_LOOKS, value, label)


@register.simple_tag
def nsfw_chip(value: str, label: str) -> SafeString:
    """Return what a check found in a clip."""
    return _chip(NSFW_LOOKS, value, label)


def _chip(looks: dict[str, Look], value: str, label: str) -> SafeString:
    look = looks.get(value, UNKNOWN_VALUE)
    return chip(label, icon=look.icon, tone=look.tone, value=value)
