"""Small words for templates."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import template

register = template.Library()


@register.filter
def usd(amount: Decimal | None) -> str:
    """Write an amount of US dollars with as many cents as it has; "unknown" when there is none."""
    if amount is None:
        return "unknown"
    cents = amount.normalize()
    places = max(2, -int(cents.as_tuple().exponent))
    sign = "−" if amount < 0 else ""
    return f"{sign}${abs(amount):,.{places}f}"


@register.filter
def signed(amount: Decimal) -> str:
    """Write what an amount of US dollars does to a sum: +$0.15, −$0.15, or a dash for nothing."""
    if not amount:
        return "–"
    return f"{'+' if amount > 0 else '−'}{usd(abs(amount))}"


@register.filter
def seconds(milliseconds: int | None) -> str:
    """Write milliseconds as people say them: 0.4 s, 12 s, 3 min 5 s."""
    if milliseconds is None:
        return "–"
    total = milliseconds / 1000
    if total < 9.95:
        return f"{total:.1f} s"
    minutes, rest = divmod(round(total), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


@register.filter
def get(mapping: Mapping[str, Any], key: str) -> Any:
    """Look a key up whose name is only known at run time."""
    return mapping.get(key, "")


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """Return this page's query string with some keys changed; None or "" takes a key away."""
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
