"""Guards of forms that must not act twice, or on something that has changed meanwhile.

A page may be open in two tabs, a button may be pressed twice, and a price may change while
somebody reads. Each form carries hidden fields that say what its page knew:

* `idempotency_key`: made with the form; the same form sent twice is one order.
* `last_order_seen`: this person's last job. If the same was ordered since, the form asks first.
* `last_submission_seen`: the last submission of a job. If it was sent again since, nothing is sent.
* `last_decision_seen`: the last decision on a clip. If there is a newer one, the form asks first.
* `quoted_price`: the price on the button. If it has changed, nothing is ordered.

A form without such a field, or with one that cannot be read, knows nothing: see each function.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from uuid import UUID

LARGEST_NUMBER = 2**63 - 1


def idempotency_key_in(posted: Mapping[str, str]) -> UUID | None:
    """Return the form's key; None where it has none that can be read."""
    try:
        return UUID(posted.get("idempotency_key", ""))
    except ValueError:
        return None


def number_seen(posted: Mapping[str, str], field: str) -> int | None:
    """Return the number that a page had last seen; None where its form does not say."""
    text = posted.get(field, "")
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        return None
    number = int(text)
    return number if number <= LARGEST_NUMBER else None


def is_quoted(posted: Mapping[str, str], price: Decimal | None) -> bool:
    """Whether the price on the button is still right; an unknown price is quoted as "None"."""
    text = posted.get("quoted_price", "")
    if text == "None":
        return price is None
    try:
        return price is not None and Decimal(text) == price
    except InvalidOperation:
        return False
