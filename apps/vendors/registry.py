"""All vendors: their offers, their clients, and their webhooks."""

from collections.abc import Mapping, Sequence

from apps.core.errors import DomainError
from apps.vendors.comet.entry import COMET
from apps.vendors.entries import VendorEntry, offer_in
from apps.vendors.offer import Offer, PriceValues
from apps.vendors.types import KeyEncoding, Vendor, WebhookHint
from apps.vendors.wavespeed.entry import WAVESPEED

# One line per vendor.
ENTRIES = (
    WAVESPEED,
    COMET,
)
VENDORS: dict[str, VendorEntry] = {entry.kind: entry for entry in ENTRIES}


def all_offers() -> dict[str, tuple[Offer, ...]]:
    """Return the offers of every vendor, by kind; the default offer of each is the first."""
    return {kind: entry.offers for kind, entry in VENDORS.items()}


def offers_of(kind: str) -> tuple[Offer, ...]:
    """Return the offers of one vendor, the default first."""
    return _entry(kind).offers


def offer_of(kind: str, schema_version: str = "") -> Offer:
    """Return one offer of a vendor; the default where no version is named."""
    return offer_in(offers_of(kind), schema_version)


def price_values_of(
    kind: str, schema_version: str, parameters: Mapping[str, object]
) -> PriceValues:
    """Return the settings that decide an order's price; none where the offer is gone."""
    try:
        offer = offer_of(kind, schema_version)
    except DomainError:
        return ()
    return tuple(offer.price_values(parameters).items())


def get_vendor(
    kind: str, *, base_url: str, api_key: str, schema_version: str = "", allow_private: bool = False
) -> Vendor:
    """Return a new client of an account; its connections open in `async with`.

    With `allow_private` the account may be on this machine or in a private network, at any port.
    """
    offer = offer_of(kind, schema_version)
    return _entry(kind).client(
        base_url=base_url,
        api_key=api_key,
        schema_version=offer.schema_version,
        allow_private=allow_private,
    )


def parse_webhook(
    kind: str,
    headers: Mapping[str, str],
    raw: bytes,
    *,
    secrets: Sequence[str],
    now: float,
    key_encoding: KeyEncoding = "text",
) -> WebhookHint:
    """Return the hint in a webhook of this vendor, or raise BadSignature."""
    parse = _entry(kind).parse_webhook
    return parse(headers, raw, secrets=secrets, now=now, key_encoding=key_encoding)


def _entry(kind: str) -> VendorEntry:
    if kind not in VENDORS:
        known = ", ".join(sorted(VENDORS))
        raise DomainError(f"There is no vendor called “{kind}”; we know {known}.")
    return VENDORS[kind]
