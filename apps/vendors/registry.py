"""Where the rest of the house gets a vendor, and what each vendor offers."""

from collections.abc import Callable, Mapping, Sequence

from apps.core.errors import DomainError
from apps.vendors.comet import schema as comet
from apps.vendors.comet import webhooks as comet_webhooks
from apps.vendors.comet.client import Comet
from apps.vendors.offers import offer_in
from apps.vendors.types import Derivation, Offer, PriceValues, Vendor, WebhookHint
from apps.vendors.wavespeed import schema as wavespeed
from apps.vendors.wavespeed import webhooks as wavespeed_webhooks
from apps.vendors.wavespeed.client import WaveSpeed

# A vendor is one line in each of these three; of its offers the first is the default.
OFFERS: dict[str, tuple[Offer, ...]] = {"wavespeed": wavespeed.OFFERS, "comet": comet.OFFERS}
CLIENTS: dict[str, Callable[..., Vendor]] = {"wavespeed": WaveSpeed, "comet": Comet}
WEBHOOKS: dict[str, Callable[..., WebhookHint]] = {
    "wavespeed": wavespeed_webhooks.parse_webhook,
    "comet": lambda _headers, raw, **_: comet_webhooks.parse_webhook(raw),  # it signs nothing
}


def offers_of(kind: str) -> tuple[Offer, ...]:
    """Return every generation of what the vendor of this kind sells, the default first."""
    if kind not in OFFERS:
        known = ", ".join(sorted(OFFERS))
        raise DomainError(f"There is no vendor called “{kind}”; we know {known}.")
    return OFFERS[kind]


def offer_of(kind: str, schema_version: str = "") -> Offer:
    """Return one generation of what the vendor of this kind sells: the default where none is named."""
    return offer_in(offers_of(kind), schema_version)


def price_values_of(
    kind: str, schema_version: str, parameters: Mapping[str, object]
) -> PriceValues:
    """Return the settings that decide an order's price; none where the offer is not sold any more."""
    try:
        offer = offer_of(kind, schema_version)
    except DomainError:
        return ()
    return tuple(offer.price_values(parameters).items())


def get_vendor(
    kind: str, *, base_url: str, api_key: str, schema_version: str = "", allow_private: bool = False
) -> Vendor:
    """Return a new client of this account; its connections open in `async with`.

    `allow_private`: it may be on this machine, in a private network and at any port.
    """
    offer = offer_of(kind, schema_version)
    return CLIENTS[kind](
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
    derivation: Derivation = "text",
) -> WebhookHint:
    """Return what a call in the name of this vendor says, or raise BadSignature."""
    offers_of(kind)
    return WEBHOOKS[kind](headers, raw, secrets=secrets, now=now, derivation=derivation)
