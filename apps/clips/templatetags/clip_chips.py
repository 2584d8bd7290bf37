"""Tags that show what a team decided on a clip, and what a check found in it."""

from django import template
from django.utils.safestring import SafeString

from apps.clips.states import NSFW_LOOKS, Verdict
from apps.core.looks import UNKNOWN_VALUE
from apps.core.templatetags.components import chip

register = template.Library()


@register.simple_tag
def verdict_chip(value: str) -> SafeString:
    """Return what the team decided on a clip."""
    verdict = Verdict.of(value)
    look = verdict.traits.look
    return chip(str(verdict.label), icon=look.icon, tone=look.tone, value=value)


@register.simple_tag
def nsfw_chip(value: str, label: str) -> SafeString:
    """Return what a check found in a clip."""
    look = NSFW_LOOKS.get(value, UNKNOWN_VALUE)
    return chip(label, icon=look.icon, tone=look.tone, value=value)


@register.simple_tag
def verdicts_with_buttons() -> list[Verdict]:
    """Return the verdicts that a person can choose, the usual one first."""
    return [verdict for verdict in Verdict if verdict.traits.button]
