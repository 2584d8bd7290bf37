"""Finds one generation among those that a vendor sells."""

from collections.abc import Sequence

from apps.vendors.errors import Refused
from apps.vendors.types import Offer


def offer_in(offers: Sequence[Offer], schema_version: str = "") -> Offer:
    """Return the generation of this version, the first where none is named, or raise Refused."""
    for offer in offers:
        if schema_version in {"", offer.schema_version}:
            return offer
    known = ", ".join(offer.schema_version for offer in offers)
    raise Refused(f"{offers[0].vendor_name} has no schema “{schema_version}”; we know {known}.")
