"""Amounts and durations as text, for pages, messages and logs."""

from decimal import Decimal

ONE_DECIMAL_BELOW_SECONDS = 9.95  # from here on, a tenth of a second would round to 10.0


def usd(amount: Decimal | None) -> str:
    """Format US dollars with as many cents as there are; "unknown" for None."""
    if amount is None:
        return "unknown"
    exponent = amount.normalize().as_tuple().exponent
    places = max(2, -int(exponent))
    sign = "−" if amount < 0 else ""
    return f"{sign}${abs(amount):,.{places}f}"


def signed_usd(amount: Decimal) -> str:
    """Format a change of a sum in US dollars: +$0.15, −$0.15, or a dash for zero."""
    if not amount:
        return "–"
    sign = "+" if amount > 0 else "−"
    return f"{sign}{usd(abs(amount))}"


def seconds(milliseconds: int | None) -> str:
    """Format a duration: 0.4 s, 12 s, 3 min 5 s; a dash for None."""
    if milliseconds is None:
        return "–"
    total = milliseconds / 1000
    if total < ONE_DECIMAL_BELOW_SECONDS:
        return f"{total:.1f} s"
    minutes, rest = divmod(round(total), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
