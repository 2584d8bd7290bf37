"""Template filters of prompt texts."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.prompts.language import VARIABLE

register = template.Library()


@register.filter
def mark_variables(text: str) -> SafeString:
    """Return the text as HTML, with its variables marked and each default behind its name."""
    pieces: list[SafeString] = []
    end = 0
    for match in VARIABLE.finditer(text):
        pieces += [
            format_html("{}", text[end : match.start()]),
            _variable_tag(match[1], (match[2] or "").strip()),
        ]
        end = match.end()
    return format_html_join(
        "", "{}", ((piece,) for piece in [*pieces, format_html("{}", text[end:])])
    )


def _variable_tag(name: str, default: str) -> SafeString:
    if not default:
        return format_html('<span class="variable">{}</span>', name)
    return format_html(
        '<span class="variable">{}<span class="variable__default">{}</span></span>', name, default
    )
