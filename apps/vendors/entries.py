"""A vendor's entry in the registry, and the choice among the offers of one vendor."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from apps.vendors.errors import Refused
from apps.vendors.offer import Offer
from apps.vendors.types import Vendor, WebhookHint


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorEntry:
    """Everything the registry needs of a vendor; of its offers the first is the default."""

    offers: tuple[Offer, ...]
    client: Callable[..., Vendor]
    # Headers, raw body, secrets, now, key encoding -> hint; raises BadSignature.
    parse_webhook: Callable[..., WebhookHint]

    @property
    def kind(self) -> str:
        """The vendor's key, such as `wavespeed`."""
        return self.offers[0].vendor


def offer_in(offers: Sequence[Offer], schema_version: str = "") -> Offer:
    """Return the offer of this version, the first where none is named, or raise Refused."""
    for offer in offers:
        if schema_version in {"", offer.schema_version}:
            return offer
    known = ", ".join(offer.schema_version for offer in offers)
    raise Refused(f"{offers[0].vendor_name} has no schema “{schema_version}”; we know {known}.")
