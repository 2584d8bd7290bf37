"""The filter that shows mentions in a text."""

import re
from collections.abc import Iterable, Mapping

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from apps.activity.mentions import MENTION

register = template.Library()


@register.filter
def mentions(text: str, kept: Iterable[Mapping[str, str]]) -> SafeString:
    """Return a text, escaped, with its kept mentions in bold and their names as titles."""
    names = {one["word"]: one["name"] for one in kept or ()}
    pieces, here = [], 0
    for found in MENTION.finditer(text or ""):
        name = names.get(found.group(1).casefold())
        if name is not None:
            pieces.append(escape(text[here : found.start()]))
            pieces.append(_mention_tag(found, name))
            here = found.end()
    # Every piece is escaped above or by format_html.
    return mark_safe("".join([*pieces, escape((text or "")[here:])]))  # noqa: S308  # nosec B308 B703


def _mention_tag(found: re.Match[str], name: str) -> SafeString:
    return format_html('<b class="mention" title="{}">{}</b>', name, found.group())
