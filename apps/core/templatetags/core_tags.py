"""Template tags and filters that every page may use without loading them."""

from collections.abc import Mapping
from typing import Any

from django import template

from apps.core import formatting

register = template.Library()
register.filter("usd", formatting.usd)
register.filter("signed_usd", formatting.signed_usd)
register.filter("seconds", formatting.seconds)


@register.filter
def get(mapping: Mapping[str, Any], key: str) -> Any:
    """Return the value of a key whose name is only known at run time."""
    return mapping.get(key, "")


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """Return this page's query string with some keys changed; None or "" removes a key."""
    params = context["request"].GET.copy()
    params.pop("after", None)
    for key, value in changes.items():
        if value in (None, ""):
            params.pop(key, None)
        else:
            params[key] = str(value)
    return f"?{params.urlencode()}"


@register.simple_tag(takes_context=True)
def without(context: template.Context, key: str) -> str:
    """Return this page's query string without one key whose name is only known at run time."""
    return query(context, **{key: None})
