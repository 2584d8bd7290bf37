"""Template tags and filters that every page may use without loading them."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from apps.core import formatting
from apps.core.slots import Link, links_in, panels_in

register = template.Library()
register.filter("usd", formatting.usd)
register.filter("signed_usd", formatting.signed_usd)
register.filter("seconds", formatting.seconds)


@register.filter
def get(mapping: Mapping[str, Any], key: str) -> Any:
    """Return the value of a key whose name is only known at run time."""
    return mapping.get(key, "")


@register.simple_tag(takes_context=True)
def query(context: template.Context, *, drop: Iterable[str] = (), **changes: Any) -> str:
    """Return this page's query string with some keys changed; None or "" removes a key.

    `drop` are more keys to remove, whose names are only known at run time.
    """
    params = context["request"].GET.copy()
    for key in ("after", *drop):
        params.pop(key, None)
    for key, value in changes.items():
        if value in (None, ""):
            params.pop(key, None)
        else:
            params[key] = str(value)
    return f"?{params.urlencode()}"


@register.simple_tag(takes_context=True)
def without(context: template.Context, key: str) -> str:
    """Return this page's query string without one key whose name is only known at run time."""
    return query(context, drop=[key])


@register.simple_tag(takes_context=True)
def links(context: template.Context, slot: str) -> list[Link]:
    """Return the links in a menu that this page's reader may see."""
    return links_in(slot, context["request"])


@register.simple_tag(takes_context=True)
def panels(context: template.Context, slot: str, about: Any = None) -> SafeString:
    """Return the panels in a place of this page, each rendered by the room that fills it."""
    request = context["request"]
    shown = panels_in(slot, request, about)
    # Each piece is the output of a template, which escapes what it shows.
    html = "".join(render_to_string(one.template, dict(one.context), request) for one in shown)
    return mark_safe(html)  # noqa: S308  # nosec B308 B703
